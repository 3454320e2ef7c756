"""Questions that rollups answer have the answers that points give: equal counts, least and greatest values, sums as far as floats add up, and
percentiles within 2 %."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from metricstore import framing
from metricstore import query as query_module
from metricstore.caching import CachedStore
from metricstore.grid import Grid
from metricstore.query import PERCENTILES, Filter, Query
from metricstore.rollups.planner import Reason
from metricstore.windows import Window
from tests.contract.asking import START, any_of, asked, assert_same, generation, hours, rows
from tests.contract.rollups.asking import ANSWERED, SECONDS, Kept, agrees, assert_near, made, of_points, regular


def test_rollups_answer_and_say_nothing_else(store: Kept) -> None:
    for query in ANSWERED:
        assert store.refused_by_rollups(query) is None, query
        agrees(store, query, of_points(store, query))


def test_questions_of_one_scan_are_answered_together(store: Kept) -> None:
    failed, quick = any_of("outcome", "failed"), any_of("platform", "twitter")
    together = [
        asked("mean", "1d", field=SECONDS, by=("platform",), where=(failed,)),
        asked("mean", "1d", field="position", by=("platform",)),
        asked("count", "1d", by=("platform",), where=(quick, failed)),
        asked("last", "1d", field=SECONDS, by=("platform",)),
        asked("p90", "1d", field=SECONDS, by=("platform",), where=(failed,)),
    ]
    for query, answer in zip(together, store.ask_all(together), strict=True):
        (assert_near if query.aggregate == "p90" else assert_same)(
            rows(answer.frame(), query.by), of_points(store, query)
        )


REFUSED = [
    (asked("p95", "6h", field=SECONDS), Reason.SHORT_WINDOWS),
    (asked("last", "1d", field=SECONDS), Reason.AGGREGATE),
    (asked("distinct", field="outcome"), Reason.AGGREGATE),
    (asked("count", field="topic"), Reason.TEXT),
    (asked("count", where=(Filter(SECONDS, "min", (3,)),)), Reason.COLUMN),
    (asked("count", by=("outcome_reason",)), Reason.COLUMN),
    (asked("count", "15m", stop=START + hours(30)), Reason.WINDOWS),
    (asked("count", "1d", timezone="Asia/Kolkata"), Reason.WINDOWS),
    (asked("count", "1d", timezone="Australia/Lord_Howe"), Reason.WINDOWS),
    (asked("count", where=(Filter("hour", "any", (9,), "Asia/Kolkata"),)), Reason.CLOCK),
    (asked("p90", field="position"), Reason.NO_BUCKETS),
    (asked("count", measurement="post"), Reason.NOT_KEPT),
    (asked("count", stop=START + hours(0.9)), Reason.SHORT),
]


def test_what_rollups_cannot_answer_has_a_named_reason_and_is_asked_of_the_points(store: Kept) -> None:
    for query, reason in REFUSED:
        assert store.refused_by_rollups(query) is reason, (query, reason)
        assert_same(rows(store.ask(query), query.by), of_points(store, query))


@pytest.mark.parametrize("kind", ["duck.marks.read", "clickhouse.rollup_state.RollupState.due"])
def test_hours_are_not_looked_at_for_what_rollups_cannot_answer(
    store: Kept, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    expected = [rows(store.ask(query), query.by) for query, _ in REFUSED]
    monkeypatch.setattr(f"metricstore.{kind}", lambda *_: 1 / 0)
    for (query, _), answer in zip(REFUSED, expected, strict=True):
        assert_same(rows(store.ask(query), query.by), answer)
    if kind.startswith(store.info().kind.removesuffix("db")):
        with pytest.raises(ZeroDivisionError):
            store.ask_all([REFUSED[0][0], asked("count", "1d")])


def test_percentiles_over_a_month_are_exact(store: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(query_module, "EXACT_RANGE", timedelta(days=32))
    month = asked("p95", "1d", field=SECONDS, stop=START + timedelta(days=32))
    assert store.refused_by_rollups(month) is Reason.EXACT
    longer = replace(month, stop=month.stop + timedelta(seconds=1))
    assert store.refused_by_rollups(longer) is None
    assert store.refused_by_rollups(replace(longer, exact=True)) is Reason.EXACT
    cached = CachedStore(store)
    assert_near(rows(cached.ask(longer)), of_points(store, longer))
    for exact in (month, replace(longer, exact=True)):
        assert rows(cached.ask(exact)) == of_points(store, exact), "not made of windows that were estimated"


def test_windows_of_one_estimated_chart_are_all_estimated(store: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(query_module, "EXACT_RANGE", timedelta(days=32))
    for number, aggregate in enumerate(sorted(PERCENTILES)):
        earlier = asked(aggregate, "1d", field=SECONDS, stop=START + timedelta(days=50))
        longer = replace(earlier, stop=START + timedelta(days=55))
        cached = CachedStore(store)
        for query in (earlier, longer, replace(longer, every=Window.parse("1w"))):
            assert rows(cached.ask(query)) == rows(store.ask(query)), (
                "not pieced together of estimates and exact values"
            )
        store.write([generation(START + timedelta(days=3, minutes=5 + number), **{SECONDS: 500.0})])
        assert rows(cached.ask(longer)) == rows(store.ask(longer)), aggregate


def test_without_rollups_percentiles_are_put_together_of_days_that_have_not_changed(
    empty: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(query_module, "EXACT_RANGE", timedelta(days=32))
    query = asked("p95", "1d", field=SECONDS, stop=START + timedelta(days=50))
    empty.write(regular())
    cached, plain = CachedStore(empty), empty.ask_all
    lengths: list[timedelta] = []

    def ask_all(queries: Sequence[Query]) -> list[Grid]:
        lengths.extend(one.stop - one.start for one in queries)
        return plain(queries)

    monkeypatch.setattr(empty, "ask_all", ask_all)
    for days in (50, 1):
        assert rows(cached.ask(query)) == of_points(empty, query)
        assert max(lengths) == timedelta(days=days)
        empty.write([generation(START + timedelta(days=3, minutes=5), **{SECONDS: 500.0})])
        lengths.clear()
    made(empty)
    assert_near(rows(cached.ask(query)), of_points(empty, query))
    assert empty.keeps_rollups("generation") and not empty.keeps_rollups("ai_retry")


def test_an_exact_percentile_is_compared_with_an_exact_one(store: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(query_module, "EXACT_RANGE", timedelta(days=29))
    monkeypatch.setattr(framing, "EXACT_RANGE", timedelta(days=29))
    april = START + timedelta(days=31)
    query = asked("p95", "1d", field=SECONDS, start=april, stop=april + timedelta(days=29), compare="previous")
    assert store.refused_by_rollups(replace(query, compare=None)) is Reason.EXACT
    monkeypatch.setattr(framing, "_windows_before", lambda *_: (START, START + timedelta(days=29, hours=1)))
    assert store.refused_by_rollups(framing.comparison_query(query)) is Reason.EXACT
    longer = replace(query, stop=april + timedelta(days=30))
    assert store.refused_by_rollups(framing.comparison_query(longer)) is None


def test_the_current_hour_is_read_from_its_points(empty: Kept) -> None:
    now = datetime.now(UTC).replace(microsecond=0)
    empty.write([generation(now - timedelta(minutes=number)) for number in range(3_000)])
    made(empty)
    query = asked(start=now - timedelta(days=2), stop=now + timedelta(days=1))
    for _ in range(3):
        assert empty.refused_by_rollups(query) is None
        assert_same(rows(empty.ask(query)), of_points(empty, query))
        empty.write([generation(now + timedelta(microseconds=random.randrange(10**6)))])
    assert 1 <= empty.rollups.left() <= 2
