# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The pages for developers of the collection name files, tests, targets and imports that exist, and leave none out."""

from __future__ import annotations

import ast
import re

import pytest

from ansible_collections.qcloud.crs.tests.docs.documents import PLUGINS, ROOT, links, read

FOLDER = ROOT / "docs" / "development"
PAGES = sorted(FOLDER.rglob("*.md"))
DECISIONS = sorted((FOLDER / "decisions").glob("0*.md"))
TRAPS = FOLDER / "api-traps.md"
TESTS = sorted((ROOT / "tests").rglob("test_*.py"))
#: Parts of Ansible that are documented for collections.
PUBLIC = re.compile(
    r"ansible\.(constants|errors\.\w+|module_utils\.\S+|plugins\.(action|inventory)\.\S+|utils\.display\.Display)$"
)
every_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)


def test_names():
    """Return the names of all test functions."""
    return {name for path in TESTS for name in re.findall(r"^ *def (test_\w+)\(", read(path), re.M)}


test_names.__test__ = False


def trap_rows():
    """Return ``{X1: text of its row}``."""
    return dict(re.findall(r"^\| (X\d+) \| (.+)$", read(TRAPS), re.M))


def imported(path):
    """Yield the full names that a file imports from Ansible."""
    for node in ast.walk(ast.parse(read(path))):
        if isinstance(node, ast.ImportFrom) and node.level == 0 and (node.module or "").split(".")[0] == "ansible":
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


@every_page
def test_relative_links_lead_to_a_file(page):
    relative = [link.partition("#")[0] for link in links(page) if not link.startswith("https://")]
    assert [link for link in relative if link and not (page.parent / link).is_file()] == []


@every_page
def test_paths_exist(page):
    named = re.findall(r"`((?:plugins|tests|docs|roles|playbooks|meta|changelogs)/[\w./-]+)`", read(page))
    assert [path for path in named if not (ROOT / path).exists()] == []


@every_page
def test_files_of_packages_exist(page):
    """Such as ``_http/client.py``: below module_utils or plugin_utils."""
    named = set(re.findall(r"`(?:(?:module|plugin)_utils/)?(_\w+/[\w/]+\.\w+|_\w+\.py)`", read(page)))
    folders = (PLUGINS / "module_utils", PLUGINS / "plugin_utils", *PLUGINS.glob("module_utils/_*/"))
    folders += tuple(PLUGINS.glob("plugin_utils/_*/"))
    assert [path for path in named if not any((folder / path).exists() for folder in folders)] == []


@every_page
def test_make_has_the_targets(page):
    targets = set(re.findall(r"^([a-z-]+):", read(ROOT / "Makefile"), re.M))
    targets |= set(re.search(r"^STEPS := (.+)$", read(ROOT / "Makefile"), re.M)[1].split())
    assert set(re.findall(r"(?<=[`\n])make ([a-z-]+)", read(page))) - targets == set()


@every_page
def test_modules_to_mutate_exist(page):
    known = re.findall(r'^    "(\w+)": "', read(ROOT / "tests" / "tools" / "mutation.py"), re.M)
    named = [name for names in re.findall(r'MODULES="([^"]+)"', read(page)) for name in names.split()]
    assert [name for name in named if name not in known] == []


@every_page
def test_tests_exist(page):
    named = set(re.findall(r"`(test_\w+)`", read(page)))
    assert named - test_names() == set()
    files = {path.name for path in TESTS}
    assert set(re.findall(r"`(test_\w+\.py)`", read(page))) - files == set()


def test_each_trap_has_a_test_that_plays_it():
    assert list(trap_rows()) == [f"X{number}" for number in range(1, 26)]
    assert [trap for trap, row in trap_rows().items() if not re.search(r"`test_\w+`", row)] == []


def test_each_test_of_a_trap_is_in_its_row():
    for name in test_names():
        for number in re.findall(r"_x(\d+)(?=_)", name):
            assert f"`{name}`" in trap_rows()[f"X{number}"]


