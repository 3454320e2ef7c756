"""Exports of one network by post, day and week tell the same audience: sums count it once, from both stores alike."""

from __future__ import annotations

import itertools
import os
import shutil
from pathlib import Path
from typing import Any

import pytest

from collectors.engagement.collector import EngagementCollector
from collectors.source import Source
from metricstore.evaluation import evaluate
from metricstore.metrics import metric
from metricstore.selection import Selection
from tests.collectors.memory import Crash, Driver, MemoryStore

ZONE = "Europe/Berlin"
WEEKS = """Date,Followers,Impressions,Reach,Engagement Rate,Clicks,Shares,Likes,Comments
2025-10-01,2890,12000,9000,6.5,350,50,480,55
2025-10-08,2950,12500,9500,6.8,380,55,520,60
2025-10-15,3010,13200,10000,7.0,410,60,560,65
"""
POSTS = """Date,Impressions,Clicks,Likes,Comments,Shares,Post Text,Media Type
2025-10-08,850,25,45,8,3,"First day of the second week",Image
2025-10-14,1200,42,67,12,5,"Last day of the second week",Image
"""
ROWS = """Date,Platform,Post_Number,Topic,Views,Likes,Comments,Shares,Engagement_Rate
2025-10-02,linkedin,1,By hand,700,20,4,2,3.71%
2025-10-16,linkedin,2,Not filled in,0,0,0,0,0.00%
"""
OTHER = "Date,Followers,Impressions,Reach,Engagement Rate,Likes,Comments,Saves\n2025-10-08,925,3700,2960,5.7,152,17,8\n"
FILES = {"linkedin_weeks.csv": WEEKS, "linkedin_posts.csv": POSTS, "outputs/metrics.csv": ROWS, "instagram.csv": OTHER}


@pytest.fixture(params=["duck", pytest.param("influx", marks=pytest.mark.influx)])
def store(request: pytest.FixtureRequest) -> Any:
    return request.getfixturevalue(f"{request.param}_store")


def put(root: Path, name: str, text: str, minute: int) -> None:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    os.utime(path, (1_760_000_000 + 60 * minute,) * 2)


def collector(root: Path) -> EngagementCollector:
    return EngagementCollector(Source(root, ZONE))


def total(store: Any, name: str, **filters: str) -> float | None:
    words = {"start": "2025-09-01", "stop": "2025-12-01", "tz": ZONE, "every": "none", **filters}
    (value,) = evaluate(store, metric(name), Selection.from_params(words)).frame["value"].tolist()
    return None if value != value else value


def sums(points: Any) -> dict[tuple[str, str, str], int]:
    """What is stored, told plainly: identity without time → likes, 0 for none."""
    return {(p["platform"], p["grain"], str(p["row_id"])): p.get("likes", 0) for p in points}


def test_a_week_counts_only_what_its_posts_do_not_tell(store: Any, tmp_path: Path) -> None:
    driver = Driver(collector(tmp_path), store)
    for minute, (name, text) in enumerate(FILES.items()):
        put(tmp_path, name, text, minute)
        driver.run()
    # Week 1: likes by hand, impressions from the week. Week 2: all from its posts. Week 3: only a row of zeros.
    assert total(store, "likes", platform="linkedin") == 20 + (45 + 67) + 560
    assert total(store, "impressions", platform="linkedin") == 12000 + (850 + 1200) + 13200
    assert total(store, "clicks", platform="linkedin") == 350 + (25 + 42) + 410
    assert total(store, "likes") == 20 + 112 + 560 + 152
    assert total(store, "followers", platform="linkedin") == 3010
    engagements, exposures = 26 + (56 + 84) + (60 + 560 + 65), 700 + 2050 + 13200
    assert total(store, "engagement_rate", platform="linkedin") == pytest.approx(100 * engagements / exposures)


def test_the_rows_of_weeks_can_be_asked_for_whole(store: Any, tmp_path: Path) -> None:
    for minute, (name, text) in enumerate(FILES.items()):
        put(tmp_path, name, text, minute)
    Driver(collector(tmp_path), store).run()
    assert total(store, "likes", grain="week", platform="linkedin") == 480 + 520 + 560
    assert total(store, "likes", grain="post") == 20 + 112
    words = {"start": "2025-09-01", "stop": "2025-12-01", "tz": ZONE, "every": "none"}
    by_grain = evaluate(store, metric("likes"), Selection.from_params(words), by=("grain",)).frame
    assert dict(zip(by_grain["grain"], by_grain["value"], strict=True)) == {"post": 132, "rest": 712, "week": 1712}


