"""Whole answers in pieces: the same records in the same order as page by page, and the same lines from both stores."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product

import pandas as pd
import pytest

from metricstore import streaming
from metricstore.errors import InvalidQuestion, NotAllowed
from metricstore.point import Point
from metricstore.query import Filter, RecordQuery
from metricstore.restriction import restricted
from metricstore.segment import Segment
from metricstore.spelling import Kind, Spelling, kind_of, spelled, unguarded
from metricstore.store import Store
from tests.contract.asking import START, STOP, generation, hours, listed
from tests.contract.test_hostile_texts import HOSTILE
from tests.contract.test_records import ORDERS, POINTS

DANGEROUS = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "'=1", "''-1", "＝1", "'quoted'", "=", "a=b", ""]
TEXTS = [*HOSTILE, *DANGEROUS]
TIMES = [*(START + hours(n) for n in range(len(TEXTS) - 3)), datetime(2024, 3, 31, 0, 59, 59, 999_999, UTC),
         datetime(2024, 3, 31, 1, tzinfo=UTC), datetime(1969, 12, 31, 23, 59, 59, 1, UTC)]  # fmt: skip
NUMBERS = [0.1, -0.0, 1e16, 1e-5, 5e-324, 1.7976931348623157e308, 123456789.12345679, -2.5, 100.0]


def difficult() -> list[Point]:
    """Texts, times and numbers that are easily spelled wrong; some are missing."""
    return [
        Point("generation", int(moment.timestamp()) * 10**9 + moment.microsecond * 1000 + 7, {"platform": TEXTS[-n - 1]},
              {"topic": text, "position": n * 10**14, **({"duration_seconds": NUMBERS[n % 9]} if n % 3 else {})})
        for n, (moment, text) in enumerate(zip(TIMES, TEXTS, strict=True))
    ]  # fmt: skip


@pytest.fixture
def small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if a piece held five records, so that forty make many."""
    for module in ("metricstore.sql.slices", "metricstore.influx.streaming"):
        monkeypatch.setattr(f"{module}.ROWS", 5)


def whole(store: Store, query: RecordQuery) -> pd.DataFrame:
    return pd.concat(list(store.stream(query)), ignore_index=True)


@pytest.mark.usefixtures("small_pieces")
def test_a_stream_holds_what_the_pages_hold_in_their_order(store: Store) -> None:
    store.write(POINTS)
    for order, descending in product(ORDERS, (True, False)):
        query = listed(order=order, descending=descending, limit=1000)
        expected = store.records(query).frame.drop(columns="_id")
        pd.testing.assert_frame_equal(whole(store, replace(query, limit=1)), expected)


@pytest.mark.usefixtures("small_pieces")
def test_a_stream_comes_in_pieces_and_obeys_filters_and_range(store: Store) -> None:
    store.write(POINTS)
    assert len(list(store.stream(listed()))) > 3
    where = (Filter("platform", "any", ("linkedin",)), Filter("topic", "contains", ("t1",)))
    query = listed(where=where, columns=("position", "platform"), stop=START + hours(9), limit=1000)
    expected = store.records(query).frame.drop(columns="_id")
    assert 0 < len(expected) < 40
    pd.testing.assert_frame_equal(whole(store, query), expected)
    assert list(whole(store, query)) == ["time", "position", "platform"]


def test_a_stream_of_nothing_is_empty_and_a_bad_question_is_refused_at_once(store: Store) -> None:
    assert list(store.stream(listed())) == []
    assert list(store.lines(listed(order="topic"), Spelling())) == []
    with pytest.raises(InvalidQuestion):
        store.stream(listed(where=(Filter("platform", "any", ()),)))


SPELLINGS = (
    Spelling(),
    Spelling("Europe/Berlin", ";", ","),
    Spelling("America/St_Johns"),
    Spelling("Europe/Berlin", guard=False),
    Spelling("Europe/Berlin", ";", ",", clock="wall"),
)


def test_both_stores_spell_every_value_alike(store: Store) -> None:
    store.write(difficult())
    query = listed(start=datetime(1960, 1, 1, tzinfo=UTC), columns=("platform", "topic", "duration_seconds", "position"),
                   descending=False)  # fmt: skip
    frame = whole(store, query)
    kinds: dict[str, Kind] = {name: kind_of(query.source, name) for name in frame}
    for spelling in SPELLINGS:
        pieces = list(store.lines(query, spelling))
        assert sum(piece.rows for piece in pieces) == len(TEXTS), spelling
        assert b"".join(piece.text for piece in pieces) == spelled(frame, kinds, spelling, query.source.exact).text


