"""Lists of values of any length: filters, row access, deletes and what collectors ask for by identity."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

import pandas as pd
import pytest

from collectors.recall import recall_named
from metricstore.catalogue import FieldValue
from metricstore.point import Point
from metricstore.query import Filter
from metricstore.restriction import restricted
from metricstore.segment import Segment
from metricstore.store import Store
from tests.contract.asking import START, STOP, asked, assert_same, hours, listed, rows
from tests.contract.reference import Reference, ns

MANY = 10_000
PLATFORMS = ("linkedin", "twitter", "instagram", "")
TEXTS = tuple(f"a.b|c* $({number}) É\\{number % 7}" for number in range(3 * MANY))
NUMBERS = tuple(number * 3 - 500 for number in range(MANY))


def point(number: int) -> Point:
    fields: dict[str, FieldValue] = {"outcome": ("ok", "failed", "unknown")[number % 3]}
    if number % 5:
        fields |= {"topic": TEXTS[number * 97 % len(TEXTS)], "duration_seconds": number / 4}
    if number % 7:
        fields["position"] = number * 31 % 2000 - 1000
    tags = {"platform": PLATFORMS[number % 4]} if PLATFORMS[number % 4] else {}
    return Point("generation", ns(START) + number * 3_600_000_000_000 // 4, tags, fields)


POINTS = [point(number) for number in range(140)]
TAGS = (*(f"network {number}" for number in range(MANY - 1)), "twitter")
FILTERS = [
    Filter("topic", "any", TEXTS[:MANY]),
    Filter("topic", "any", ("", *TEXTS[:MANY])),
    Filter("topic", "none", TEXTS[:MANY]),
    Filter("topic", "none", ("", *TEXTS[:MANY])),
    Filter("topic", "contains", tuple(f"(1{number}) é" for number in range(MANY))),
    Filter("topic", "contains", ("no such word", *(f"C* $({number})" for number in range(12)))),
    Filter("platform", "any", TAGS),
    Filter("platform", "any", ("", *TAGS)),
    Filter("platform", "none", TAGS),
    Filter("platform", "none", ("", *TAGS)),
    Filter("platform", "contains", (*(f"work {number}" for number in range(MANY)), "TAGR")),
    Filter("position", "any", NUMBERS),
    Filter("position", "none", (*NUMBERS, 7.5)),
    Filter("position", "any", ("", *map(str, NUMBERS))),
    Filter("duration_seconds", "any", tuple(number / 2 for number in range(MANY))),
    Filter("position", "any", tuple(number + 0.5 for number in range(MANY))),
]  # fmt: skip


@pytest.fixture
def reference() -> Reference:
    return filled()


@lru_cache(maxsize=1)
def filled() -> Reference:
    found = Reference()
    found.write(POINTS)
    return found


def test_ten_thousand_values_are_answered_as_a_few_are(store: Store, reference: Reference) -> None:
    """Counted, grouped by tag and by field, as percentiles, as records, streamed and as values to choose from."""
    store.write(POINTS)
    for wanted in FILTERS:
        passing = {time for time, _ in reference.matching("generation", START, STOP, (wanted,))}
        narrowed = Reference()
        narrowed.write(one for one in POINTS if one.time in passing)
        for question in (
            asked(where=(wanted,)),
            asked(where=(wanted,), every="1w", by=("platform",), timezone="Europe/Berlin"),
            asked(where=(wanted,), by=("outcome",)),
            asked("p95", field="duration_seconds", where=(wanted,)),
            asked("sum", field="position", where=(wanted, Filter("outcome", "any", ("ok", "failed")))),
        ):
            assert_same(
                rows(store.ask(question), question.by), narrowed.ask(replace(question, where=question.where[1:]))
            )
        times = sorted(passing)
        page = store.records(
            listed(where=(wanted,), columns=("topic",), descending=False, limit=len(POINTS)), count=True
        )
        assert page.frame["time"].astype("int64").tolist() == times and page.total == len(times)
        streamed = [*store.stream(listed(where=(wanted,), columns=("topic", "position"), descending=False))]
        found = pd.concat(streamed)["time"].astype("int64").tolist() if streamed else []
        assert found == times
        outcomes = {one["outcome"] for _, one in narrowed.matching("generation", START, STOP, ())}
        assert store.values("generation", "outcome", START, STOP, (wanted,)) == sorted(outcomes)


def test_several_long_lists_narrow_each_other(store: Store, reference: Reference) -> None:
    store.write(POINTS)
    for where in (
        (FILTERS[0], FILTERS[6], FILTERS[11]),
        (FILTERS[2], FILTERS[3], FILTERS[8]),
        (FILTERS[4], FILTERS[2], FILTERS[12], Filter("position", "min", (-900.5,))),
        tuple(Filter("topic", "none", (text,)) for text in TEXTS[:300]),
        tuple(Filter("platform", "none", (text,)) for text in TAGS[-300:]),
    ):
        question = asked(where=where, by=("platform",))
        assert_same(rows(store.ask(question), question.by), reference.ask(question))


def test_a_row_access_of_ten_thousand_values_lets_through_only_these(store: Store, reference: Reference) -> None:
    store.write(POINTS)
    segment = Segment((("platform", TAGS),))
    assert segment.filters()
    question = asked(by=("platform",))
    expected = reference.ask(asked(by=("platform",), where=(Filter("platform", "any", TAGS),)))
    assert_same(rows(restricted(store, segment).ask(question), question.by), expected)


def test_ten_thousand_points_are_deleted_by_identity_and_no_other(store: Store) -> None:
    doomed = [
        Point("generation", ns(START) + number * 1_000_000, {"platform": "linkedin"}, {"outcome": "ok"})
        for number in range(MANY)
    ]
    kept = [
        Point("generation", ns(START + hours(1)) + number, {"platform": "linkedin"}, {"outcome": "ok"})
        for number in range(50)
    ]
    store.write([*doomed, *kept])
    store.delete(
        [
            *doomed,
            *(Point("generation", ns(START) + number * 1_000_000, {"platform": "twitter"}) for number in range(MANY)),
        ]
    )
    assert store.records(listed(), count=True).total == len(kept)


def test_what_is_stored_of_ten_thousand_names_is_recalled(store: Store) -> None:
    names = [f"post-{number}" for number in range(MANY)]
    store.write(
        Point(
            "post_transition",
            ns(START) + number * 1_000_000_000,
            {"platform": "twitter"},
            {"post_id": name, "ordinal": 1},
        )
        for number, name in enumerate([*names[::4], *(f"other-{name}" for name in names[:500])])
    )
    found = recall_named(store, "post_transition", "post_id", names, ("post_id", "ordinal"))
    assert sorted(one.text("post_id") for one in found) == sorted(names[::4])


def test_a_wall_clock_filter_over_centuries_is_answered(store: Store, reference: Reference) -> None:
    """Every change of a zone's clock is another condition."""
    store.write(POINTS)
    question = asked(
        start=START.replace(year=1960),
        stop=START.replace(year=2060),
        where=(Filter("hour", "any", ("09", "17"), "America/New_York"),),
    )
    assert_same(rows(store.ask(question)), reference.ask(question))
