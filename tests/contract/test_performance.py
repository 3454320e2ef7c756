"""Engagement of sent posts as both stores tell it, against the same sums in plain Python."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from random import Random
from statistics import fmean
from typing import Any

import pytest

from metricstore.evaluation import evaluate
from metricstore.metrics import metric
from metricstore.metrics.intervals import student
from metricstore.point import Point, nanoseconds
from metricstore.selection import Selection
from metricstore.store import Store

BEGIN = datetime(2026, 3, 2, tzinfo=UTC)
MONTH = Selection("2026-03-01", "2026-04-01", every="none")
T_975 = {2: 12.7062, 3: 4.3027, 6: 2.5706, 14: 2.1604, 40: 2.0227}
"""Student's t at 97.5 %, from printed tables, by the number of posts."""


def post(number: int, topic: str, exposures: int | None, interactions: int | None, **more: Any) -> Point:
    rated: dict[str, Any] = {}
    if exposures is not None and interactions is not None:
        rated = {"exposures": exposures, "rated_interactions": interactions, "exposures_squared": float(exposures) ** 2,
                 "interactions_squared": float(interactions) ** 2, "exposed_interactions": float(exposures) * interactions}  # fmt: skip
    fields = {"service_post_id": f"p{number}", "topic": topic, **rated, **more}
    time = nanoseconds(BEGIN + timedelta(hours=number)) + number
    return Point("post_performance", time, {"source": "buffer", "platform": "linkedin"}, {k: v for k, v in fields.items() if v != ""})  # fmt: skip


def rated(sizes: dict[str, int]) -> dict[str, list[tuple[int, int]]]:
    rng = Random(5)
    return {topic: [(rng.randint(40, 900), rng.randint(0, 60)) for _ in range(count)] for topic, count in sizes.items()}


def interval(pairs: list[tuple[int, int]]) -> tuple[float, float]:
    """Of sum(y) / sum(x) in per cent, from the residuals themselves."""
    n = len(pairs)
    rate = sum(y for _, y in pairs) / sum(x for x, _ in pairs)
    spread = sum((y - rate * x) ** 2 for x, y in pairs) / (n - 1)
    off = T_975[n] * math.sqrt(spread / n) / fmean(x for x, _ in pairs)
    return 100 * max(0.0, rate - off), 100 * (rate + off)


def by_topic(store: Store, name: str) -> dict[str, float]:
    frame = evaluate(store, metric(name), MONTH, by=("topic",)).frame
    return dict(zip(frame["topic"], frame["value"], strict=True))


def test_a_rate_and_its_interval_are_what_the_posts_themselves_say(store: Store) -> None:
    topics = rated({"two": 2, "three": 3, "six": 6, "fourteen": 14, "forty": 40, 'a "quoted", one': 6})
    number = iter(range(10_000))
    store.write([post(next(number), topic, *pair) for topic, pairs in topics.items() for pair in pairs])
    # neither side reported, and only one of them: in no rate
    store.write([post(next(number), "six", None, None, impressions=70_000), post(next(number), "alone", 100, 5)])
    rates, counts = by_topic(store, "post_engagement_rate"), by_topic(store, "rated_posts")
    low, high = by_topic(store, "post_engagement_rate_low"), by_topic(store, "post_engagement_rate_high")
    for topic, pairs in topics.items():
        assert counts[topic] == len(pairs)
        assert rates[topic] == pytest.approx(100 * sum(y for _, y in pairs) / sum(x for x, _ in pairs))
        assert (low[topic], high[topic]) == pytest.approx(interval(pairs), rel=1e-4), topic
    assert (rates["alone"], counts["alone"]) == (5.0, 1)
    assert math.isnan(low["alone"])
    assert math.isnan(high["alone"])


def test_posts_all_alike_leave_no_doubt_and_posts_nobody_saw_give_no_rate(store: Store) -> None:
    store.write([post(number, "same", 200, 10) for number in range(12)])
    store.write([post(20 + number, "unseen", 0, 0) for number in range(3)])
    low, high = by_topic(store, "post_engagement_rate_low"), by_topic(store, "post_engagement_rate_high")
    assert (low["same"], high["same"]) == pytest.approx((5.0, 5.0))
    assert math.isnan(by_topic(store, "post_engagement_rate")["unseen"])
    assert math.isnan(low["unseen"])


def test_clicks_are_divided_by_the_impressions_of_posts_that_report_them(store: Store) -> None:
    store.write([post(1, "a", 100, 1, impressions=100, clicks=4), post(2, "a", 900, 1, impressions=900), post(3, "a", None, None, clicks=50)])  # fmt: skip
    assert by_topic(store, "post_clickthrough_rate")["a"] == 4.0


def test_the_first_day_is_shared_out_over_the_posts_that_know_it(store: Store) -> None:
    known = {"first_day_exposures": 60, "later_exposures": 100}
    store.write(
        [
            post(1, "a", 100, 1, **known),
            post(2, "a", 100, 1, **{**known, "first_day_exposures": 20}),
            post(3, "a", 9_000, 1),
        ]
    )
    assert by_topic(store, "first_day_share")["a"] == 40.0
    assert by_topic(store, "first_day_posts")["a"] == 2


def test_students_t_is_that_of_the_printed_tables() -> None:
    import numpy as np

    found = student(np.array([n - 1 for n in T_975], dtype=float))
    assert found == pytest.approx(list(T_975.values()), abs=2e-4)
    assert np.isnan(student(np.array([0.0, np.nan]))).all()
