"""What `setup.py` declares is what the rooms import, and what the lock files pin."""

from __future__ import annotations

import ast
import re
import runpy
import sys
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import Any

import pytest
import setuptools
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
DATED = {"pytz", "tzdata"}
"""Their versions are dates: none breaks anything."""
STANDARD_LIBRARY = sys.stdlib_module_names | {"compression"}
"""That of every Python from 3.11 to 3.14."""


@pytest.fixture(scope="module")
def declared() -> dict[str, Any]:
    """What `setup.py` gives to setuptools."""
    found: dict[str, Any] = {}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(setuptools, "setup", lambda **given: found.update(given))
        runpy.run_path(str(ROOT / "setup.py"))
    return found


def test_no_script_looks_behind_in_an_expression() -> None:
    """Safari before 16.4 reads nothing of a file with such an expression: all of its charts were missing."""
    own = [path for path in (ROOT / "assets").rglob("*.js") if "vendor" not in path.parts]
    assert len(own) > 20
    assert [path.name for path in own if re.search(r"\(\?<[=!]", path.read_text(encoding="utf-8"))] == []


def names(requirements: list[str]) -> set[str]:
    return {canonicalize_name(Requirement(one).name) for one in requirements}


def imported(room: Path) -> set[str]:
    found = set()
    for file in room.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Import):
                found |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                found.add(node.module.partition(".")[0])
    return found


def test_every_package_that_is_imported_is_declared(declared: dict[str, Any]) -> None:
    rooms = {package.partition(".")[0] for package in declared["packages"]}
    foreign = {name for room in rooms for name in imported(ROOT / room)} - rooms - STANDARD_LIBRARY
    asked = names(declared["install_requires"])
    for extra in ("apprise", "postgresql", "telemetry", "clickhouse"):
        asked |= names(declared["extras_require"][extra])
    providers = packages_distributions()
    missing = {name for name in foreign if not set(map(canonicalize_name, providers.get(name, [name]))) & asked}
    assert missing == set(), "write these into setup.py"


def test_no_range_reaches_into_an_unknown_major_version(declared: dict[str, Any]) -> None:
    open_ended = {
        Requirement(one).name for one in declared["install_requires"] if "<" not in str(Requirement(one).specifier)
    }
    assert open_ended == DATED


@pytest.mark.parametrize("lock", sorted(path.name for path in ROOT.glob("requirements*.lock")))
def test_every_locked_version_has_its_hashes(lock: str) -> None:
    entries = re.split(r"\n(?=\S)", (ROOT / lock).read_text().strip())
    assert all("--hash=sha256:" in entry for entry in entries)


def test_the_lock_files_are_within_the_ranges(declared: dict[str, Any]) -> None:
    for lock, requirements in (
        ("requirements.lock", declared["install_requires"]),
        ("requirements-dev.lock", [*declared["install_requires"], *declared["extras_require"]["test"]]),
        ("requirements-clickhouse.lock", declared["extras_require"]["clickhouse"]),
        ("requirements-chdb.lock", declared["extras_require"]["chdb"]),
    ):
        pinned = dict(re.findall(r"^([a-z0-9.-]+)(?:\[\S+\])?==([^ ;]+)", (ROOT / lock).read_text(), re.MULTILINE))
        for wanted in map(Requirement, requirements):
            assert wanted.specifier.contains(pinned[wanted.name.casefold()]), (lock, wanted.name)


def test_the_newest_release_in_the_changelog_is_the_version_that_is_declared(declared: dict[str, Any]) -> None:
    releases = re.findall(r"^## (\S+), (\d{4}-\d\d-\d\d)$", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)
    assert releases[0][0] == declared["version"]
    assert f"image: content-metrics-dashboard:{declared['version']}\n" in (ROOT / "docker-compose.yml").read_text()
    assert releases == sorted(releases, key=lambda one: one[1], reverse=True)
