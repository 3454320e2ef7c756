"""A date is a date: what carries no time of day counts on its date in every time zone, beside instants that do not."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import product
from zoneinfo import ZoneInfo

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metricstore.dates import DATED
from metricstore.evaluation import evaluate
from metricstore.metrics import metric
from metricstore.point import Point
from metricstore.query import AGGREGATES, COUNTED, Filter, Query, RecordQuery
from metricstore.restriction import restricted
from metricstore.segment import Segment
from metricstore.selection import Selection
from metricstore.spelling import Spelling
from metricstore.store import Store
from metricstore.time_parts import HOURS, TIME_PARTS
from metricstore.windows import Window
from tests.contract.asking import assert_same, rows
from tests.contract.reference import Reference, ns
from tests.contract.test_generated import QUIET, SWITCHES, WINDOWS

ZONES = ("Europe/Berlin", "UTC", "America/New_York", "Pacific/Auckland", "Asia/Kolkata", "Pacific/Kiritimati",
         "America/Santiago")  # fmt: skip
MONDAY = date(2026, 10, 19)
"""Of the week at whose end Berlin puts its clocks back."""
FIGURES = (3, 1, 4, 1, 5, 9, 2)


def dated(day: date, number: int = 0, measurement: str = "post", **fields: float | int | str) -> Point:
    time = ns(datetime(day.year, day.month, day.day, tzinfo=UTC)) + 1_000 * number + 7
    tags = {"platform": "linkedin", "time_kind": "date"}
    if measurement == "engagement":
        tags |= {"grain": "post", "provenance": "imported"}
    return Point(measurement, time, tags, fields or {"status": "ready"})


def instant(moment: datetime, **fields: float | int | str) -> Point:
    return Point("post", ns(moment), {"platform": "linkedin", "time_kind": "instant"}, fields or {"status": "ready"})


def on(day: date, zone: str, hour: int = 0) -> datetime:
    return datetime(day.year, day.month, day.day, hour, tzinfo=ZoneInfo(zone)).astimezone(UTC)


def week(zone: str, aggregate: str = "count", every: str | None = "1d", weeks: int = 1, **parts: object) -> Query:
    stop = MONDAY + timedelta(weeks=weeks)
    window = Window.parse(every) if every else None
    return Query("post", aggregate, on(MONDAY, zone), on(stop, zone), every=window, timezone=zone, **parts)  # type: ignore[arg-type]


@pytest.fixture
def filled(store: Store) -> Store:
    """Three weeks of dated posts; none have another's figures."""
    store.write([
        dated(MONDAY + timedelta(days=7 * before + day), number)
        for before in (-1, 0, 1) for day, count in enumerate(FIGURES) for number in range(count + 10 * before + 10)
    ])  # fmt: skip
    return store


def test_a_week_has_the_same_seven_figures_in_every_zone(filled: Store) -> None:
    for zone in ZONES:
        assert filled.ask(week(zone))["value"].tolist() == [count + 10 for count in FIGURES], zone
        assert filled.ask(week(zone, every=None))["value"].tolist() == [sum(FIGURES) + 70], zone
        assert filled.ask(week(zone, every="1w", weeks=2))["value"].tolist() == [
            sum(FIGURES) + 70,
            sum(FIGURES) + 140,
        ], zone


def test_dates_are_compared_with_those_of_the_week_before_whatever_the_clock_did(filled: Store) -> None:
    for zone, every in product(ZONES, ("1d", None)):
        later = replace(week(zone, every=every, compare="previous"), start=on(MONDAY + timedelta(days=7), zone),
                        stop=on(MONDAY + timedelta(days=14), zone))  # fmt: skip
        found = filled.ask(later)
        assert found["value"].sum() == sum(FIGURES) + 140, zone
        assert found["comparison"].sum() == sum(FIGURES) + 70, zone


