"""Filters on weekday and hour by windows within an hour of the clock: as Flux decides them row by row."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metricstore.catalogue import measurement
from metricstore.influx import InfluxStore, clock_windows
from metricstore.influx.clock_windows import Clock, cut
from metricstore.influx.plan import Conditions
from metricstore.influx.spans import clamped
from metricstore.point import nanoseconds
from metricstore.query import Filter, Query
from metricstore.time_parts import WEEKDAYS, offsets
from metricstore.windows import Window
from tests.contract.asking import START, STOP, generation

STORAGE_AGGREGATES = ("count", "sum", "mean", "min", "max", "last", "rate", "per_day")
FAILED = (Filter("outcome", "none", ("failed",)),)
ZONES = ("UTC", "Europe/Berlin", "Asia/Kathmandu", "Australia/Lord_Howe", "America/St_Johns", "Pacific/Apia")


def filtered(zone: str, every: str | None = None, **parts: object) -> Query:
    where = (Filter("weekday", "any", ("sat", "sun", "mon"), zone), Filter("hour", "none", ("02", "17"), zone))
    window = Window.parse(every) if every else None
    usual = {"aggregate": "count", "start": START, "stop": STOP, "where": where, "every": window, "timezone": zone}
    return Query("generation", **{**usual, **parts})  # type: ignore[arg-type]


def cut_of(query: Query) -> clock_windows.Cut:
    span = clamped(nanoseconds(query.start), nanoseconds(query.stop))
    return cut(query, Conditions.of(measurement("generation"), query.where, span, query.timezone))


@settings(max_examples=300)
@given(zone=st.sampled_from(ZONES), minutes=st.integers(0, 60 * 24 * 61 - 1))
def test_a_time_passes_by_what_the_clock_shows(zone: str, minutes: int) -> None:
    moment = START + timedelta(minutes=minutes)
    local = moment.astimezone(ZoneInfo(zone))
    stretches = offsets(nanoseconds(START), nanoseconds(STOP), zone)
    conditions = [clock.condition for clock in cut_of(filtered(zone)).clocks]
    passes = [Clock(one, stretches).passes(np.array([nanoseconds(moment)]))[0] for one in conditions]
    assert passes == [WEEKDAYS[local.weekday()] in ("sat", "sun", "mon"), local.hour not in (2, 17)]


@pytest.mark.parametrize(("zone", "every", "length"), [
    ("UTC", None, "3600s"), ("Europe/Berlin", "1d", "3600s"), ("Asia/Kathmandu", "1d", "900s"),
    ("Asia/Kathmandu", None, "900s"), ("Australia/Lord_Howe", "1mo", "1800s"), ("UTC", "5m", "300s"),
])  # fmt: skip
def test_windows_are_as_long_as_the_clock_lets_them_be(zone: str, every: str | None, length: str) -> None:
    stop = START + timedelta(days=61 if every != "5m" else 2)
    (span,) = cut_of(filtered(zone, every, stop=stop)).spans
    assert span.every == length


def test_zones_that_were_ahead_by_odd_seconds_are_left_to_flux() -> None:
    start = datetime(1880, 1, 1, tzinfo=UTC)
    found = cut_of(filtered("Europe/Berlin", start=start, stop=start + timedelta(days=40)))
    assert found.clocks == () and found.conditions.times != ()


@pytest.mark.influx
@pytest.mark.parametrize("zone", ZONES[1:4])
def test_answers_are_those_that_flux_gives_row_by_row(
    influx_store: InfluxStore, monkeypatch: pytest.MonkeyPatch, zone: str
) -> None:
    points = [
        generation(START + timedelta(minutes=107 * n), f"p{n % 3}", outcome=("ok", "failed", "")[n % 3] or "unknown",
                   **({"duration_seconds": float(n % 17)} if n % 5 else {"topic": "x"}))
        for n in range(800)
    ]  # fmt: skip
    influx_store.write(points)
    where = filtered(zone).where
    aggregates = [(one, "duration_seconds") for one in STORAGE_AGGREGATES] + [("count", None)]
    queries = [
        filtered(zone, every, aggregate=aggregate, field=field, by=by, start=START + timedelta(hours=5, minutes=7))
        for every, by in ((None, ()), ("1d", ("platform",)))
        for aggregate, field in aggregates
    ]
    queries += [
        filtered(zone, every, by=by, where=(*where, *more))
        for every in ("1h", "1mo")
        for by, more in (((), FAILED), (("outcome",), ()), (("platform", "outcome"), FAILED))
    ]
    found = influx_store.ask_all(queries)
    monkeypatch.setattr(clock_windows, "MOST_WINDOWS", 0)
    for query, mine, theirs in zip(queries, found, influx_store.ask_all(queries), strict=True):
        assert (mine.labels, mine.starts.tolist()) == (theirs.labels, theirs.starts.tolist()), query
        np.testing.assert_allclose(mine["value"], theirs["value"], rtol=1e-12, err_msg=str(query))
