# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Install the tarball where there is nothing else, as a user does, and do there what the README begins with.

python installed.py TARBALL CORE...     such as 2.16 2.21

For each ansible-core: an environment with what the README's requirements name, a home without anything in it, the
documentation of all plugins and roles, and the first use case, word for word. The service's own name is asked: a proxy
leads to the emulator. Then all of this again, with only meta, playbooks, plugins and roles left.
"""

from __future__ import annotations

import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator
from typing import Any

import matrix
from tunnel import Tunnel

TREE = pathlib.Path(__file__).resolve().parents[2]
ROOT = pathlib.Path(os.environ.get("CRS_ROOT", TREE))
RESULTS = pathlib.Path(os.environ.get("CRS_RESULTS") or ROOT / "tests" / "output" / "junit") / "package"
sys.path[:0] = [str(TREE / "tests"), str(TREE / "tests" / "unit" / "emulated")]

from certificates import Authority  # noqa: E402
from emulator import Emulator  # noqa: E402

HOST = "redis.tencentcloudapi.com"
KEPT = ("FILES.json", "MANIFEST.json", "meta", "playbooks", "plugins", "roles")
#: Of plugins, the folder and what ansible-doc calls the type.
TYPES = {"modules": "module", "filter": "filter", "inventory": "inventory"}
#: ansible-core 2.20 and newer warn about a collection inside themselves.
NOT_OURS = re.compile(r"ansible/_protomatter.*does not have a MANIFEST")


class Problem(Exception):
    """What went wrong, in words."""


class Example:
    """The README's first use case: the key pair's variables, the files by name, and the command."""

    def __init__(self, text: str) -> None:
        cases = text.split("\n## Use Cases\n")[1].split("\n### ")
        (self.keys,) = re.findall(r"^```shell\n(.*?)^```$", cases[0], re.M | re.S)
        # Each file's name is the last one before it.
        blocks = re.split(r"^```(\w+)\n(.*?)^```\n", cases[1], flags=re.M | re.S)
        told, kinds, codes = blocks[0:-1:3], blocks[1::3], blocks[2::3]
        self.files = {
            re.findall(r"`(\w[\w./]*\.yml)`", before)[-1]: code
            for before, kind, code in zip(told, kinds, codes)
            if kind == "yaml"
        }
        (self.command,) = [code for kind, code in zip(kinds, codes) if kind == "shell"]

    @property
    def credentials(self) -> dict[str, str]:
        """What stands in the key pair's place is a key pair for the emulator."""
        found = dict(re.findall(r"^export TENCENTCLOUD_(SECRET_\w+)=(\S+)$", self.keys, re.M))
        return {"secret_id": found["SECRET_ID"], "secret_key": found["SECRET_KEY"]}


def fleet(example: Example, healthy: bool) -> dict[str, Any]:
    """Forty instances, as the example expects, a test system among them that keeps its group's policy alone."""
    daily = {"every": "24h", "last": "-3h", "count": 7}
    instances: list[dict[str, Any]] = [
        {"id": f"crs-listed{number:02}", "region": region, "tags": {"env": "prod"}, "schedule": daily}
        for number, region in enumerate(["ap-guangzhou", "ap-shanghai"] * 20)
    ]
    instances[0].update(tags={"env": "test"}, schedule={**daily, "last": "-6d", "count": 1})
    del instances[1]["tags"]
    if not healthy:
        del instances[2]["schedule"]
    return {"credentials": [example.credentials], "instances": instances}


