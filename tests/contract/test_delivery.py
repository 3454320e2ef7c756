"""Delivery as both stores tell it: failures below the line, withdrawn posts beside it, platforms' copies left out."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from collectors.social.post import SECOND, SocialPost
from metricstore.evaluation import evaluate
from metricstore.metrics import metric
from metricstore.point import nanoseconds
from metricstore.selection import Selection
from metricstore.store import Store

DUE = nanoseconds(datetime(2026, 3, 4, 9, tzinfo=UTC))
WEEK = Selection("2026-03-02", "2026-03-09", every="none")


def posts() -> list[SocialPost]:
    def post(number: int, status: str, late: int | None = None, source: str = "buffer", **more: str) -> SocialPost:
        due = DUE + number * 3600 * SECOND
        return SocialPost(source, "linkedin", f"p{number}{source}", "c1", status, due=due, **more,
                          sent=None if late is None else due + late * SECOND)  # type: ignore[arg-type]  # fmt: skip

    late = [post(number, "sent", seconds) for number, seconds in enumerate((4, 30, 60, 61, 7200))]
    return [*late, post(5, "failed", error="Your token expired"), post(6, "withdrawn"), post(7, "scheduled"),
            post(0, "sent", 4, source="x")]  # fmt: skip


def value(store: Store, name: str, aggregate: str | None = None) -> float:
    return float(evaluate(store, metric(name), WEEK, aggregate=aggregate).frame["value"][0])


def test_failures_count_and_what_was_withdrawn_does_not(store: Store) -> None:
    store.write([point for post in posts() if (point := post.point) is not None])
    names = ("service_sent", "service_failed", "service_withdrawn", "service_waiting", "service_posts")
    assert [value(store, name) for name in names] == [5, 1, 1, 1, 8]
    assert value(store, "delivery_rate") == pytest.approx(500 / 6)
    assert value(store, "posts_on_time") == 80.0
    assert (value(store, "send_lateness", "p50"), value(store, "send_lateness", "p95")) == (60.0, 7200.0)


def test_steps_of_lateness_and_causes_can_be_grouped_by(store: Store) -> None:
    store.write([point for post in posts() if (point := post.point) is not None])
    spread = evaluate(store, metric("service_sent"), WEEK, by=("lateness",)).frame
    assert dict(zip(spread["lateness"], spread["value"], strict=True)) == {"up to 1 min": 3, "1-5 min": 1, "1-6 h": 1}
    causes = evaluate(store, metric("service_failed"), WEEK, by=("error_class",)).frame
    assert list(zip(causes["error_class"], causes["value"], strict=True)) == [("auth", 1.0)]