def test_posts_a_day_divides_by_days_however_long_they_are(filled: Store) -> None:
    for zone in ZONES:
        selection = Selection(f"{MONDAY}", f"{MONDAY + timedelta(days=7)}", zone, "none")
        found = evaluate(filled, metric("posts_per_day"), selection).frame["value"].tolist()
        assert found == [pytest.approx((sum(FIGURES) + 70) / 7)], zone
        daily = evaluate(filled, metric("posts_per_day"), replace(selection, every="1d")).frame["value"].tolist()
        assert daily == [count + 10 for count in FIGURES], zone
        chosen = evaluate(filled, metric("posts_per_day"), replace(selection, every="auto"))
        assert chosen.every == Window(1, "d") and chosen.frame["value"].tolist() == daily, zone


def test_an_instant_follows_the_viewers_clock_and_a_date_does_not(store: Store) -> None:
    store.write([dated(MONDAY), instant(datetime(2026, 10, 19, 22, 30, tzinfo=UTC))])
    for zone, figures in (("UTC", [2, 0]), ("Europe/Berlin", [1, 1]), ("Pacific/Auckland", [1, 1]),
                          ("America/New_York", [2, 0])):  # fmt: skip
        assert store.ask(week(zone))["value"].tolist()[:2] == figures, zone


def test_ranges_are_half_open_at_the_dates_own_midnight(store: Store) -> None:
    store.write([dated(MONDAY), dated(MONDAY + timedelta(days=1))])
    for zone in ZONES:
        begin = on(MONDAY, zone)
        for start, stop, count in ((-3600, 0, 0), (-3600, 1, 1), (0, 86_400, 1), (0, 86_401, 2), (1, 86_400, 0)):
            asked = replace(week(zone, every=None), start=begin + timedelta(seconds=start),
                            stop=begin + timedelta(seconds=stop))  # fmt: skip
            assert store.ask(asked)["value"].tolist() == [count], (zone, start, stop)
            assert store.values("post", "status", asked.start, asked.stop, timezone=zone) == ["ready"] * bool(count), (
                zone
            )


def test_a_date_has_a_weekday_and_no_hour(store: Store) -> None:
    store.write([dated(MONDAY), instant(datetime(2026, 10, 19, 6, 30, tzinfo=UTC))])
    for zone in ZONES:

        def count(*where: Filter, zone: str = zone) -> float:
            return float(store.ask(week(zone, every=None, where=where))["value"].iloc[0])

        assert count(Filter("weekday", "any", ("mon",), zone)) == 2, zone
        assert count(Filter("weekday", "none", ("mon",), zone)) == 0, zone
        assert count(Filter("hour", "any", HOURS, zone)) == 1, zone
        assert count(Filter("hour", "none", HOURS, zone)) == 1, zone
        assert count(Filter("hour", "any", ("00",), zone)) == 0, zone


def test_records_stand_in_the_zones_order_and_pages_lose_none(store: Store) -> None:
    points = [dated(MONDAY + timedelta(days=day), number) for day in range(3) for number in range(4)]
    points += [instant(datetime(2026, 10, 18, 12, tzinfo=UTC) + timedelta(hours=3 * n)) for n in range(24)]
    store.write(points)
    for zone in ZONES:
        place = ZoneInfo(zone)
        for descending in (False, True):
            query = RecordQuery("post", on(MONDAY, zone), on(MONDAY + timedelta(days=2), zone), columns=("time_kind",),
                                descending=descending, limit=5, timezone=zone)  # fmt: skip
            whole = pd.concat(store.stream(query), ignore_index=True)
            times = whole["time"].tolist()
            assert times == sorted(times, reverse=descending), zone
            dates = whole[whole["time_kind"] == "date"]
            assert len(dates) == 8, zone
            assert all(time.astimezone(place).hour == 0 for time in dates["time"]), zone
            pages, cursor = [], None
            while True:
                page = store.records(replace(query, cursor=cursor), count=True)
                pages.append(page.frame)
                assert page.total == len(whole), zone
                if (cursor := page.next_cursor) is None:
                    break
            paged = pd.concat(pages, ignore_index=True)
            assert paged["time"].tolist() == times, zone
            stored = {f"{point.time},platform=linkedin,time_kind={point.tags['time_kind']}" for point in points}
            assert set(paged["_id"]) <= stored and paged["_id"].is_unique, zone
            assert paged[DATED].notna().tolist() == (paged["time_kind"] == "date").tolist(), zone


