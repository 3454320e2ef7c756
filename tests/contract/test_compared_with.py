"""What is compared with a time that was not collected, or only in part, isn't a number and says so; on both stores."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest

from metricstore import nothing
from metricstore.evaluation import evaluate, whole_and_course
from metricstore.metrics import metric
from metricstore.restriction import restricted
from metricstore.segment import Segment
from metricstore.selection import Selection
from metricstore.store import Store
from tests.contract.test_nothing import NOW, attempt, call, days, figures, run


def compared(first: int, last: int, every: str = "1d", compare: str = "previous") -> Selection:
    return replace(days(first, last, every), compare=compare)  # type: ignore[arg-type]


def befores(store: Store, name: str, selection: Selection) -> list[object]:
    """Of each window what it is compared with, else the kind of nothing."""
    frame = evaluate(store, metric(name), selection).frame
    rows = zip(frame["comparison"], frame[nothing.COMPARED], strict=True)
    return [why if np.isnan(value) else value for value, why in rows]


@pytest.fixture
def since_noon(store: Store) -> Store:
    """Attempts, the first of them two and a half days ago; read until half a day ago."""
    store.write([attempt(-2.5), attempt(-2.4), attempt(-1.5), attempt(-0.5), run("app_log")])
    return store


def test_a_window_that_was_not_collected_or_only_partly_is_no_number(since_noon: Store) -> None:
    assert befores(since_noon, "scheduling_attempts", compared(-1, 1)) == [nothing.PARTLY, 1.0]
    assert befores(since_noon, "scheduling_attempts", compared(-2, 0)) == [nothing.NOT_COLLECTED, nothing.PARTLY]


@pytest.mark.parametrize("name", ["scheduling_attempts", "scheduling_success_rate"])
def test_neither_is_a_whole_range(since_noon: Store, name: str) -> None:
    def before(first: int, last: int) -> tuple[bool, str]:
        found = whole_and_course(since_noon, metric(name), compared(first, last, "none"))
        return np.isnan(found.before), found.before_why

    assert before(0, 1) == (False, "")
    assert before(-1, 1) == (True, nothing.PARTLY)
    assert before(-2, 1) == (True, nothing.PARTLY)
    assert before(-3, 1) == (True, nothing.NOT_COLLECTED)


def test_a_year_ago_nobody_collected(since_noon: Store) -> None:
    assert befores(since_noon, "scheduling_attempts", compared(-2, 0, compare="year")) == [nothing.NOT_COLLECTED] * 2


def test_what_was_counted_as_zero_is_compared_with(store: Store) -> None:
    store.write([attempt(-5), attempt(-1), run("app_log")])
    assert befores(store, "scheduling_attempts", compared(-2, 0)) == [0.0, 0.0]


def test_figures_that_the_source_did_not_report_before_are_no_zero(store: Store) -> None:
    store.write([figures(-4, likes=2), figures(-3, likes=1, clicks=4), figures(-2, clicks=5), figures(-1, clicks=5),
                 run("engagement")])  # fmt: skip
    assert befores(store, "clicks", compared(-2, 0)) == [nothing.NOT_REPORTED, 4.0]
    whole = whole_and_course(store, metric("likes"), compared(-2, 0, "none"))
    assert (whole.before, whole.before_why) == (3.0, "")
    assert np.isnan(whole.value)


def test_a_percentile_of_too_few_before_is_not_told_either(store: Store) -> None:
    first = [call(number, hours) for hours in (1, 25) for number in range(20)]
    few = [call(number, 13) for number in range(3)]
    store.write([*first, *few, run("ai_usage", 3)])
    at = NOW.replace(hour=0)
    selection = Selection(at.isoformat(), (at + timedelta(hours=24)).isoformat(), every="12h", compare="previous")
    assert befores(store, "ai_call_duration", selection) == [nothing.PARTLY, nothing.TOO_FEW]


def test_the_thirty_first_has_no_window_in_a_month_of_thirty_days(store: Store) -> None:
    store.write([attempt(-800), run("app_log")])
    march = Selection("2025-03-01", "2025-04-01", every="1d", compare="year")
    assert nothing.NO_WINDOW not in befores(store, "scheduling_attempts", march)
    february = Selection("2024-02-01", "2024-03-01", every="1d", compare="year")
    frame = evaluate(store, metric("scheduling_attempts"), february).frame
    assert frame[nothing.COMPARED].iloc[-1] in (nothing.NO_WINDOW, nothing.NOT_COLLECTED)
    assert np.isnan(frame["comparison"].iloc[-1])


def test_who_sees_a_part_compares_with_nothing_before_what_they_see(since_noon: Store) -> None:
    seen = restricted(since_noon, Segment.of_platforms(("linkedin",)))
    assert befores(seen, "scheduling_attempts", compared(-2, 0)) == [nothing.NOT_COLLECTED, nothing.PARTLY]
    nobody = restricted(since_noon, Segment.of_platforms(("twitter",)))
    assert befores(nobody, "scheduling_attempts", compared(-1, 1)) == [nothing.NOT_COLLECTED] * 2
    recent = restricted(since_noon, Segment(start=(NOW.replace(hour=0) - timedelta(days=1)).isoformat()))
    assert befores(recent, "scheduling_attempts", compared(-1, 0)) == [nothing.NOT_VISIBLE]
