"""The made-up Buffer account is told as a real one would be, day by day."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from collectors.demo import TIMEZONE, write_history
from collectors.demo_buffer.collector import DemoBufferCollector
from collectors.runner import Runner
from collectors.source import Source
from metricstore.duck import DuckStore
from metricstore.query import RecordQuery
from metricstore.store import Store
from tests.collectors.memory import Driver, MemoryStore, forget_clocks

NOW = datetime(2026, 11, 20, 16, 40, tzinfo=UTC)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("demo") / "source"
    write_history(root, seed=3, days=60, now=NOW)
    return root


def read(store: Store, folder: Path, data: Path, *moments: datetime) -> None:
    for moment in moments:
        collector = DemoBufferCollector(Source(folder, TIMEZONE), now=moment.timestamp)
        (report,) = Runner([collector], store, data).run_once()
        assert (report.outcome, report.error) == ("ok", None)


def rows(store: Store, name: str) -> list[dict[str, object]]:
    span = (NOW - timedelta(days=100), NOW + timedelta(days=100))
    return store.records(RecordQuery(name, *span, limit=100_000)).frame.drop(columns="_id").to_dict("records")  # type: ignore[return-value]


def test_every_end_a_post_can_take_is_told(folder: Path, duck_store: DuckStore, tmp_path: Path) -> None:
    read(duck_store, folder, tmp_path, NOW)
    posts = rows(duck_store, "social_post")
    states = Counter(str(row["status"]) for row in posts)
    assert set(states) == {"sent", "failed", "withdrawn", "scheduled", "approval"}
    assert states["sent"] > 0.8 * len(posts) - states["scheduled"]
    assert len({row["service_post_id"] for row in posts}) == len(posts)
    assert {row["platform"] for row in rows(duck_store, "social_queue")} == {"linkedin", "twitter"}
    assert {row["window"] for row in rows(duck_store, "api_quota")} == {"15m", "24h", "30d"}


def test_what_linkedin_does_not_tell_is_not_reported_and_figures_only_grow(
    folder: Path, duck_store: DuckStore, tmp_path: Path
) -> None:
    read(duck_store, folder, tmp_path, NOW)
    stats = rows(duck_store, "social_post_stats")
    assert all("clicks" in str(row["not_reported"]) for row in stats if row["platform"] == "linkedin")
    assert any(row["clicks"] == row["clicks"] for row in stats if row["platform"] == "twitter")
    seen: dict[object, list[tuple[object, object]]] = {}
    silent = [row for row in stats if "impressions" in str(row["not_reported"])]
    assert 0 < len(silent) < 0.1 * len(stats), "of some posts the network tells no impressions"
    for row in stats:
        if "impressions" in str(row["not_reported"]):
            continue
        seen.setdefault(row["service_post_id"], []).append((row["age_seconds"], row["impressions"]))
    grown = [sorted(one) for one in seen.values() if len(one) > 2]  # type: ignore[type-var]
    assert grown
    assert all(list(figures) == sorted(figures) for one in grown for figures in [[value for _, value in one]])  # type: ignore[type-var]


def test_day_by_day_gives_what_one_look_gives(folder: Path, tmp_path: Path) -> None:
    answers = []
    for name, moments in (("once", [NOW]), ("daily", [NOW - timedelta(days=back) for back in range(9, -1, -1)])):
        with_store = DuckStore(tmp_path / f"{name}.duckdb")
        read(with_store, folder, tmp_path / name, *moments)
        posts = [{k: v for k, v in row.items() if v == v and v is not None} for row in rows(with_store, "social_post")]
        answers.append(sorted(posts, key=lambda row: str(row["service_post_id"])))
        with_store.close()
    assert answers[0] == answers[1]


def test_every_post_tells_its_hour_in_the_channels_zone_also_after_an_update(folder: Path) -> None:
    driver = Driver(DemoBufferCollector(Source(folder, TIMEZONE), now=NOW.timestamp), MemoryStore())
    driver.run()
    told = driver.store.rows("social_post")
    for row in told:
        local = datetime.fromtimestamp(row["time"] // 10**9, ZoneInfo("Europe/Berlin"))
        assert (row["channel_weekday"], row["channel_hour"]) == (f"{local:%a}".lower(), f"{local:%H}")
    forget_clocks(driver)
    assert driver.run() >= len(told)
    assert driver.store.rows("social_post") == told
    assert driver.run() == 0