@pytest.mark.usefixtures("small_pieces")
@pytest.mark.parametrize("descending", [False, True])
def test_a_filter_that_every_record_meets_changes_nothing(store: Store, descending: bool) -> None:
    """Records without any value of the field among them: they are read another way then."""
    store.write([*POINTS, *difficult()])
    plain = listed(start=datetime(1960, 1, 1, tzinfo=UTC), descending=descending)
    filtered = replace(plain, where=(Filter("topic", "none", ("never said",)),))
    assert len(whole(store, plain)) > len(TEXTS)
    pd.testing.assert_frame_equal(whole(store, plain), whole(store, filtered))


def test_what_a_spreadsheet_would_run_is_guarded_and_can_be_had_back(store: Store) -> None:
    store.write(difficult())
    start = datetime(1960, 1, 1, tzinfo=UTC)
    (lines,) = store.lines(listed(start=start, columns=("topic",), descending=False), Spelling(begin="\x1f"))
    cells = [text.split(",", 1)[1] for text in lines.text.decode().split("\x1f")[1:]]
    assert not [cell for cell in cells if cell[1:2] in ("=", "+", "-", "@", "\t", "\r", "\n", "＝")]
    (frame,) = store.stream(listed(start=start, columns=("topic",), descending=False))
    back = [unguarded(cell[1:-1].replace('""', '"')) for cell in cells]
    assert back == frame["topic"].fillna("").tolist()


def test_without_the_guard_texts_are_as_they_are_stored(store: Store) -> None:
    store.write(difficult())
    start = datetime(1960, 1, 1, tzinfo=UTC)
    asked = listed(start=start, columns=("topic",), descending=False)
    (lines,) = store.lines(asked, Spelling(begin="\x1f", guard=False))
    (frame,) = store.stream(asked)
    cells = [text.split(",", 1)[1] for text in lines.text.decode().split("\x1f")[1:]]
    assert [cell[1:-1].replace('""', '"') for cell in cells] == frame["topic"].fillna("").tolist()


def test_numbers_come_with_the_lines_for_whoever_adds_them_up(store: Store) -> None:
    store.write(POINTS)
    (lines,) = store.lines(listed(), Spelling())
    assert int(lines.numbers["position"].sum()) == sum(range(40))
    assert float(lines.numbers["duration_seconds"].sum()) == sum(n / 4 for n in range(40) if n % 5)


@pytest.mark.usefixtures("small_pieces")
def test_the_embedded_store_streams_one_moment_whatever_is_written_meanwhile(duck_store: Store) -> None:
    duck_store.write(POINTS)
    pieces = duck_store.stream(listed(descending=False))
    first = next(pieces)
    duck_store.write([generation(START + hours(5) + timedelta(minutes=n), position=900 + n) for n in range(5)])
    duck_store.delete(POINTS[20:])
    assert sorted(pd.concat([first, *pieces])["position"]) == list(range(40))


def reading() -> set[threading.Thread]:
    """Threads that read ahead; others come and go as they like."""
    return {one for one in threading.enumerate() if one.name == "reading-ahead"}


@pytest.mark.usefixtures("small_pieces")
def test_a_reader_that_leaves_ends_the_reading(store: Store) -> None:
    store.write(POINTS)
    before = reading()
    pieces = store.stream(listed())
    next(pieces)
    del pieces
    assert reading() <= before
    assert len(whole(store, listed())) == 40


def test_segments_hold_in_streams_too(store: Store) -> None:
    store.write(POINTS)
    seen = restricted(store, Segment.of_platforms(("linkedin",)))
    assert set(whole(seen, listed())["platform"]) == {"linkedin"}
    assert sum(piece.rows for piece in seen.lines(listed(), Spelling())) == 14
    with pytest.raises(NotAllowed):
        restricted(store, Segment.of_platforms(("x",))).stream(
            RecordQuery("log_record", START, STOP)
        )  # fmt: skip


def test_what_breaks_while_reading_ahead_is_raised_where_it_is_read() -> None:
    def breaking() -> object:
        yield 1
        raise OSError("gone")

    pieces = streaming.ahead(breaking())  # type: ignore[arg-type]
    assert next(pieces) == 1
    with pytest.raises(OSError, match="gone"):
        next(pieces)
