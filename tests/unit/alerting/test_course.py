"""How an alert goes: hysteresis, m of n, keep, quiet, and the kinds of nothing."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerting.course import State, replay
from alerting.rule import Rule
from metricstore.nothing import LOST, NO_RECORDS, NOT_COLLECTED, NOT_REPORTED, TOO_FEW
from tests.unit.alerting.rules import looks, rule


def events(course_of: Rule, *values: float | str) -> list[str]:
    return [f"{each.event}@{(each.look.opened.hour)}" for each in replay(course_of, looks(*values)).transitions]


def test_between_the_limits_an_open_alert_stays_open() -> None:
    assert events(rule(), 5, 25, 15, 21, 15, 10, 15) == ["fired@1", "resolved@5"]


def test_a_limit_from_below_looks_the_other_way() -> None:
    assert events(rule(fire="< 90", clear=">= 97"), 95, 89, 95, 97) == ["fired@1", "resolved@3"]


def test_two_of_three_counts_windows_that_had_data() -> None:
    assert events(rule(for_="2 of 3"), 25, NO_RECORDS, NO_RECORDS, 5, 25, 5) == ["fired@4", "resolved@5"]
    assert events(rule(for_="2 of 3"), 25, 5, 5, 25) == []


def test_keep_holds_it_open_after_the_last_breach() -> None:
    assert events(rule(keep="3h"), 25, 5, 5, 5, 5) == ["fired@0", "resolved@3"]
    assert events(rule(keep="3h"), 25, 5, 30, 5, 5, 5) == ["fired@0", "resolved@5"]


def test_silence_is_no_recovery() -> None:
    quiet = rule(quiet="3h")
    assert events(quiet, 25, NO_RECORDS, NO_RECORDS) == ["fired@0"]
    assert events(quiet, 25, NO_RECORDS, NO_RECORDS, NO_RECORDS, 25) == ["fired@0", "quiet@3", "fired@4"]


def test_a_breach_before_a_long_silence_no_longer_counts() -> None:
    assert events(rule(quiet="3h", for_="2 of 2"), 25, *[NO_RECORDS] * 5, 25) == []


def test_what_was_not_collected_neither_fires_nor_resolves() -> None:
    assert events(rule(quiet="2h"), 25, *[NOT_COLLECTED] * 6, 25, 5) == [
        "fired@0",
        "blind@1",
        "sighted@7",
        "resolved@8",
    ]
    assert events(rule(), *[NOT_COLLECTED] * 3) == ["blind@0"]


@pytest.mark.parametrize("why", [NOT_REPORTED, LOST])
def test_a_figure_that_is_missing_makes_blind_after_three_windows(why: str) -> None:
    assert events(rule(), 25, why, why, 25, why, why, why, 5) == ["fired@0", "blind@6", "sighted@7", "resolved@7"]


def test_too_few_records_hold_the_state() -> None:
    assert events(rule(), 25, TOO_FEW, TOO_FEW, 5) == ["fired@0", "resolved@3"]


def test_a_second_limit_raises_the_same_alert_once() -> None:
    found = replay(rule(page="> 50"), looks(25, 60, 70, 25, 5, 60))
    assert [(each.event, each.episode) for each in found.transitions] == [
        ("fired", 1), ("raised", 1), ("resolved", 1), ("fired", 2), ("raised", 2),
    ]  # fmt: skip
    assert found.state.open


VALUES = st.lists(
    st.one_of(st.floats(0, 60), st.sampled_from([NO_RECORDS, NOT_COLLECTED, NOT_REPORTED, LOST, TOO_FEW])), max_size=40
)
RULES = st.builds(
    rule, keep=st.sampled_from(["0h", "2h"]), quiet=st.sampled_from(["2h", "12h"]), page=st.sampled_from([None, "> 50"]),
    for_=st.sampled_from(["1 of 1", "2 of 3", "3 of 3"]),
)  # fmt: skip


@given(RULES, VALUES, st.lists(st.integers(0, 40), max_size=4))
def test_any_split_of_the_windows_equals_one_pass(course_of: Rule, values: list[float | str], cuts: list[int]) -> None:
    whole, parts, state = replay(course_of, looks(*values)), [], State()
    bounds = [0, *sorted(min(cut, len(values)) for cut in cuts), len(values)]
    for first, stop in pairwise(bounds):
        part = replay(course_of, looks(*values)[first:stop], state)
        parts += part.transitions
        state = part.state
    assert (tuple(parts), state) == (whole.transitions, whole.state)


@given(RULES, VALUES)
def test_an_alert_fires_before_it_ends_and_ends_before_it_fires_again(
    course_of: Rule, values: list[float | str]
) -> None:
    told = [
        each for each in replay(course_of, looks(*values)).transitions if each.event in ("fired", "resolved", "quiet")
    ]
    assert [each.event == "fired" for each in told] == [place % 2 == 0 for place in range(len(told))]
    assert [each.episode for each in told] == [place // 2 + 1 for place in range(len(told))]
