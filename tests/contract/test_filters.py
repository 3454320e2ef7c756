"""What filters let through, on tags, dimension fields, texts and numbers, and the values that can be chosen."""

from __future__ import annotations

import pytest

from metricstore.errors import InvalidQuestion, UnknownName
from metricstore.query import Filter
from metricstore.store import Store
from tests.contract.asking import START, STOP, any_of, asked, assert_same, counts, generation, hours, rows
from tests.contract.reference import Reference

POINTS = [
    generation(START + hours(0), "linkedin", outcome="ok", topic="Product Launch", position=1, duration_seconds=1.5),
    generation(START + hours(1), "linkedin", outcome="failed", topic="team news", position=2, duration_seconds=30.0),
    generation(START + hours(2), "twitter", outcome="ok", topic="launch party", position=3),
    generation(START + hours(3), "twitter", topic="", position=-4, duration_seconds=0.25),
    generation(START + hours(4), "", outcome="unknown", duration_seconds=7.0),
]
CASES = [
    (Filter("platform", "any", ("linkedin",)), 2),
    (Filter("platform", "any", ("linkedin", "twitter")), 4),
    (Filter("platform", "any", ("",)), 1),
    (Filter("platform", "any", ("", "twitter")), 3),
    (Filter("platform", "none", ("linkedin",)), 3),
    (Filter("platform", "none", ("",)), 4),
    (Filter("platform", "none", ("", "linkedin")), 2),
    (Filter("outcome", "any", ("ok", "failed")), 3),
    (Filter("outcome", "any", ("",)), 1),
    (Filter("outcome", "none", ("ok",)), 3),
    (Filter("outcome", "none", ("ok", "")), 2),
    (Filter("topic", "contains", ("launch",)), 2),
    (Filter("topic", "contains", ("LAUNCH", "news")), 3),
    (Filter("topic", "contains", ("nothing like it",)), 0),
    (Filter("topic", "contains", ("",)), 3),
    (Filter("platform", "contains", ("link",)), 2),
    (Filter("platform", "contains", ("",)), 4),
    (Filter("topic", "any", ("team news",)), 1),
    (Filter("topic", "any", ("",)), 2),
    (Filter("duration_seconds", "min", (1.5,)), 3),
    (Filter("duration_seconds", "max", (1.5,)), 2),
    (Filter("duration_seconds", "min", (31,)), 0),
    (Filter("position", "min", (2.0,)), 2),
    (Filter("position", "min", (1.5,)), 2),
    (Filter("position", "max", (-4,)), 1),
    (Filter("position", "any", ("2", "3")), 2),
    (Filter("position", "any", (2, 3.0)), 2),
    (Filter("position", "any", (2.5,)), 0),
    (Filter("position", "any", ("",)), 1),
    (Filter("position", "none", ("2",)), 4),
    (Filter("position", "none", ("2", "")), 3),
    (Filter("duration_seconds", "any", (0.25, "30")), 2),
]
"""Filters and how many of the points each lets through."""


def test_a_filter_lets_through_exactly_what_it_says(store: Store) -> None:
    store.write(POINTS)
    assert [(wanted, counts(store, where=(wanted,))) for wanted, _ in CASES] == CASES


@pytest.mark.parametrize(
    "where",
    [
        (Filter("outcome", "none", ("ok",)),), (Filter("outcome", "any", ("", "failed")),),
        (Filter("position", "none", (2, 3)),), (Filter("outcome", "none", ("ok", "failed", "unknown")),),
        (Filter("outcome", "none", ("ok",)), Filter("position", "none", (2,)), any_of("platform", "linkedin", "twitter")),
    ],
)  # fmt: skip
def test_what_is_left_out_is_left_out_of_every_window_and_group(store: Store, where: tuple[Filter, ...]) -> None:
    """Points without the column stay, and groups of which nothing is left are gone."""
    store.write(POINTS)
    reference = Reference()
    reference.write(POINTS)
    for by in ((), ("platform",), ("outcome",), ("outcome", "platform")):
        for question in (
            asked(where=where, by=by),
            asked(where=where, by=by, every="1d", timezone="Europe/Berlin"),
            asked("sum", field="duration_seconds", where=where, by=by),
        ):
            assert_same(rows(store.ask(question), question.by), reference.ask(question))


def test_filters_narrow_each_other(store: Store) -> None:
    store.write(POINTS)
    where = (any_of("platform", "linkedin"), any_of("outcome", "ok"), Filter("position", "max", (5,)))
    assert counts(store, where=where) == 1


def test_a_filter_that_makes_no_sense_is_refused_by_its_column(store: Store) -> None:
    for wanted in (
        Filter("platform", "min", (1,)), Filter("topic", "max", (1,)), Filter("position", "contains", ("1",)),
        Filter("position", "any", ("many",)), Filter("position", "min", ("x",)), Filter("platform", "any", ()),
    ):  # fmt: skip
        with pytest.raises(InvalidQuestion) as refused:
            store.ask(asked(where=(wanted,)))
        assert refused.value.parameter == wanted.column, wanted


def test_a_filter_on_an_unknown_column_is_refused(store: Store) -> None:
    with pytest.raises(UnknownName, match="colour"):
        store.ask(asked(where=(any_of("colour", "red"),)))


def test_values_are_sorted_distinct_and_leave_out_absence(store: Store) -> None:
    store.write(POINTS)
    assert store.values("generation", "platform", START, STOP) == ["linkedin", "twitter"]
    assert store.values("generation", "outcome", START, STOP) == ["failed", "ok", "unknown"]
    assert store.values("generation", "outcome", START, START + hours(1)) == ["ok"]
    assert store.values("generation", "outcome", START, STOP, (any_of("platform", "linkedin"),)) == ["failed", "ok"]


def test_large_whole_numbers_are_told_apart(store: Store) -> None:
    store.write([generation(START + hours(n), position=2**60 + n) for n in range(3)])
    assert counts(store, where=(any_of("position", str(2**60 + 1)),)) == 1


@pytest.mark.parametrize("by", [("outcome",), ("outcome", "platform")])
@pytest.mark.parametrize("condition", [Filter("outcome", "none", ("ok",)), Filter("outcome", "any", ("", "ok"))])
@pytest.mark.parametrize("every", [None, "1d"])
def test_where_there_are_no_points_a_filter_leaves_an_answer_without_rows(
    store: Store, by: tuple[str, ...], condition: Filter, every: str | None
) -> None:
    query = asked(every=every, by=by, where=(condition,))
    store.write([generation(STOP + hours(1), outcome="failed")])
    frame = store.ask(query)
    assert list(frame.columns) == ["time", *by, "value"]
    assert len(frame) == 0