def test_a_date_is_written_as_a_date_and_a_time_with_no_more_digits_than_its_source_gives(store: Store) -> None:
    moment = datetime(2026, 10, 19, 9, 30, 15, tzinfo=UTC)
    store.write([dated(MONDAY), replace(instant(moment), time=ns(moment) + 123_456_789)])
    for zone in ZONES:
        for order in ("time", "status"):
            query = RecordQuery("post", on(MONDAY, zone), on(MONDAY + timedelta(days=2), zone), columns=("time",),
                                order=order, descending=False, timezone=zone)  # fmt: skip
            text = b"".join(lines.text for lines in store.lines(query, Spelling(zone, begin="\n"))).decode()
            told = moment.astimezone(ZoneInfo(zone)).isoformat()
            assert text.split() == ["2026-10-19", told], zone


def test_the_first_and_the_last_point_are_where_they_count(store: Store) -> None:
    noon = datetime(2026, 10, 20, 12, tzinfo=UTC)
    store.write([dated(MONDAY), instant(noon)])
    for zone in ZONES:
        first, last = store.bounds("post", zone) or (None, None)
        assert first == pytest.approx(on(MONDAY, zone), abs=timedelta(seconds=1)), zone
        assert last == noon, zone


def test_a_limit_on_what_may_be_seen_holds_for_dates_whatever_zone_is_asked_for(filled: Store) -> None:
    limit = Segment(start=f"{MONDAY}", stop=f"{MONDAY + timedelta(days=3)}", timezone="Europe/Berlin")
    seen = restricted(filled, limit)
    allowed = {MONDAY + timedelta(days=day) for day in range(3)}
    for zone in ZONES:
        query = RecordQuery("post", on(MONDAY - timedelta(days=2), zone), on(MONDAY + timedelta(days=9), zone),
                            limit=1000, timezone=zone)  # fmt: skip
        page = seen.records(query, count=True)
        days = {pd.Timestamp(time).date() for time in page.frame[DATED].dropna().astype("int64")}
        assert days <= allowed, zone
        counted = seen.ask(Query("post", "count", query.start, query.stop, timezone=zone))["value"].iloc[0]
        assert counted == page.total == len(page.frame), zone
    assert days  # not simply nothing


FIELDS = st.fixed_dictionaries(
    {},
    optional={
        "reported_rate": st.integers(-50, 50).map(float), "likes": st.integers(-3, 3),
        "topic": st.sampled_from(["Launch", "launch party", "🎉"]), "media_type": st.sampled_from(["text", "video"]),
    },
).map(lambda fields: fields or {"line": 1})  # fmt: skip
DIGITS = st.integers(0, 3)


@st.composite
def points(draw: st.DrawFn, around: datetime) -> Point:
    tags = {"platform": draw(st.sampled_from(["linkedin", "x"])), "grain": "post", "provenance": "imported"}
    fields = draw(FIELDS)
    if draw(st.booleans()):
        day = (around + timedelta(days=draw(st.integers(-40, 40)))).date()
        midnight = datetime(day.year, day.month, day.day, tzinfo=UTC)
        return Point("engagement", ns(midnight) + draw(DIGITS), {**tags, "time_kind": "date"}, fields)
    moment = around + timedelta(minutes=draw(st.integers(-40 * 1440, 40 * 1440)))
    return Point("engagement", ns(moment) + draw(DIGITS), {**tags, "time_kind": draw(st.sampled_from(["instant", ""]))}, fields)  # fmt: skip


