"""Segments narrow whatever is asked, and nothing widens them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metricstore.duck import DuckStore
from metricstore.errors import InvalidQuestion, NotAllowed, UnknownName
from metricstore.evaluation import evaluate
from metricstore.metrics import metric
from metricstore.point import Point
from metricstore.query import Filter, Query, RecordQuery
from metricstore.restriction import restricted
from metricstore.segment import Segment
from metricstore.selection import Selection
from metricstore.windows import Window

FIRST = datetime(2026, 3, 20, tzinfo=UTC)
DAYS = 20
PLATFORMS = ("linkedin", "twitter", "instagram")
OUTCOMES = ("ok", "failed")


def _points() -> Iterator[Point]:
    for hour in range(24 * DAYS):
        moment = FIRST + timedelta(hours=hour)
        yield Point(
            "generation",
            int(moment.timestamp()) * 10**9 + hour,
            {"platform": PLATFORMS[hour % 3]},
            {"outcome": OUTCOMES[hour % 2], "duration_seconds": float(hour), "topic": f"topic {hour % 5}"},
        )
        yield Point(
            "log_record", int(moment.timestamp()) * 10**9 + hour, {"level": "INFO", "event": "other"},
            {"message": f"line {hour}", "file": "app.log", "line": hour},
        )  # fmt: skip


@pytest.fixture(scope="module")
def full() -> Iterator[DuckStore]:
    store = DuckStore(None)
    written = store.write(_points())
    assert not written.rejected
    yield store
    store.close()


def _count(store: Any, **asked: Any) -> Query:
    return Query("generation", "count", FIRST, FIRST + timedelta(days=DAYS), **asked)


def _rows(full: DuckStore) -> list[dict[str, Any]]:
    frame = full.records(RecordQuery("generation", FIRST, FIRST + timedelta(days=DAYS), limit=100_000)).frame
    return frame.to_dict("records")  # type: ignore[return-value]


LIMITS = st.builds(
    Segment,
    where=st.lists(
        st.sampled_from([("platform", ("linkedin",)), ("platform", ("!twitter",)), ("platform", ()), ("outcome", ("ok",)),
                         ("topic", ("~2",)), ("duration_seconds", (">=100", "<=400"))]),
        max_size=2, unique_by=lambda pair: pair[0],
    ).map(tuple),
    start=st.sampled_from(["", "2026-03-25", "2026-03-28T12:00:00"]),
    stop=st.sampled_from(["", "2026-04-02", "2026-03-29T01:30:00"]),
    timezone=st.sampled_from(["UTC", "Europe/Berlin", "America/New_York"]),
)  # fmt: skip
WISHES = st.lists(
    st.sampled_from([Filter("platform", "any", ("twitter", "linkedin")), Filter("platform", "none", ("linkedin",)),
                     Filter("outcome", "any", ("ok", "failed")), Filter("topic", "contains", ("topic",))]),
    max_size=2,
).map(tuple)  # fmt: skip


def _lets_through(segment: Segment, row: dict[str, Any]) -> bool:
    """Said once more, row by row, without any store."""
    first, last = segment.range(datetime(2026, 11, 1, tzinfo=UTC))
    moment = row["time"].floor("us").to_pydatetime()
    if (first and moment < first) or (last and moment >= last):
        return False
    for name, words in segment.where:
        value = row[name]
        if not words:
            return False
        for word in words:
            right = (
                float(value) >= float(word[2:]) if word.startswith(">=")
                else float(value) <= float(word[2:]) if word.startswith("<=")
                else value != word[1:] if word.startswith("!")
                else word[1:] in str(value) if word.startswith("~")
                else value == word
            )  # fmt: skip
            if not right:
                return False
    return True


@settings(max_examples=150, deadline=None)
@given(
    segments=st.lists(LIMITS, min_size=1, max_size=2), where=WISHES, begin=st.integers(-5, 15), days=st.integers(1, 30)
)
def test_whatever_is_asked_the_rows_lie_within_every_segment(
    full: DuckStore, segments: list[Segment], where: tuple[Filter, ...], begin: int, days: int
) -> None:
    store = restricted(full, *segments)
    start = FIRST + timedelta(days=begin)
    stop = start + timedelta(days=days)
    allowed = {row["_id"]: row for row in _rows(full) if all(_lets_through(one, row) for one in segments)}
    try:
        page = store.records(RecordQuery("generation", start, stop, where, limit=1000), count=True)
        total = store.ask(Query("generation", "count", start, stop, where=where, by=("platform",)))
    except NotAllowed:
        assert not any(start <= row["time"] < stop for row in allowed.values())
        return
    assert set(page.frame["_id"]) <= set(allowed)
    assert page.total == len(page.frame) == total["value"].sum()
    seen = {allowed[one]["platform"] for one in page.frame["_id"]}
    assert set(store.values("generation", "platform", start, stop, where)) == seen
    limits = store.bounds("generation")
    assert limits is None or all(one.range(FIRST)[0] is None or limits[0] >= one.range(FIRST)[0] for one in segments)  # type: ignore[operator]


@given(LIMITS)
def test_a_segment_written_as_words_reads_back_the_same(segment: Segment) -> None:
    if any(not words for _, words in segment.where):
        return
    again = Segment.from_params(segment.params())
    assert again.filters() == Segment(tuple(sorted(segment.where))).filters()
    assert (again.start, again.stop, again.timezone) == (segment.start, segment.stop, segment.timezone)


def test_a_finest_window_coarsens_finer_ones_and_closes_records(full: DuckStore) -> None:
    store = restricted(full, Segment(every="1d"))
    selection = Selection("2026-03-21", "2026-03-24", every="1h")
    answer = evaluate(store, metric("generations"), selection)
    assert answer.every == Window(1, "d")
    assert answer.frame["value"].tolist() == [24, 24, 24]
    with pytest.raises(NotAllowed, match="windows of 1d or longer"):
        store.records(RecordQuery("generation", FIRST, FIRST + timedelta(days=2)))


def test_no_value_stands_for_less_than_the_finest_window(full: DuckStore) -> None:
    store = restricted(full, Segment(every="1d"))
    cut = Selection("2026-03-20T23:59:00", "2026-03-23T12:00:00", every="none")
    answer = evaluate(store, metric("generations"), cut)
    assert answer.frame["value"].tolist() == [48]
    assert (answer.start.isoformat(), answer.stop.isoformat()) == (
        "2026-03-21T00:00:00+00:00",
        "2026-03-23T00:00:00+00:00",
    )
    with pytest.raises(NotAllowed, match="no whole one"):
        store.ask(Query("generation", "count", FIRST + timedelta(hours=1), FIRST + timedelta(hours=2)))


def test_the_window_that_still_runs_may_be_seen() -> None:
    store = restricted(DuckStore(None), Segment(every="1d"))
    answer = evaluate(store, metric("generations"), Selection("day", "now", every="1d"))
    assert len(answer.frame) == 1


def test_a_comparison_never_reaches_behind_the_first_moment(full: DuckStore) -> None:
    store = restricted(full, Segment(start="2026-03-25"))
    hidden = store.ask(_count(store, compare="previous"))
    assert hidden["comparison"].isna().all()
    inside = Query(
        "generation", "count", datetime(2026, 4, 1, tzinfo=UTC), datetime(2026, 4, 3, tzinfo=UTC), compare="previous"
    )
    assert store.ask(inside)["comparison"].tolist() == [48]


def test_free_texts_of_a_measurement_without_the_column_stay_closed(full: DuckStore) -> None:
    store = restricted(full, Segment.of_platforms(("linkedin",)))
    stop = FIRST + timedelta(days=DAYS)
    assert store.ask(Query("log_record", "count", FIRST, stop))["value"].tolist() == [24 * DAYS]
    with pytest.raises(NotAllowed, match="limited by platform"):
        store.ask(Query("log_record", "distinct", FIRST, stop, field="message"))
    with pytest.raises(NotAllowed):
        store.records(RecordQuery("log_record", FIRST, stop))
    with pytest.raises(NotAllowed):
        store.values("log_record", "event", FIRST, stop, (Filter("message", "contains", ("1",)),))


@pytest.mark.parametrize(
    ("words", "wrong"),
    [({"colour": "red"}, UnknownName), ({"time": "now"}, UnknownName), ({"start": "soon"}, InvalidQuestion),
     ({"every": "7x"}, InvalidQuestion), ({"start": "now", "stop": "-1d"}, InvalidQuestion),
     ({"tz": "Mars/Base"}, InvalidQuestion), ({"duration_seconds": ">=much"}, InvalidQuestion)],
)  # fmt: skip
def test_a_segment_that_makes_no_sense_is_refused(words: dict[str, str], wrong: type[Exception]) -> None:
    with pytest.raises(wrong):
        Segment.from_params(words)


def test_who_reads_through_a_segment_writes_nothing(full: DuckStore) -> None:
    store = restricted(full, Segment())
    for forbidden in (
        lambda: store.write([]),
        lambda: store.delete([]),
        lambda: store.delete_range("generation", FIRST, FIRST),
    ):
        with pytest.raises(NotAllowed):
            forbidden()
