# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The README has what Galaxy, the Ansible package and certification ask for, in their order."""

from __future__ import annotations

import re

import pytest

from ansible_collections.qcloud.crs.tests.docs.documents import PAGES, ROOT, TEXTS, code_blocks, links, read

README = ROOT / "README.md"
HEADINGS = [
    "Description",
    "Requirements",
    "Installation",
    "Use Cases",
    "Testing",
    "Contributing",
    "Communication",
    "Code of Conduct",
    "Support",
    "Release Notes and Roadmap",
    "Related Information",
    "License Information",
]
HOME = "https://github.com/qcloud-crs/qcloud.crs/"
every_text = pytest.mark.parametrize("path", [*TEXTS, *PAGES], ids=lambda path: path.name)


def section(name):
    return read(README).split(f"\n## {name}\n")[1].split("\n## ")[0]


def test_the_headings_are_there_in_order():
    assert re.findall(r"^# (.+)$", read(README), re.M)[0].startswith("qcloud.crs")
    assert re.findall(r"^## (.+)$", read(README), re.M) == HEADINGS


def test_two_commands_come_early():
    early = section("Description")
    assert "make demo\nmake test\n" in early and "in the demo" in early


def test_three_to_five_use_cases_the_inventory_first():
    cases = [text for text in section("Use Cases").split("\n### ")[1:] if not text.startswith("Which API")]
    assert 3 <= len(cases) <= 5
    assert "plugin: qcloud.crs.crs\n" in cases[0]
    assert "ansible-playbook qcloud.crs.audit" in cases[0]
    assert all("```" in case for case in cases[:-1])


def test_all_ways_of_installation_are_there():
    text = section("Installation")
    ways = ["install qcloud.crs\n", "-r requirements.yml", "--upgrade", "qcloud.crs:==", "collection build"]
    assert [way for way in ways if way not in text] == []


def test_what_is_tested_and_what_is_not():
    text = " ".join(section("Testing").split())
    assert "never ran against the live service" in text
    assert [
        core for core in ("2.16", "2.17", "2.18", "2.19", "2.20", "2.21", "3.9", "requests 2.28") if core not in text
    ] == []


@every_text
def test_links_are_absolute(path):
    relative = [link for link in links(path) if not link.startswith("https://")]
    assert relative == []


@every_text
def test_links_to_our_files_lead_to_one(path):
    files = [link.partition(f"{HOME}blob/main/")[2] for link in links(path)]
    assert [file for file in files if file and not (ROOT / file).is_file()] == []


def test_links_of_the_guides_index_lead_to_one():
    """The entries of links.yml."""
    urls = re.findall(r"https://\S+", read(ROOT / "docs" / "docsite" / "links.yml"))
    files = [url.partition(f"{HOME}blob/main/")[2] for url in urls]
    assert len(urls) > 2 and [file for file in files if file and not (ROOT / file).is_file()] == []
    # A choice takes templates.
    assert not any("issues/new/choose" in url for url in urls) or (ROOT / ".github" / "ISSUE_TEMPLATE").is_dir()


@every_text
def test_nobody_is_told_to_install_ansible_with_pip(path):
    assert not re.search(r"pip3? install\b[^\n]*\bansible", read(path))


def test_a_block_of_code_says_what_it_is():
    # Four blanks make a block, too, and nothing would check it.
    assert not re.search(r"^(    |\t)(?!  )\S", re.sub(r"^```.*?^```", "", read(README), flags=re.M | re.S), re.M)
    assert {kind for kind, _text in code_blocks(README)} == {"shell", "yaml"}
