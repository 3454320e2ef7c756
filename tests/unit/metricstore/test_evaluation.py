"""From metric and selection to numbers: ratios, scales, groups, and what may be asked."""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from metricstore.duck import DuckStore
from metricstore.errors import InvalidQuestion, UnknownName
from metricstore.evaluation import evaluate
from metricstore.metrics import METRICS, metric
from metricstore.point import Point, nanoseconds
from metricstore.questions import questions
from metricstore.selection import Selection

NOW = datetime(2024, 3, 11, tzinfo=UTC)
DAYS = Selection("-3d", every="1d")
WHOLE = Selection("-3d", every="none")


@pytest.fixture
def filled() -> Iterator[DuckStore]:
    """Day one: 3 ok, 1 failed on linkedin, 1 failed on twitter. Day two: 1 unknown. Day three: 2 ok on linkedin."""
    store = DuckStore(None)
    days = [
        ("linkedin", ["ok", "ok", "ok", "failed"], 0), ("twitter", ["partial"], 0), ("twitter", ["unknown"], 1),
        ("linkedin", ["ok", "ok"], 2),
    ]  # fmt: skip
    for platform, outcomes, day in days:
        for number, outcome in enumerate(outcomes):
            moment = nanoseconds(NOW - timedelta(days=3 - day)) + number
            fields = {"outcome": outcome, "duration_seconds": 10.0 * (number + 1)}
            store.write([Point("generation", moment, {"platform": platform}, fields)])
    yield store
    store.close()


def test_a_ratio_is_taken_window_by_window_and_scaled(filled: DuckStore) -> None:
    values = evaluate(filled, metric("generation_success_rate"), DAYS, now=NOW).frame["value"].tolist()
    assert values[0] == pytest.approx(60.0)
    assert math.isnan(values[1]), "nothing that could be judged is no rate, neither 0 nor 100 %"
    assert values[2] == pytest.approx(100.0)


def test_a_group_without_any_success_has_a_rate_of_zero(filled: DuckStore) -> None:
    frame = evaluate(filled, metric("generation_success_rate"), WHOLE, by=("platform",), now=NOW).frame
    assert frame["platform"].tolist() == ["linkedin", "twitter"]
    assert frame["value"].tolist() == pytest.approx([500 / 6, 0.0])


def test_a_ratio_compares_with_the_ratio_before(filled: DuckStore) -> None:
    selection = Selection("-1d", every="none", compare="previous")
    later = evaluate(filled, metric("generation_success_rate"), selection, now=NOW - timedelta(days=1)).frame
    assert math.isnan(later["value"][0])
    assert later["comparison"][0] == pytest.approx(60.0)
    assert list(later.columns) == ["time", "value", "comparison", "why", "comparison_why", "unsure", "unsure_of"]


def test_filters_of_the_selection_join_those_of_the_metric(filled: DuckStore) -> None:
    def failures(words: str) -> float:
        selection = Selection.from_params({"start": "-3d", "every": "none", "platform": words})
        return float(evaluate(filled, metric("generation_failures"), selection, now=NOW).frame["value"][0])

    assert [failures("linkedin"), failures("twitter"), failures("!twitter"), failures("linkedin,twitter")] == [
        1,
        1,
        1,
        2,
    ]


def test_another_aggregate_can_be_asked_where_the_metric_has_it(filled: DuckStore) -> None:
    answer = evaluate(filled, metric("generation_times"), WHOLE, aggregate="max", now=NOW)
    assert (answer.aggregate, answer.frame["value"].tolist()) == ("max", [40.0])
    with pytest.raises(InvalidQuestion, match="agg"):
        evaluate(filled, metric("generations"), WHOLE, aggregate="sum", now=NOW)
    with pytest.raises(InvalidQuestion, match="agg"):
        evaluate(filled, metric("generations"), WHOLE, aggregate="median", now=NOW)


def test_the_answer_says_what_was_asked(filled: DuckStore) -> None:
    answer = evaluate(filled, metric("generations"), DAYS, by=("platform",), now=NOW)
    assert (answer.start, answer.stop) == (NOW - timedelta(days=3), NOW)
    assert (str(answer.every), answer.timezone, answer.by) == ("1d", "UTC", ("platform",))


def test_a_filter_the_measurement_lacks_is_ignored_or_refused_when_strict(filled: DuckStore) -> None:
    selection = Selection("-3d", every="none", where={"level": ("ERROR",)})
    assert evaluate(filled, metric("generations"), selection, now=NOW).frame["value"].tolist() == [8]
    with pytest.raises(UnknownName, match="level"):
        evaluate(filled, metric("generations"), selection, now=NOW, strict=True)


@pytest.mark.parametrize("name", sorted(METRICS))
def test_every_metric_can_be_asked_by_every_dimension_of_an_empty_store(name: str, empty: DuckStore) -> None:
    declared = metric(name)
    for dimension in declared.dimensions:
        assert evaluate(empty, declared, DAYS, by=(dimension,), now=NOW).frame.empty
    assert len(evaluate(empty, declared, DAYS, now=NOW).frame) == 3


@pytest.fixture(scope="module")
def empty() -> Iterator[DuckStore]:
    store = DuckStore(None)
    yield store
    store.close()


def test_both_questions_of_a_ratio_have_the_same_range_and_filters() -> None:
    upper, lower = questions(metric("generation_success_rate"), Selection("-3d", where={"platform": ("x",)}), now=NOW)
    assert (upper.start, upper.stop, upper.every) == (lower.start, lower.stop, lower.every)
    assert upper.where[-1] == lower.where[-1]


@pytest.mark.parametrize(
    ("statuses", "rate"),
    [(["200", "204", "206", "418"], 25.0), (["200", "520", "501", "410"], 75.0), (["201"], 0.0), (["599"], 100.0)],
)
def test_every_answer_without_success_is_an_error_whatever_its_code(statuses: list[str], rate: float) -> None:
    store, moment = DuckStore(None), nanoseconds(NOW - timedelta(hours=5))
    store.write(
        Point("ai_request", moment + number, {"provider": "a", "http_status": status}, {"latency_seconds": 1.0})
        for number, status in enumerate(statuses)
    )
    answer = evaluate(store, metric("ai_request_error_rate"), WHOLE, now=NOW)
    assert answer.frame["value"].tolist() == [rate]
    store.close()