class Site:
    """An environment, and an empty home where the tarball gets installed."""

    def __init__(self, core: str, python: str, folder: pathlib.Path) -> None:
        name = f"user-{core}"
        needs = ["meta/ee-requirements.txt", f"ansible-core=={core}.*"]
        subprocess.run(["tests/tools/venv.sh", name, python, *needs], check=True, cwd=ROOT)
        self._bin = ROOT / ".venv" / name / "bin"
        self.folder = folder
        self.home = folder / "home"
        self.home.mkdir()
        self.collection = self.home / ".ansible" / "collections" / "ansible_collections" / "qcloud" / "crs"

    def run(self, *command: str, status: int = 0, folder: pathlib.Path | None = None, **environment: str) -> str:
        """Run a command; return what it said. Another exit status is a Problem, and so is a warning."""
        done = subprocess.run(
            command,
            cwd=folder or self.folder,
            env={
                "PATH": f"{self._bin}:/usr/local/bin:/usr/bin:/bin",
                "HOME": str(self.home),
                "LC_ALL": os.environ.get("LC_ALL", "C.UTF-8"),
                **environment,
            },
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            timeout=600,
        )
        warned = [line for line in done.stdout.splitlines() if re.search(r"^\[?(WARN|DEPREC)", line)]
        if done.returncode != status:
            raise Problem(f"{command[0]}: exit status {done.returncode} and not {status}\n{done.stdout}")
        if [line for line in warned if not NOT_OURS.search(line)]:
            raise Problem(f"{command[0]} warns\n{done.stdout}")
        return done.stdout

    def install(self, tarball: str) -> None:
        self.run("ansible-galaxy", "collection", "install", "--offline", tarball)

    def prune(self) -> None:
        """Leave no more than is needed at run time."""
        for path in self.collection.iterdir():
            if path.name not in KEPT:
                shutil.rmtree(path) if path.is_dir() else path.unlink()

    def documentation(self) -> None:
        """Have ansible-doc print all there is."""
        found = {
            kind: {path.stem for path in (self.collection / "plugins" / name).iterdir() if path.stem[0] != "_"}
            for name, kind in TYPES.items()
        }
        found["role"] = {path.parts[-3] for path in self.collection.glob("roles/*/meta/argument_specs.yml")}
        for kind, names in found.items():
            if not names:
                raise Problem(f"nothing of the type {kind} is installed")
            # A narrow terminal's would break messages over lines.
            full = [f"qcloud.crs.{name}" for name in sorted(names)]
            said = self.run("ansible-doc", "--type", kind, *full, COLUMNS="1000")
            heads = {name.lower() for name in re.findall(r"^> .*?qcloud\.crs\.(\w+)", said, re.M | re.I)}
            if heads != names:
                raise Problem(f"ansible-doc shows {heads} of {names}")

    def readme(self) -> None:
        """Run the example against a fleet that keeps its policies, and against one that doesn't."""
        example = Example((TREE / "README.md").read_text(encoding="utf-8"))
        for healthy in (True, False):
            with tempfile.TemporaryDirectory(dir=self.folder) as folder:
                record = self._audited(example, healthy, pathlib.Path(folder))
            summary = {"instances": 40, "pass": 40 if healthy else 39, "fail": 0 if healthy else 1}
            wrong = {name: record["summary"][name] for name in summary if record["summary"][name] != summary[name]}
            test = next(entry for entry in record["instances"] if entry["host"] == "crs-listed00")
            if wrong or not record["complete"] or {"max_age", "min_usable"} != {one["rule"] for one in test["rules"]}:
                raise Problem(f"the record isn't as expected: {json.dumps(record['summary'])}, {json.dumps(test)}")

    def _audited(self, example: Example, healthy: bool, folder: pathlib.Path) -> Any:
        """Return the record that the example writes."""
        for name, text in example.files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        authority = Authority(folder)
        with Emulator(fleet(example, healthy), tls=authority.issue(HOST)) as cloud, Tunnel(cloud.port) as tunnel:
            self.run(
                *("bash", "-euc", example.keys + example.command),
                status=0 if healthy else 2,
                folder=folder,
                HTTPS_PROXY=tunnel.url,
                REQUESTS_CA_BUNDLE=authority.path,
            )
        if tunnel.asked != {f"{HOST}:443"}:
            raise Problem(f"asked were {tunnel.asked}")
        made = {path.name for path in (folder / "crs-audit").iterdir()}
        table = (TREE / "roles" / "crs_backup_policy" / "README.md").read_text(encoding="utf-8")
        if made != set(re.findall(r"^\| `([\w-]+\.[\w.]+)` \|", table, re.M)):
            raise Problem(f"crs-audit has {sorted(made)}")
        return json.loads((folder / "crs-audit" / "audit-record.json").read_text(encoding="utf-8"))


def steps(core: str, python: str, tarball: str) -> Iterator[tuple[str, Callable[[], None]]]:
    """Yield what is done with an ansible-core, in order, each with its name."""
    with tempfile.TemporaryDirectory() as folder:
        site = Site(core, python, pathlib.Path(folder))
        yield "the tarball is installed", lambda: site.install(tarball)
        yield "ansible-doc of everything", site.documentation
        yield "the README's first use case", site.readme
        site.prune()
        yield "ansible-doc with four folders left", site.documentation
        yield "the README's first use case with four folders left", site.readme


def main() -> int:
    tarball, *cores = sys.argv[1:]
    suite = ET.Element("testsuite", name="package")
    for core in cores:
        here = matrix.pythons_for(core)
        if not here:
            reason = f"expected: no Python here runs ansible-core {core}"
            print(f"  {reason}")
            ET.SubElement(ET.SubElement(suite, "testcase", classname=core, name="installed"), "skipped", message=reason)
            continue
        for name, step in steps(core, str(here[max(here)]), tarball):
            case = ET.SubElement(suite, "testcase", classname=core, name=name)
            try:
                step()
                print(f"  ansible-core {core}: {name}", flush=True)
            except Problem as problem:
                print(f"error: ansible-core {core}: {name}: {problem}", flush=True)
                ET.SubElement(case, "failure", message=str(problem).partition("\n")[0])
    RESULTS.mkdir(parents=True, exist_ok=True)
    ET.ElementTree(suite).write(RESULTS / "package.xml", encoding="utf-8", xml_declaration=True)
    return 1 if suite.find(".//failure") is not None or suite.find(".//testcase") is None else 0


if __name__ == "__main__":
    sys.exit(main())
