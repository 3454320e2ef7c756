"""Every `testcases/<case>` of the file collectors: its files, step by step, give exactly the points written beside them.

A case is a folder with one folder a step (files as they are in the observed project from then on) and `case.json`:
`{"timezone": ..., "modified": [ISO time a step's files get, ...]}`; `expected.json` holds all points and dead letters at the end.
A file `NAME.sql` becomes the SQLite database `NAME`. `python -m tests.collectors.test_file_testcases NAME/CASE` prints what comes out.
"""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import sys
import tempfile
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from collectors.registry import COLLECTORS as ALL
from collectors.source import Source
from tests.collectors.memory import Driver, MemoryStore

HOME = Path(__file__).parents[2] / "collectors"
COLLECTORS: dict[str, Any] = {c.name: c for c in ALL if any(HOME.glob(f"{c.name}/testcases/*/case.json"))}  # type: ignore[attr-defined]
CASES = sorted(case.parent for name in COLLECTORS for case in HOME.glob(f"{name}/testcases/*/case.json"))
VOLATILE = {"first_seen"}


def observed(case: Path, root: Path, store: MemoryStore | None = None) -> dict[str, Any]:
    """Points by measurement and dead letters after all steps; each step is run twice, the second run adds nothing."""
    about = json.loads((case / "case.json").read_text())
    store = store or MemoryStore()
    driver = Driver(COLLECTORS[case.parent.parent.name](Source(root, about["timezone"])), store)
    steps = sorted(step for step in case.iterdir() if step.is_dir())
    for step, modified in zip(steps, about["modified"], strict=True):
        lay(step, root, datetime.fromisoformat(modified).timestamp())
        driver.run()
        assert driver.run() == 0
    points: dict[str, list[Any]] = {}
    for point in sorted(store.points.values(), key=lambda p: (p.measurement, p.time, sorted(p.tags.items()))):
        fields = {name: value for name, value in sorted(point.fields.items()) if name not in VOLATILE}
        points.setdefault(point.measurement, []).append(
            {"time": point.time, "tags": dict(point.tags), "fields": fields}
        )
    letters = [
        {"file": letter.file, "line": letter.line, "reason": letter.reason}
        for letter in sorted(driver.letters.values(), key=lambda letter: (letter.file, letter.line, letter.reason))
    ]
    return {"points": points, "dead_letters": letters}


def lay(step: Path, root: Path, modified: float) -> None:
    """Put a step's files into a project, all modified at that moment."""
    for path in sorted(step.rglob("*")):
        target = root / path.relative_to(step)
        if path.is_dir():
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        if path.suffix == ".sql":
            target = target.with_suffix("")
            with sqlite3.connect(target) as connection:
                connection.executescript(path.read_text())
            connection.close()
        else:
            shutil.copyfile(path, target)
        os.utime(target, (modified, modified))


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.parent.parent.name}/{case.name}")
def test_a_testcase_gives_exactly_its_points(case: Path, tmp_path: Path) -> None:
    assert observed(case, tmp_path) == json.loads((case / "expected.json").read_text())


def test_what_a_moved_post_leaves_is_deleted_with_all_its_tags(tmp_path: Path) -> None:
    store = MemoryStore()
    observed(HOME / "calendars" / "testcases" / "edited-and-moved", tmp_path, store)
    assert store.deleted > 0


def test_the_file_collectors_have_testcases() -> None:
    assert {"calendars", "scheduler_state", "engagement", "ai_usage"} <= set(COLLECTORS)


if __name__ == "__main__":
    name, case_name = sys.argv[1].split("/")
    with tempfile.TemporaryDirectory() as folder:
        print(json.dumps(observed(HOME / name / "testcases" / case_name, Path(folder)), indent=1, ensure_ascii=False))
