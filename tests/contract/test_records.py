"""Records: sorted, paged without skipping or repeating, whatever is written in between."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from itertools import product

import pandas as pd
import pytest

from metricstore.errors import InvalidQuestion, UnknownName
from metricstore.point import Point
from metricstore.query import Filter, RecordQuery
from metricstore.store import Store
from tests.contract.asking import START, any_of, generation, hours, listed
from tests.contract.reference import ns

POINTS = [
    generation(
        START + hours(n // 3), ("linkedin", "twitter", "")[n % 3], position=n,
        **({"topic": f"t{n % 4}", "duration_seconds": n / 4} if n % 5 else {}),
    )
    for n in range(40)
]  # fmt: skip
ORDERS = ("time", "platform", "topic", "duration_seconds", "position")


def paged(store: Store, query: RecordQuery) -> list[pd.DataFrame]:
    """All pages; checks that each is full but the last."""
    found = [store.records(query)]
    while found[-1].next_cursor is not None:
        assert len(found[-1].frame) == query.limit
        found.append(store.records(replace(query, cursor=found[-1].next_cursor, offset=0)))
    return [page.frame for page in found]


def expected(order: str, descending: bool) -> list[str]:
    """Identities by the order column, then time, then tags; those without the column last."""

    def key(point: Point) -> tuple[object, ...]:
        said = {**point.fields, **{name: text for name, text in point.tags.items() if text}}
        value = point.time if order == "time" else said[order]
        return (value, point.time, point.tags["platform"])

    have = [p for p in POINTS if order == "time" or order in p.fields or p.tags.get(order)]
    lack = [p for p in POINTS if p not in have]
    ordered = sorted(have, key=key, reverse=descending)
    ordered += sorted(lack, key=lambda p: (p.time, p.tags["platform"]), reverse=descending)
    return [f"{p.time}" + (f",platform={p.tags['platform']}" if p.tags["platform"] else "") for p in ordered]


def test_pages_hold_every_record_once_and_in_order(store: Store) -> None:
    store.write(POINTS)
    for order, descending, limit in product(ORDERS, (True, False), (13, 20, 100)):
        pages = paged(store, listed(order=order, descending=descending, limit=limit))
        assert pd.concat(pages)["_id"].tolist() == expected(order, descending), (order, descending, limit)


def test_records_written_while_paging_neither_repeat_nor_hide_others(store: Store) -> None:
    store.write(POINTS)
    query = listed(limit=10, columns=("position",))
    first = store.records(query)
    store.write([generation(START + hours(100 + n), position=900 + n) for n in range(5)])
    store.delete([POINTS[-1]])
    rest = paged(store, replace(query, cursor=first.next_cursor))
    seen = [*first.frame["position"], *pd.concat(rest)["position"]]
    assert sorted(seen) == list(range(40))


def test_offset_jumps_and_the_total_counts_all(store: Store) -> None:
    store.write(POINTS)
    page = store.records(listed(offset=35, limit=10, descending=False, columns=("position",)), count=True)
    assert page.frame["position"].tolist() == sorted(range(40), key=lambda n: (n // 3, POINTS[n].tags["platform"]))[35:]
    assert page.total == 40
    assert page.next_cursor is None
    assert store.records(listed(limit=1)).total is None
    where = (any_of("platform", "twitter"),)
    assert store.records(listed(limit=1, where=where), count=True).total == 13
    behind = store.records(listed(limit=10), count=True)
    assert store.records(listed(limit=10, cursor=behind.next_cursor), count=True).total == 40


def test_a_page_that_ends_with_the_last_record_has_no_next(store: Store) -> None:
    store.write(POINTS[:10])
    assert store.records(listed(limit=10)).next_cursor is None
    assert store.records(listed(limit=9)).next_cursor is not None


def test_columns_have_their_types_and_missing_values_are_missing(store: Store) -> None:
    store.write([generation(START, position=1, topic="x"), generation(START + hours(1), "", duration_seconds=2.0)])
    frame = store.records(listed(columns=("duration_seconds", "position", "platform", "topic"), descending=False)).frame
    assert list(frame.columns) == ["time", "_id", "duration_seconds", "position", "platform", "topic"]
    assert [str(kind) for kind in frame.dtypes] == ["datetime64[ns, UTC]", "str", "float64", "Int64", "str", "str"]
    assert frame.isna().values.tolist() == [
        [False, False, True, False, False, False],
        [False, False, False, True, True, True],
    ]


def test_without_columns_a_record_has_all_of_them(store: Store) -> None:
    store.write([generation(START)])
    query = listed()
    assert list(store.records(query).frame.columns) == ["time", "_id", *query.source.columns]


def test_times_keep_their_nanoseconds(store: Store) -> None:
    store.write([generation(ns(START) + 123_456_789)])
    frame = store.records(listed()).frame
    assert frame["time"].astype("int64").tolist() == [ns(START) + 123_456_789]
    assert frame["_id"].tolist() == [f"{ns(START) + 123_456_789},platform=linkedin"]


def test_records_are_filtered_and_cut_to_the_range(store: Store) -> None:
    store.write(POINTS)
    query = listed(start=START + hours(2), stop=START + hours(4), where=(Filter("position", "min", (8,)),))
    assert sorted(store.records(query).frame["position"].tolist()) == [8, 9, 10, 11]


def test_an_empty_database_has_an_empty_page_with_all_columns(store: Store) -> None:
    page = store.records(listed(columns=("topic", "position")), count=True)
    assert page.frame.empty
    assert list(page.frame.columns) == ["time", "_id", "topic", "position"]
    assert (page.next_cursor, page.total) == (None, 0)


def test_a_damaged_cursor_is_refused_by_name(store: Store) -> None:
    for cursor in ("", "x", "!!!", "bm9uc2Vuc2U", "W10", "é", "A" * 5000):
        with pytest.raises(InvalidQuestion) as refused:
            store.records(listed(cursor=cursor))
        assert refused.value.parameter == "cursor", cursor


def test_a_cursor_of_another_order_is_refused(store: Store) -> None:
    store.write(POINTS)
    cursor = store.records(listed(limit=3)).next_cursor
    with pytest.raises(InvalidQuestion, match="cursor"):
        store.records(listed(limit=3, cursor=cursor, order="topic"))
    with pytest.raises(InvalidQuestion, match="cursor"):
        store.records(listed(limit=3, cursor=cursor, descending=False))


def test_wrong_pages_and_columns_are_refused_by_name(store: Store) -> None:
    for parts, name in (
        ({"limit": 0}, "limit"),
        ({"offset": -1}, "offset"),
        ({"start": datetime(2030, 1, 1, tzinfo=UTC)}, "start"),
    ):
        with pytest.raises(InvalidQuestion, match=name):
            store.records(listed(**parts))
    with pytest.raises(UnknownName, match="colour"):
        store.records(listed(columns=("colour",)))
    with pytest.raises(UnknownName, match="colour"):
        store.records(listed(order="colour"))
