"""What the collectors did is the same from both stores."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask

from dashapp.monitoring.collecting import CollectorFigures
from dashapp.monitoring.families import LAG, LETTERS, RECORDS, RUNS, SUCCESS
from metricstore.caching import CachedStore
from metricstore.point import Point, nanoseconds
from metricstore.store import Store


def run(now: datetime, age: timedelta, collector: str, outcome: str, records: int) -> Point:
    fields = {"duration_seconds": 1.0, "records": records}
    return Point("collector_run", nanoseconds(now - age), {"collector": collector, "outcome": outcome}, fields)


def test_runs_records_and_letters_are_counted_from_the_first_day_on(store: Store) -> None:
    app, now = Flask("x"), datetime.now(UTC).replace(microsecond=0)
    app.extensions["metricstore"] = CachedStore(store)
    figures = CollectorFigures(app)
    with app.app_context():
        assert figures() == []
        store.write([
            run(now, timedelta(days=900), "app_log", "ok", 5), run(now, timedelta(days=3), "app_log", "ok", 7),
            run(now, timedelta(minutes=30), "app_log", "failed", 0), run(now, timedelta(hours=2), "app_log", "ok", 11),
            run(now, timedelta(days=1), "calendars", "timeout", 0),
            *(Point("dead_letter", nanoseconds(now - timedelta(days=days)), {"collector": "calendars"},
                    {"reason": "cut", "excerpt": "x", "file": "a.json", "line": 1}) for days in (2, 4000)),
        ])  # fmt: skip
        found = {(family, labels): value for family, labels, value in CollectorFigures(app)()}
    assert found.pop((LAG, ("app_log",))) == pytest.approx(2 * 3600, abs=600)
    assert found == {
        (RUNS, ("app_log", "ok")): 3, (RUNS, ("app_log", "failed")): 1, (RUNS, ("calendars", "timeout")): 1,
        (RECORDS, ("app_log",)): 23, (RECORDS, ("calendars",)): 0, (LETTERS, ("calendars",)): 2,
        (SUCCESS, ("app_log",)): (now - timedelta(hours=2)).timestamp(),
    }  # fmt: skip


def test_a_run_whose_point_comes_late_is_counted(store: Store) -> None:
    app, now = Flask("x"), datetime.now(UTC).replace(microsecond=0)
    app.extensions["metricstore"] = CachedStore(store)
    figures = CollectorFigures(app)
    with app.app_context():
        store.write([run(now, timedelta(days=30), "app_log", "ok", 1)])
        figures()
        store.write([run(now, timedelta(days=1), "app_log", "ok", 2)])
        found = {(family, labels): value for family, labels, value in figures()}
    assert found[RUNS, ("app_log", "ok")] == 2
    assert found[RECORDS, ("app_log",)] == 3
