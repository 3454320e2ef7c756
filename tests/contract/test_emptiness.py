"""Why there is nothing, how sure a number is, and what is not counted: the same on both stores."""

from __future__ import annotations

from dataclasses import replace

import pytest

from metricstore.assumptions import taken_as_they_are
from metricstore.caveats import bound_of, conflicting, row_bounds
from metricstore.coverage import coverage
from metricstore.emptiness import Cause, of_metric, of_records
from metricstore.evaluation import Answer, evaluate
from metricstore.metrics import metric
from metricstore.point import Point
from metricstore.query import Filter, RecordQuery
from metricstore.restriction import restricted
from metricstore.segment import Segment
from metricstore.selection import Selection
from metricstore.store import Store
from tests.contract.test_nothing import attempt, day, days, figures, run


def cause(store: Store, name: str, selection: Selection, **filters: str) -> Cause:
    where = {column: (word,) for column, word in filters.items()}
    return of_metric(store, metric(name), replace(selection, where=where))


@pytest.fixture
def filled(store: Store) -> Store:
    """LinkedIn's posts with likes, X's with clicks; attempts at LinkedIn."""
    store.write([
        figures(-3, likes=4), figures(-2, likes=2),
        Point("engagement", day(-2), {"platform": "twitter", "provenance": "imported", "grain": "post"},
              {"row_id": "x", "topic": "u", "clicks": 3}),
        attempt(-2.5), attempt(-1.5), run("engagement"), run("app_log"),
    ])  # fmt: skip
    return store


def test_what_was_never_stored(store: Store) -> None:
    assert cause(store, "posts", days(-3, 0)).kind == "never"


def test_who_may_see_none_of_it_is_not_told_that_nothing_was_collected(filled: Store) -> None:
    seen = restricted(filled, Segment.of_platforms(("instagram",)))
    assert cause(seen, "scheduling_attempts", days(-3, 0)) == Cause(
        "none", measurement="scheduling_attempt", known=coverage(seen, ["scheduling_attempt"])
    )


def test_a_time_that_was_not_collected_and_what_is_stored(filled: Store) -> None:
    found = cause(filled, "likes", days(-30, -20))
    assert found.kind == "not collected"
    assert found.stored is not None
    assert found.stored[1].isoformat() == days(-2, 0).start


def test_a_time_outside_of_what_is_stored_though_it_was_collected(filled: Store) -> None:
    assert cause(filled, "generation_times", days(-2, 0)).kind == "never"
    filled.write([Point("generation", day(-2.4), {"platform": "linkedin"}, {"outcome": "ok", "duration_seconds": 2.0})])
    assert cause(filled, "generation_times", days(-1, 0)).kind == "outside"


def test_records_without_this_figure(filled: Store) -> None:
    assert cause(filled, "clicks", days(-3, 0), platform="linkedin").kind == "not reported"
    assert cause(filled, "clickthrough_rate", days(-3, 0)).kind == "not reported"


def test_the_one_filter_that_leaves_nothing_is_named(filled: Store) -> None:
    found = cause(filled, "likes", days(-3, 0), platform="linkedin", topic="nowhere")
    assert (found.kind, found.filters, found.alone) == ("filtered", ("topic",), True)
    found = cause(filled, "likes", days(-3, 0), platform="instagram", topic="nowhere")
    assert (found.kind, found.filters, found.alone) == ("filtered", ("platform", "topic"), False)
    found = cause(filled, "scheduling_failures", days(-3, 0), weekday="mon", outcome="failed")
    assert found.kind == "none", "what never happened is not filtered away"


def test_records_that_are_not_there_name_the_filter_too(filled: Store) -> None:
    start, stop = days(-3, 0).range()
    where = (Filter("platform", "any", ("linkedin",)), Filter("topic", "contains", ("nowhere",)))
    query = RecordQuery("engagement", start, stop, where)
    assert of_records(filled, query, ("platform", "topic")).filters == ("topic",)
    assert of_records(filled, replace(query, where=()), ()).kind == "none"


def finished(when: float, outcome: str, content: str = "") -> Point:
    fields = {"outcome": outcome, "log_outcome": outcome} | ({"content_outcome": content} if content else {})
    return Point("generation", day(when), {"platform": "linkedin"}, fields)


def answered(store: Store, name: str, selection: Selection) -> Answer:
    return evaluate(store, metric(name), selection)


def test_a_rate_that_rests_on_the_log_alone_is_the_most_it_can_be(store: Store) -> None:
    store.write([
        finished(-2.9, "ok"), finished(-2.8, "failed"), finished(-2.7, "ok", "ok"), finished(-2.6, "unknown"),
        finished(-1.9, "ok", "ok"), finished(-1.8, "failed", "failed"), finished(-1.7, "unknown", "unknown"),
        run("app_log"),
    ])  # fmt: skip
    found = answered(store, "generation_success_rate", days(-3, -1))
    bound = bound_of(found)
    assert bound is not None
    assert (bound.side, bound.sign, bound.count, bound.of) == ("upper", "≤", 2, 5)
    assert row_bounds(found.metric, found.frame).tolist() == ["upper", ""]
    later = answered(store, "generation_success_rate", days(-2, -1))
    assert bound_of(later) is None
    failures = answered(store, "generation_failures", days(-3, -1, "none"))
    least = bound_of(failures)
    assert least is not None
    assert (least.side, failures.frame["value"].iloc[0]) == ("lower", 2)
    reasons = evaluate(store, metric("generation_failures"), days(-3, -1, "none"), by=("outcome_reason",))
    assert bound_of(reasons) == least, "what has failed unseen may belong to any group"
    platforms = evaluate(
        store, metric("time_saved"), replace(days(-3, -1, "none"), assume=taken_as_they_are()), by=("platform",)
    )
    assert row_bounds(platforms.metric, platforms.frame).tolist() == ["upper"]


def test_rows_that_contradict_others_are_counted_beside_every_figure_of_their_file(store: Store) -> None:
    store.write([figures(-3, likes=4, conflicting_rows=2), figures(-2, likes=2), figures(-1, likes=1, conflicting_rows=1),
                 run("engagement")])  # fmt: skip
    assert conflicting(answered(store, "likes", days(-3, 0))) == 3
    assert conflicting(answered(store, "engagement_rate", days(-3, 0))) == 3, "whatever the rows report"
    assert conflicting(answered(store, "likes", days(-2, 0, "none"))) == 1
    assert answered(store, "conflicting_rows", days(-3, 0, "none")).frame["value"].tolist() == [3]
    assert conflicting(answered(store, "scheduling_attempts", days(-3, 0))) == 0
