"""The demo's days, counted again from its files: the same in every time zone, on both stores."""

from __future__ import annotations

import csv
import json
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from collectors.calendars.collector import CalendarsCollector
from collectors.demo import TIMEZONE, write_history
from collectors.engagement.collector import EngagementCollector
from collectors.source import Source
from metricstore.evaluation import evaluate
from metricstore.metrics import metric
from metricstore.selection import Selection
from metricstore.store import Store
from tests.collectors.memory import Driver

NOW = datetime(2026, 11, 20, 16, 40, tzinfo=UTC)
ZONES = ("Europe/Berlin", "UTC", "America/New_York", "Pacific/Auckland", "Asia/Kolkata")
WEEKS = tuple(date(2026, 9, 21) + timedelta(weeks=week) for week in range(8))
"""Clocks are changed in four of them: Auckland's on 27 September, Berlin's on 25 October, New York's on 1 November."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("demo") / "source"
    write_history(root, seed=3, days=60, now=NOW)
    return root


@pytest.fixture
def collected(store: Store, folder: Path) -> Store:
    for collector in (CalendarsCollector(Source(folder, TIMEZONE)), EngagementCollector(Source(folder, TIMEZONE))):
        Driver(collector, store).run()
    return store


def posts_by_day(folder: Path, zone: str) -> Counter[date]:
    """Items of every calendar by their date; those with a time of day by what Berlin's clock then means in the zone."""
    found: Counter[date] = Counter()
    for path in (folder / "outputs").glob("*calendar*.json"):
        for item in json.loads(path.read_text()):
            day = date.fromisoformat(item.get("publish_date") or item["scheduled_date"])
            if item.get("scheduled_time"):
                local = datetime.combine(day, time.fromisoformat(item["scheduled_time"]), ZoneInfo(TIMEZONE))
                day = local.astimezone(ZoneInfo(zone)).date()
            found[day] += 1
    return found


def posts_out_by_day(folder: Path) -> Counter[date]:
    """Different rows of metrics.csv."""
    with (folder / "outputs" / "metrics.csv").open(newline="") as file:
        rows = {tuple(row.values()) for row in csv.DictReader(file)}
    return Counter(date.fromisoformat(row[0]) for row in rows)


def weeks_of(
    store: Store, name: str, zone: str, aggregate: str | None = None, **filters: tuple[str, ...]
) -> Iterator[tuple[date, list[float]]]:
    for monday in WEEKS:
        selection = Selection(f"{monday}", f"{monday + timedelta(days=7)}", zone, "1d", where=filters)
        yield (
            monday,
            evaluate(store, metric(name), selection, aggregate=aggregate, now=NOW).frame["value"].fillna(0).tolist(),
        )


def test_every_week_has_the_seven_figures_of_the_files_in_every_zone(collected: Store, folder: Path) -> None:
    out = posts_out_by_day(folder)
    assert sum(out.values()) and sum(posts_by_day(folder, "UTC").values())
    for zone in ZONES:
        posts = posts_by_day(folder, zone)
        for monday, figures in weeks_of(collected, "posts", zone):
            assert figures == [posts[monday + timedelta(days=day)] for day in range(7)], (zone, monday)
        for monday, figures in weeks_of(collected, "views", zone, "count", grain=("post",)):
            assert figures == [out[monday + timedelta(days=day)] for day in range(7)], (zone, monday)
