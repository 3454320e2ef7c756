"""Weekday and hour on a zone's wall clock as filters, on days of 23 and 25 hours, too."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from metricstore.errors import InvalidQuestion
from metricstore.query import Filter, Query, RecordQuery
from metricstore.selection import Selection
from metricstore.store import Store
from metricstore.time_parts import HOURS, WEEKDAYS, offsets
from tests.contract.asking import generation

BEGIN = datetime(2024, 3, 25, tzinfo=UTC)
END = BEGIN + timedelta(days=14)
ZONES = ("UTC", "Europe/Berlin", "Australia/Lord_Howe", "Asia/Kolkata")


def _moments() -> Iterator[datetime]:
    moment = BEGIN
    while moment < END:
        yield moment
        moment += timedelta(minutes=30)


@pytest.fixture
def filled(store: Store) -> Store:
    store.write([generation(moment, "linkedin", duration_seconds=1.0) for moment in _moments()])
    return store


def test_each_cell_of_the_week_holds_what_its_clock_says(filled: Store) -> None:
    for zone in ZONES:
        local = [moment.astimezone(ZoneInfo(zone)) for moment in _moments()]
        for weekday, hour in (("sun", "01"), ("sun", "02"), ("sun", "03"), ("mon", "00"), ("sat", "23")):
            where = (Filter("weekday", "any", (weekday,), zone), Filter("hour", "any", (hour,), zone))
            expected = sum(f"{one:%a}".lower() == weekday and f"{one:%H}" == hour for one in local)
            (found,) = filled.ask(Query("generation", "count", BEGIN, END, where=where))["value"]
            assert found == expected, zone
            page = filled.records(RecordQuery("generation", BEGIN, END, where), count=True)
            assert page.total == len(page.frame) == expected, zone


def test_all_cells_together_are_everything(filled: Store) -> None:
    for zone in ZONES:
        total = 0.0
        for weekday in WEEKDAYS:
            where = (Filter("weekday", "any", (weekday,), zone),)
            total += filled.ask(Query("generation", "sum", BEGIN, END, "duration_seconds", where=where))["value"].sum()
        assert total == len(list(_moments())), zone


def test_excluding_is_the_opposite(filled: Store) -> None:
    for operator, expected in (("any", 28 * 2), ("none", 28 * 22)):
        where = (Filter("hour", operator, ("09", "17")),)  # type: ignore[arg-type]
        assert filled.ask(Query("generation", "count", BEGIN, END, where=where))["value"].tolist() == [expected]


def test_values_and_comparisons_obey(filled: Store) -> None:
    nothing = (Filter("hour", "none", HOURS),)
    assert filled.values("generation", "platform", BEGIN, END, nothing) == []
    middle = BEGIN + timedelta(days=7)
    mondays = (Filter("weekday", "any", ("mon",), "Europe/Berlin"),)
    found = filled.ask(Query("generation", "count", middle, END, where=mondays, compare="previous"))
    # The earlier week begins at one o'clock of a Monday in Berlin, the later one, after the change, at two.
    assert found[["value", "comparison"]].values.tolist() == [[44 + 4, 46 + 4]]


def test_what_is_no_part_of_a_time_is_refused(store: Store) -> None:
    for wrong in (
        Filter("weekday", "any", ("someday",)), Filter("hour", "any", ("24",)), Filter("hour", "contains", ("1",)),
        Filter("hour", "any", ()), Filter("weekday", "min", (2,)),
    ):  # fmt: skip
        with pytest.raises(InvalidQuestion):
            store.ask(Query("generation", "count", BEGIN, END, where=(wrong,)))


def test_a_selection_asks_by_its_own_clock() -> None:
    selection = Selection.from_params({"tz": "Europe/Berlin", "hour": "9,!17", "weekday": "mon", "platform": "x"})
    assert {(f.column, f.operator, f.values, f.timezone) for f in selection.filters(("platform",))} == {
        ("hour", "any", ("9",), "Europe/Berlin"), ("hour", "none", ("17",), "Europe/Berlin"),
        ("weekday", "any", ("mon",), "Europe/Berlin"), ("platform", "any", ("x",), "UTC"),
    }  # fmt: skip


def test_stretches_of_equal_offset_cover_the_range_without_gaps() -> None:
    second = 1_000_000_000
    for zone in (*ZONES, "Pacific/Apia", "America/St_Johns"):
        found = offsets(1_300_000_000 * second, 1_500_000_000 * second + 7, zone)
        assert (found[0].start, found[-1].stop) == (1_300_000_000 * second, 1_500_000_000 * second + 7), zone
        for before, after in pairwise(found):
            assert before.stop == after.start, zone
            assert before.nanoseconds != after.nanoseconds, zone
            moment = datetime.fromtimestamp(after.start // second, ZoneInfo(zone))
            offset = moment.utcoffset()
            assert offset is not None and offset.total_seconds() * second == after.nanoseconds, zone