@st.composite
def filters(draw: st.DrawFn, zone: str) -> Filter:
    part = draw(st.sampled_from(["weekday", "hour", "time_kind", "media_type"]))
    if part in TIME_PARTS:
        chosen = draw(st.lists(st.sampled_from(TIME_PARTS[part]), min_size=1, max_size=20))
        return Filter(part, draw(st.sampled_from(["any", "none"])), tuple(chosen), zone)
    choices = {"time_kind": ["date", "instant", ""], "media_type": ["text", ""]}[part]
    return Filter(part, draw(st.sampled_from(["any", "none"])), (draw(st.sampled_from(choices)),))


@st.composite
def questions(draw: st.DrawFn, zone: str, around: datetime) -> Query:
    place = ZoneInfo(zone)

    def edge() -> datetime:
        moment = around + timedelta(minutes=draw(st.integers(-40 * 1440, 40 * 1440)))
        if draw(st.booleans()):
            day = moment.astimezone(place).date()
            return datetime(day.year, day.month, day.day, tzinfo=place).astimezone(UTC)
        return moment

    start, stop = sorted((edge(), edge()))
    aggregate = draw(st.sampled_from(AGGREGATES))
    field = draw(st.sampled_from(["reported_rate", "likes"]))
    if aggregate in COUNTED:
        field = draw(st.sampled_from([field, "topic"] if aggregate == "distinct" else [field, None]))
    every = draw(st.sampled_from([None, *map(Window.parse, WINDOWS[1:])]))
    by = draw(st.sampled_from([(), ("platform",), ("media_type",), ("time_kind", "topic")]))
    where = tuple(draw(st.lists(filters(zone), max_size=2)))
    stop = max(stop, start + timedelta(microseconds=1))
    return Query("engagement", aggregate, start, stop, field, every, by, where, zone).checked()  # type: ignore[arg-type]


@st.composite
def cases(draw: st.DrawFn) -> tuple[list[Point], list[Query]]:
    zone, around = draw(st.sampled_from(SWITCHES))
    others = draw(st.sampled_from([zone, zone, "Pacific/Auckland", "America/New_York", "Asia/Kolkata"]))
    written = draw(st.lists(points(around), min_size=1, max_size=40))
    return written, draw(st.lists(questions(others, around), min_size=4, max_size=8))


def agrees(store: Store, case: tuple[list[Point], list[Query]]) -> None:
    written, asked = case
    reference = Reference()
    store.delete_range("engagement", datetime(2000, 1, 1, tzinfo=UTC), datetime(2030, 1, 1, tzinfo=UTC))
    assert store.write(written).rejected == ()
    reference.write(written)
    for query in asked:
        assert_same(rows(store.ask(query), query.by), reference.ask(query))
        found = store.values("engagement", "topic", query.start, query.stop, query.where, query.timezone)
        assert found == reference.values(query, "topic")
    for query, answer in zip(asked, store.ask_all(asked), strict=True):
        assert_same(rows(answer.frame(), query.by), reference.ask(query))


@settings(max_examples=60, deadline=None, suppress_health_check=QUIET, derandomize=True, database=None)
@given(case=cases())
def test_duckdb_counts_dates_as_the_reference_does(duck_store: Store, case: tuple[list[Point], list[Query]]) -> None:
    agrees(duck_store, case)


@pytest.mark.influx
@settings(max_examples=15, deadline=None, suppress_health_check=QUIET, derandomize=True, database=None)
@given(case=cases())
def test_influxdb_counts_dates_as_the_reference_does(
    influx_store: Store, case: tuple[list[Point], list[Query]]
) -> None:
    agrees(influx_store, case)


@pytest.mark.clickhouse
@settings(max_examples=15, deadline=None, suppress_health_check=QUIET, derandomize=True, database=None)
@given(case=cases())
def test_clickhouse_counts_dates_as_the_reference_does(
    clickhouse_store: Store, case: tuple[list[Point], list[Query]]
) -> None:
    agrees(clickhouse_store, case)