def test_windows_add_up_to_the_whole(store: Any, tmp_path: Path) -> None:
    for minute, (name, text) in enumerate(FILES.items()):
        put(tmp_path, name, text, minute)
    Driver(collector(tmp_path), store).run()
    for every in ("1d", "1w", "1mo"):
        words = {"start": "2025-09-01", "stop": "2025-12-01", "tz": ZONE, "every": every}
        frame = evaluate(store, metric("likes"), Selection.from_params(words), by=("platform",)).frame
        assert frame["value"].sum() == total(store, "likes")


@pytest.mark.parametrize("order", list(itertools.permutations(FILES))[::5])
def test_the_order_files_come_in_changes_nothing(order: tuple[str, ...], tmp_path: Path) -> None:
    found = []
    for names in (tuple(FILES), order):
        root = tmp_path / str(len(found))
        store = MemoryStore()
        driver = Driver(collector(root), store)
        for minute, name in enumerate(names):
            put(root, name, FILES[name], minute)
            driver.run()
        assert driver.run() == 0
        found.append(sums(store.rows("engagement")))
    assert found[0] == found[1]


def test_a_kill_at_any_write_leaves_the_same_in_the_end(tmp_path: Path) -> None:
    def played(crashes: int | None) -> dict[tuple[str, str, str], int]:
        root = tmp_path / str(crashes)
        store = MemoryStore()
        driver = Driver(collector(root), store)
        for minute, (name, text) in enumerate(FILES.items()):
            put(root, name, text, minute)
            try:
                driver.run(keep_points=crashes)
            except Crash:
                driver.run()
        return sums(store.rows("engagement"))

    assert all(played(crashes) == played(None) for crashes in range(9))


def test_figures_that_a_post_loses_come_back_to_the_week(tmp_path: Path) -> None:
    store = MemoryStore()
    driver = Driver(collector(tmp_path), store)
    put(tmp_path, "weeks.csv", WEEKS, 0)
    put(tmp_path, "posts.csv", POSTS, 1)
    driver.run()
    rest = [row for row in store.rows("engagement") if row["grain"] == "rest"]
    assert [(row.get("likes"), row["reach"]) for row in rest] == [(480, 9000), (None, 9500), (560, 10000)]
    put(tmp_path, "posts.csv", POSTS.replace(",45,", ",,").replace(",67,", ",,"), 2)
    driver.run()
    assert {row.get("likes") for row in store.rows("engagement") if row["grain"] == "rest"} == {480, 520, 560}


def test_what_was_read_by_older_rules_is_read_again_without_reporting_its_faults_twice(tmp_path: Path) -> None:
    put(tmp_path, "weeks.csv", WEEKS + "no date,1,1,1,1,1,1,1,1\n", 0)
    store = MemoryStore()
    driver = Driver(collector(tmp_path), store)
    driver.run()
    letters = dict(driver.letters)
    store.points = {key: point for key, point in store.points.items() if point.tags["grain"] != "rest"}
    driver.checkpoint = {"files": driver.checkpoint["files"]}
    driver.run()
    assert sum(row["grain"] == "rest" for row in store.rows("engagement")) == 3
    assert driver.letters == letters and len(letters) == 1


def test_real_exports_are_counted_once(shared_data: Path, store: Any, tmp_path: Path) -> None:
    for path in (shared_data / "upstream").glob("*.csv"):
        shutil.copyfile(path, tmp_path / path.name)
    put(tmp_path, "outputs/metrics.csv", ROWS.splitlines()[0] + "\n2025-10-03,linkedin,1,T,100,7,1,1,9%\n", 9)
    Driver(collector(tmp_path), store).run()
    words = {"platform": "linkedin", "start": "2024-01-01", "stop": "2026-01-01"}
    posts = total(store, "likes", grain="post", **words)
    assert total(store, "likes", grain="week", **words) == 480 + 520 + 560 + 610 + 680
    assert posts is not None and total(store, "likes", **words) == posts + 520 + 560 + 610 + 680
