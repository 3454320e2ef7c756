"""Modelled metrics give one number from both stores, worked out here again in plain Python."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from metricstore import nothing
from metricstore.assumptions import taken_as_they_are
from metricstore.emptiness import of_metric
from metricstore.errors import UnknownName
from metricstore.evaluation import evaluate, whole_and_course
from metricstore.metrics import METRICS, metric
from metricstore.point import Point, nanoseconds
from metricstore.selection import Selection
from metricstore.store import Store

FIRST = datetime(2026, 3, 1, tzinfo=UTC)
RANGE = {"start": "2026-03-01", "stop": "2026-03-31"}
NOW = datetime(2026, 4, 1, tzinfo=UTC)
SET = Selection(assume=taken_as_they_are())


@pytest.fixture
def filled(store: Store) -> Store:
    points = []
    for day in range(30):
        time = nanoseconds(FIRST + timedelta(days=day, hours=9))
        for place, platform in enumerate(("linkedin", "twitter")):
            outcome = "failed" if day % 3 == place else "ok"
            points.append(
                Point("generation", time + place, {"platform": platform}, {"outcome": outcome, "duration_seconds": 5.0})
            )
            points.append(
                Point(
                    "post",
                    time + place,
                    {"platform": platform},
                    {"status": "draft" if day else "deleted", "topic": f"T{day % 4}"},
                )
            )
        if day % 2:
            tags = {"platform": "linkedin", "provenance": "imported", "grain": "post"}
            points.append(
                Point(
                    "engagement",
                    time,
                    tags,
                    {
                        "impressions": 1000,
                        "exposures": 1000,
                        "likes": 30,
                        "comments": 0,
                        "clicks": 0,
                        "engagements": 30,
                    },
                )
            )
    assert not store.write(points).rejected
    return store  # fmt: skip


def whole(store: Store, name: str, **words: str) -> float:
    selection = Selection.from_params({**RANGE, "every": "none", **words}, SET)
    (value,) = evaluate(store, metric(name), selection, now=NOW, strict=True).frame["value"].tolist()
    return float(value)


def test_a_modelled_number_is_its_formula(filled: Store) -> None:
    good, finished, views, days = 40, 60, 15_000, 30
    assert whole(filled, "time_saved") == pytest.approx(good * (45 - 10) / 60)
    assert whole(filled, "time_saved", platform="twitter") == pytest.approx(20 * 35 / 60)
    assert whole(filled, "labour_saved", assume="hourly_rate:60,review_minutes:15") == good * (45 - 15) / 60 * 60
    assert whole(filled, "projected_views") == 58 * 500
    revenue, cost = views * 0.02 * 0.1 * 0.2 * 15_000, finished * 10 / 60 * 40 + days * 290 / 30
    assert whole(filled, "modelled_revenue") == pytest.approx(revenue)
    assert whole(filled, "content_cost") == pytest.approx(cost)
    assert whole(filled, "return_on_content") == pytest.approx(100 * revenue / cost - 100)
    assert whole(filled, "content_score") == pytest.approx(3.0)
    assert whole(filled, "generation_speedup") == pytest.approx(9.0)


@pytest.mark.parametrize("every", ["1d", "1w", "1mo"])
def test_the_whole_is_the_same_beside_its_course(filled: Store, every: str) -> None:
    selection = Selection.from_params({**RANGE, "every": every, "tz": "Europe/Berlin"}, SET)
    for name in (name for name, found in METRICS.items() if found.model is not None):
        value, _, _, course = whole_and_course(filled, metric(name), selection, NOW)
        alone = whole(filled, name, tz="Europe/Berlin")
        assert value == alone or (value != value and alone != alone), name
        if name in ("time_saved", "content_cost", "projected_views", "modelled_revenue"):
            assert course.frame["value"].sum() == pytest.approx(value), name


def test_costs_of_time_count_the_part_of_a_window_that_is_in_the_range(filled: Store) -> None:
    selection = Selection.from_params({"start": "2026-03-01T12:00", "stop": "2026-03-03T06:00", "every": "1d"}, SET)
    frame = evaluate(filled, metric("content_cost"), selection, now=NOW).frame
    checked = [0, 2, 0]  # what was generated at nine o'clock
    expected = [
        n * 10 / 60 * 40 + days * 290 / 30 for n, days in zip(checked, (0.5, 1.0, 0.25), strict=True)
    ]  # fmt: skip
    assert frame["value"].tolist() == pytest.approx(expected)


def test_a_comparison_is_computed_like_the_value(filled: Store) -> None:
    words = {"start": "2026-03-16", "stop": "2026-03-31", "compare": "previous", "every": "none"}
    frame = evaluate(filled, metric("time_saved"), Selection.from_params(words, SET), now=NOW).frame
    before = {"start": "2026-03-01", "stop": "2026-03-16", "every": "none"}
    assert frame["comparison"].tolist() == [whole(filled, "time_saved", **before)]
    assert (
        evaluate(filled, metric("content_cost"), Selection.from_params(words, SET), now=NOW)
        .frame["comparison"]
        .notna()
        .all()
    )


def test_groups_are_those_of_any_term(filled: Store) -> None:
    frame = evaluate(
        filled, metric("time_saved"), Selection.from_params({**RANGE, "every": "none"}, SET), by=("platform",), now=NOW
    ).frame
    assert frame["platform"].tolist() == ["linkedin", "twitter"]
    assert frame["value"].sum() == pytest.approx(whole(filled, "time_saved"))


def test_what_costs_time_belongs_to_no_group_and_no_filter(filled: Store) -> None:
    chosen = Selection.from_params({**RANGE, "platform": "linkedin", "every": "none"}, SET)
    with pytest.raises(UnknownName, match="filter"):
        evaluate(filled, metric("content_cost"), chosen, strict=True)
    with pytest.raises(UnknownName, match="dimension"):
        evaluate(filled, metric("content_cost"), Selection.from_params(RANGE, SET), by=("platform",))
    assert evaluate(filled, metric("content_cost"), chosen).frame["value"].tolist() == [whole(filled, "content_cost")]


def test_nothing_follows_from_assumptions_that_nobody_has_set(filled: Store) -> None:
    words = {"start": "2026-03-16", "stop": "2026-03-31", "compare": "previous"}
    partly = Selection.from_params({**words, "every": "none", "assume": "manual_minutes:45"})
    row = evaluate(filled, metric("time_saved"), partly, now=NOW).frame.iloc[0]
    assert (row[nothing.COLUMN], row[nothing.COMPARED]) == (nothing.NOT_SET, nothing.NOT_SET)
    assert row["value"] != row["value"] and row["comparison"] != row["comparison"]
    told = whole_and_course(filled, metric("time_saved"), Selection.from_params({**words, "every": "1d"}), NOW)
    assert told.value != told.value and told.before_why == nothing.NOT_SET and told.course.kinds == {nothing.NOT_SET}
    cause = of_metric(filled, metric("time_saved"), partly, NOW)
    assert (cause.kind, cause.unset) == ("not set", ("Checking",))


def test_an_answer_says_what_it_assumed(filled: Store) -> None:
    chosen = Selection.from_params({**RANGE, "assume": "hourly_rate:60"}, SET)
    found = evaluate(filled, metric("labour_saved"), chosen, now=NOW)
    assert found.metric.formula == "posts without failure × (45 min − 10 min) / 60 × 60 EUR"
    assert found.metric.unit == "EUR" and found.assumed["hourly_rate"] == 60


def test_counting_values_does_not_scale_them(filled: Store) -> None:
    point = Point(
        "gen_ai_request",
        nanoseconds(FIRST),
        {"source": "app", "provider": "zai", "outcome": "ok"},
        {"cost_nano_usd": 5},
    )
    filled.write([point])
    chosen = Selection.from_params({**RANGE, "every": "none"}, SET)
    assert evaluate(filled, metric("ai_cost"), chosen, aggregate="count").frame["value"].tolist() == [1]
    assert evaluate(filled, metric("posts_per_day"), chosen).frame["value"].tolist() == [pytest.approx(58 / 30)]
    assert evaluate(filled, metric("posts_per_day"), chosen, aggregate="count").frame["value"].tolist() == [58]
