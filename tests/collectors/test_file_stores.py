"""The testcases of the file collectors end the same in both real stores."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from collectors.recall import recall
from collectors.source import Source
from metricstore.catalogue import measurement
from metricstore.store import Store
from tests.collectors.memory import Driver
from tests.collectors.test_file_testcases import CASES, COLLECTORS, VOLATILE, lay


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.parent.parent.name}/{case.name}")
def test_a_testcase_ends_the_same_in_a_real_store(case: Path, tmp_path: Path, store: Store) -> None:
    about = json.loads((case / "case.json").read_text())
    driver = Driver(COLLECTORS[case.parent.parent.name](Source(tmp_path, about["timezone"])), store)
    steps = sorted(step for step in case.iterdir() if step.is_dir())
    for step, modified in zip(steps, about["modified"], strict=True):
        lay(step, tmp_path, datetime.fromisoformat(modified).timestamp())
        driver.run()
        assert driver.run() == 0
    expected = json.loads((case / "expected.json").read_text())["points"]
    assert {name: _stored(store, name) for name in expected} == expected


def _stored(store: Store, name: str) -> list[dict[str, Any]]:
    tags = measurement(name).tag_names
    found = [
        {
            "time": known.time,
            "tags": {tag: known.values[tag] for tag in tags if tag in known.values},
            "fields": {k: v for k, v in sorted(known.values.items()) if k not in tags and k not in VOLATILE},
        }
        for known in recall(store, name)
    ]
    return sorted(found, key=lambda point: (point["time"], sorted(point["tags"].items())))
