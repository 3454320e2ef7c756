"""Small inputs of kinds that people really have, kept beside the checkout: each gives the values its README names."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from collectors.registry import COLLECTORS
from collectors.runner import Runner
from collectors.source import Source
from metricstore.duck import DuckStore
from metricstore.query import RecordQuery
from tests.conftest import SHARED_DATA, fail_in_ci_else_skip

CASES = SHARED_DATA.parent / "cases"
FILES = ("app_log", "calendars", "scheduler_state", "engagement")
LONG_AGO = 1_795_000_000

LOG = {"log_record": 8, "generation": 2, "batch": 1}
COUNTS: dict[str, dict[str, int]] = {
    "10-ansi-colours-in-log": LOG,
    "12-copytruncate-nul-hole": LOG,
    "13-utf16-log-powershell": LOG,
    "14-utf8-then-utf16-appended": {"log_record": 16, "generation": 4, "batch": 2},
    "15-duplicate-handlers": LOG,
    "15b-stdout-appended-to-app-log-too": LOG,
    "16-progress-bar-carriage-return": LOG,
    "17-docker-compose-prefix": LOG,
    "22-logger-name-in-format": LOG,
    "23-rotated-names": {"generation": 28, "batch": 14},
    "26-traceback-quoting-log-lines": {"generation": 2},
    "28-truncated-gz": {"log_record": 5361, "dead_letter": 1},
    "28b-gz-without-its-last-bytes": {"generation": 22, "batch": 11, "dead_letter": 1},
    "30-calendar-wrapped-in-object": {"post": 2},
    "39-calendar-content-as-object": {"post": 10},
    "43-calendar-scheduled-time-words": {"post": 10},
    "47-post-ids-mangled-by-excel": {"engagement": 2},
    "51-xlsx-export": {"engagement": 1},
    "53-long-preface-and-upper-case-name": {"engagement": 4},
    "61c-first-import-of-four-nul-headed-copies": {"batch": 4},
    "63-same-banner-first-kilobyte": {"generation": 4},
    "63b-live-rotation-same-banner": {"generation": 4},
}
"""How many points a case gives, by measurement."""

ROWS: dict[str, tuple[str, list[dict[str, Any]]]] = {
    "01-slash-dates-day-first": ("engagement", [
        {"topic": "Gamma", "day": "2026-03-04"}, {"topic": "Beta", "day": "2026-04-03"}, {"topic": "Alpha", "day": "2026-04-25"},
    ]),
    "02-linkedin-page-posts-real-columns": ("engagement", [
        {"day": "2026-10-14", "platform": "linkedin", "impressions": 1000, "clicks": 40, "likes": 50, "comments": 7, "shares": 3},
    ]),
    "04-meta-business-suite-posts": ("engagement", [
        {"day": "2026-10-14", "platform": "instagram", "views": 1500, "reach": 1200, "likes": 80, "comments": 6, "shares": 4, "saves": 9},
    ]),
    "38-calendar-platform-spellings": ("post", [
        {"platform": "instagram"}, {"platform": "instagram"}, {"platform": "twitter"}, {"platform": "facebook"}, {"platform": "linkedin"},
    ]),
    "45-scheduled-time-with-zone": ("post", [
        {"topic": "Topic 1", "at": "09:00"}, {"topic": "Topic 2", "at": "09:00"}, {"topic": "Topic 4", "at": "09:00"},
        {"topic": "Topic 5", "at": "23:30"},
    ]),
    "47-post-ids-mangled-by-excel": ("engagement", [{"impressions": 100}, {"impressions": 200}]),
}  # fmt: skip
"""What some of a case's points say; each is looked for once."""
ZONES = {"45-scheduled-time-with-zone": "Europe/Berlin"}


@pytest.fixture
def case_store() -> Iterator[DuckStore]:
    store = DuckStore(None)
    yield store
    store.close()


@pytest.fixture
def collected(request: pytest.FixtureRequest, tmp_path: Path, case_store: DuckStore) -> DuckStore:
    """What the file collectors make of a case, read twice: the second time adds nothing."""
    case: str = request.param
    if not CASES.is_dir():
        fail_in_ci_else_skip(f"{CASES} is missing: the cases are kept beside the checkout")
    root = shutil.copytree(CASES / case / "input", tmp_path / "project", copy_function=shutil.copyfile)
    for path in root.rglob("*"):
        path.chmod(0o755)
        os.utime(path, (LONG_AGO, LONG_AGO))
    source = Source(root, ZONES.get(case, "UTC"))
    wanted = [make(source) for make in COLLECTORS if getattr(make, "name", "") in FILES]
    runner = Runner(wanted, case_store, tmp_path / "data")
    reports = [*runner.run_once(), *runner.run_once()]
    assert [report.outcome for report in reports] == ["ok"] * len(reports)
    assert [report.records for report in reports[len(wanted) :]] == [0] * len(wanted)
    return case_store


def rows(store: DuckStore, measurement: str) -> list[dict[str, Any]]:
    frame = store.records(
        RecordQuery(measurement, datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC), limit=10_000)
    ).frame
    frame = frame.assign(day=frame["time"].dt.strftime("%Y-%m-%d"), at=frame["time"].dt.strftime("%H:%M"))
    found: list[dict[str, Any]] = frame.to_dict("records")
    return found


@pytest.mark.parametrize(("collected", "counts"), COUNTS.items(), indirect=["collected"])
def test_a_case_gives_as_many_points_as_it_should(collected: DuckStore, counts: dict[str, int]) -> None:
    assert {name: len(rows(collected, name)) for name in counts} == counts


@pytest.mark.parametrize(("collected", "wanted"), ROWS.items(), indirect=["collected"])
def test_a_case_gives_the_values_it_should(collected: DuckStore, wanted: tuple[str, list[dict[str, Any]]]) -> None:
    measurement, expected = wanted
    found = rows(collected, measurement)
    for one in expected:
        match = next((row for row in found if all(row.get(name) == value for name, value in one.items())), None)
        assert match is not None, (one, found)
        found.remove(match)
