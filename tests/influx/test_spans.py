"""Every window we ask InfluxDB for lies inside one of the question's, and together they cover the range."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metricstore.framing import window_starts
from metricstore.influx.spans import NOWHERE, Span, spans
from metricstore.point import nanoseconds
from metricstore.query import Query
from metricstore.windows import Window

ZONES = [
    "UTC",
    "Europe/Berlin",
    "America/New_York",
    "Australia/Lord_Howe",
    "Asia/Kathmandu",
    "Pacific/Apia",
    "Africa/Cairo",
]


def question(start: datetime, stop: datetime, every: str | None, zone: str = "UTC") -> Query:
    return Query("generation", "count", start, stop, every=Window.parse(every) if every else None, timezone=zone)


def edges_of(span: Span) -> np.ndarray:
    """Where Flux begins windows inside the span; only for fixed lengths."""
    assert span.every is not None and not span.every.endswith(("mo", "y"))
    every, offset = (_ns(text) for text in (span.every, span.offset))
    first = (span.start - offset) // every * every + offset
    return np.maximum(np.arange(first, span.stop, every), span.start)


def _ns(text: str) -> int:
    return int(text[:-2]) if text.endswith("ns") else int(text[:-1]) * 10**9


@settings(max_examples=300, deadline=None, derandomize=True, database=None)
@given(
    zone=st.sampled_from(ZONES),
    every=st.sampled_from(["15m", "1h", "2h", "6h", "12h", "1d", "1w", "1mo", "1q", "1y"]),
    start=st.datetimes(datetime(1950, 1, 1), datetime(2040, 1, 1)).map(lambda moment: moment.replace(tzinfo=UTC)),
    length=st.timedeltas(timedelta(microseconds=1), timedelta(days=40)),
)
def test_windows_are_ours_or_finer(zone: str, every: str, start: datetime, length: timedelta) -> None:
    asked = question(start, start + length, every, zone)
    found = spans(asked)
    assert found[0].start == nanoseconds(asked.start)
    assert found[-1].stop == nanoseconds(asked.stop)
    assert all(one.stop == following.start for one, following in pairwise(found))
    if zone == "UTC" and every in ("1mo", "1q", "1y"):
        assert [span.every for span in found] == [{"1mo": "1mo", "1q": "3mo", "1y": "1y"}[every]]
        return
    begun = np.concatenate([edges_of(span) for span in found])
    wanted = np.maximum(window_starts(asked), nanoseconds(asked.start))
    assert set(wanted.tolist()) <= set(begun.tolist())
    if every not in ("1mo", "1q", "1y"):
        assert begun.tolist() == wanted.tolist()


def test_a_year_of_days_in_berlin_is_five_stretches() -> None:
    found = spans(
        question(datetime(2024, 12, 31, 23, tzinfo=UTC), datetime(2025, 12, 31, 23, tzinfo=UTC), "1d", "Europe/Berlin")
    )
    assert [span.every for span in found] == ["86400s", "82800s", "86400s", "90000s", "86400s"]


@pytest.mark.parametrize("every", [None, "1d"])
def test_a_range_beyond_what_influxdb_can_hold_is_asked_for_nowhere(every: str | None) -> None:
    assert spans(question(datetime(2500, 1, 1, tzinfo=UTC), datetime(2500, 2, 1, tzinfo=UTC), every)) == [NOWHERE]
    assert spans(question(datetime(1500, 1, 1, tzinfo=UTC), datetime(1500, 2, 1, tzinfo=UTC), every)) == [NOWHERE]
