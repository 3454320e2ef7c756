"""Delivery as both stores tell it: failures below the line, withdrawn posts beside it, platforms' copies left out."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from collectors.social.post import SECOND, SocialPost
from layouts.pages import CHARTS
from metricstore.evaluation import evaluate
from metricstore.metrics import metric
from metricstore.point import Point, nanoseconds
from metricstore.query import RecordQuery
from metricstore.selection import Selection
from metricstore.store import Store
from questions.captions import caption
from questions.charts import ask_chart

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


HEATMAP = CHARTS["delivery_hours"]
SPRING = ("2026-03-28T00:00:00Z", "2026-03-31T00:00:00Z")
"""Around the day on which Berlin's clock goes from two to three."""
ZONES = {"berlin": "Europe/Berlin", "kolkata": "Asia/Kolkata", "nobody": "", "odd": "Mars/Olympus"}


def around_the_clock() -> list[Point]:
    """A post on every channel each half hour of three days: so many in a cell that one hour more or less shows."""
    first = nanoseconds(datetime(2026, 3, 28, tzinfo=UTC))
    made = [
        SocialPost("buffer", "linkedin", f"{channel}{number}", channel, "failed" if number % 7 == 0 else "sent",
                   sent=first + number * 1800 * SECOND, timezone=zone).point
        for channel, zone in ZONES.items() for number in range(3 * 48)
    ]  # fmt: skip
    return [point for point in made if point is not None]


def heatmap(store: Store, timezone: str) -> tuple[list[dict[str, Any]], str]:
    """(its two traces, what is said under it)."""
    selection = Selection(*SPRING, timezone=timezone, where={"channel_id": tuple(ZONES)})
    asked = ask_chart(store, HEATMAP, selection)
    data = asked.data(selection)
    assert data is not None
    return HEATMAP.draw(data).to_plotly_json()["data"], caption(HEATMAP, selection, data, asked.left_out)


def test_cells_of_delivery_hours_are_the_channels_own_whatever_zone_somebody_looks_in(store: Store) -> None:
    points = around_the_clock()
    store.write(points)
    traces, said = heatmap(store, "UTC")
    assert heatmap(store, "America/New_York") == (traces, said)
    assert "time zone of 288 of 576 posts; they are in no cell" in said
    shown = {(day, hour): int(text) for trace in traces for day, row in enumerate(trace["text"])
             for hour, text in enumerate(row) if text}  # fmt: skip
    known = [
        datetime.fromtimestamp(point.time // SECOND, ZoneInfo(ZONES[str(point.fields["channel_id"])]))
        for point in points
        if point.fields["channel_id"] in ("berlin", "kolkata")
    ]
    assert shown == Counter((local.weekday(), local.hour) for local in known)
    assert (shown[6, 1], shown[6, 2], shown[6, 3]) == (4, 2, 4), "Berlin has no two o'clock on that Sunday"


def test_a_cell_of_delivery_hours_leads_to_just_its_own_records(store: Store) -> None:
    store.write(around_the_clock())
    traces, _ = heatmap(store, "UTC")
    for day, hour in ((6, 1), (6, 2), (0, 23)):
        (number,) = (trace["text"][day][hour] for trace in traces if trace["text"][day][hour])
        several = traces[0]["customdata"][day][hour][3]
        clicked = Selection(*SPRING, where={name: (value,) for name, value in several.items()})
        found = store.records(RecordQuery("social_post", *clicked.range(), clicked.filters()), count=True)
        assert found.total == len(found.frame) == int(number)
        assert float(evaluate(store, metric("service_ended"), clicked).frame["value"].sum()) == float(number)