def test_each_package_is_in_the_architecture():
    text = read(FOLDER / "architecture.md")
    for folder in ("module_utils", "plugin_utils"):
        packages = {path.name for path in (PLUGINS / folder).glob("_*/") if any(path.rglob("*.py"))}
        assert packages
        assert [name for name in packages if f"| `{folder}/{name}` |" not in text] == []


def imports():
    """Return ``{file: files}`` of what the collection's files import of each other; what only a type checker reads is left out."""
    paths = {path.relative_to(PLUGINS).with_suffix("").parts: path for path in PLUGINS.rglob("*.py")}
    found = {parts: set() for parts in paths}
    for parts, path in paths.items():
        tree = ast.parse(read(path))
        guards = [
            node for node in ast.walk(tree) if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test)
        ]
        unread = {node for guard in guards for inner in guard.body for node in ast.walk(inner)}
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and node.level and node not in unread:
                origin = (*parts[: len(parts) - node.level], *(node.module.split(".") if node.module else ()))
                named = [(*origin, alias.name) for alias in node.names]
                found[parts] |= {name if name in paths else origin for name in named}
    return found


def package(parts):
    return parts[1] if parts[0] in ("module_utils", "plugin_utils") else parts[0]


def test_no_file_imports_itself_through_others():
    waiting = imports()
    assert any(waiting.values())
    while True:
        done = {parts for parts, needed in waiting.items() if not needed & set(waiting)}
        if not done:
            break
        waiting = {parts: needed for parts, needed in waiting.items() if parts not in done}
    assert waiting == {}


def test_each_arrow_of_the_picture_is_an_import():
    drawn = set(re.findall(r"^ +(\w+) --> (\w+)$", read(FOLDER / "architecture.md"), re.M))
    there = {(package(parts), package(other)) for parts, needed in imports().items() for other in needed}
    assert len(drawn) > 20 and drawn - there == set()


def test_each_import_is_an_arrow_of_the_picture_or_follows_from_some():
    text = read(FOLDER / "architecture.md")
    reached = set(re.findall(r"^ +(\w+) --> (\w+)$", text, re.M))
    left_out = re.search(r"what many packages use\n\(([^)]+)\)", text)[1]
    while True:
        further = {(first, last) for first, middle in reached for other, last in reached if other == middle} - reached
        if not further:
            break
        reached |= further
    there = {(package(parts), package(other)) for parts, needed in imports().items() for other in needed}
    assert [
        pair
        for pair in sorted(there - reached)
        if pair[0] != pair[1] and pair[1] != "plugin_utils" and f"`{pair[1]}.py`" not in left_out
    ] == []


def test_each_page_is_reached_from_contributing():
    """From CONTRIBUTING, or from a page that it leads to."""
    first = {link.rpartition("/")[2] for link in links(ROOT / "CONTRIBUTING.md")}
    found = {link.rpartition("/")[2] for page in PAGES if page.name in first for link in links(page)}
    assert {page.name for page in PAGES} - first - found == set()


def test_each_decision_is_listed_and_has_its_parts():
    listed = re.findall(r"^(\d+)\. \[(.+)\]\((.+)\)$", read(FOLDER / "decisions" / "README.md"), re.M)
    assert [file for _number, _title, file in listed] == [path.name for path in DECISIONS]
    for number, title, file in listed:
        text = read(FOLDER / "decisions" / file)
        assert f"\n# {number}. {title}\n" in text
        assert re.findall(r"^\*\*(\w+)\.\*\*", text, re.M)[:2] == ["Context", "Decision"]
        assert "**Consequence.**" in text and len(text) < 3500


def test_each_private_part_of_ansible_is_in_the_decision():
    text = read(FOLDER / "decisions" / "0012-private-parts-of-ansible.md")
    used = {name for path in PLUGINS.rglob("*.py") for name in imported(path)}
    private = {name for name in used if not PUBLIC.match(name)}
    assert len(private) > 8
    listed = set(re.findall(r"`(ansible\.[\w.]+)`", text))
    assert private - listed == set()
    assert {name for name in listed if name.rpartition(".")[2] != "clean_facts"} - private == set()
