"""Goals from a file, whom they fit and who may see them."""

from __future__ import annotations

import pytest

from briefing.goal_file import read_goals
from metricstore.errors import InvalidQuestion, UnknownName
from metricstore.goal import Goal, checked, seen, where_of
from metricstore.segment import Segment
from metricstore.selection import Selection

TEXT = """
[[goal]]
metric = "generations"
at_least = 100
per = "week"
where = { platform = "LinkedIn" }

[[goal]]
metric = "ai_cost"
at_most = 6.5
per = "month"
"""
LINKEDIN = Goal("generations", "at least", 100, "week", (("platform", ("linkedin",)),))


def test_a_file_is_read_with_filters_as_they_are_declared() -> None:
    goals, wrong = read_goals(TEXT, "goals.toml")
    assert wrong == []
    assert [(one.metric, one.direction, one.value, one.period, one.where) for one in goals] == [
        ("generations", "at least", 100, "week", (("platform", ("linkedin",)),)),
        ("ai_cost", "at most", 6.5, "month", ()),
    ]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (('at_most = 6.5', 'at_most = 6.5\nat_least = 1'), "goals.toml:9: say either at_least or at_most"),
        (('per = "month"', 'per = "fortnight"'), "goals.toml:11: per = 'fortnight' is not known"),
        (('"LinkedIn"', '"linkedim"'), "goals.toml:6: 'linkedim' isn't a known value; did you mean 'linkedin'?"),
        (('"ai_cost"', '"ai_costs"'), "goals.toml:9: unknown metric 'ai_costs'; did you mean 'ai_cost'?"),
        (('per = "month"', 'per = "month"\nmuch = 1'), "goals.toml:12: 'much' is not a part of a goal"),
        (("[[goal]]\nmetric = \"ai_cost\"", "[[rule]]\nmetric = \"ai_cost\""), "'rule' is not known here"),
    ],
)  # fmt: skip
def test_a_mistake_is_named_with_its_line(change: tuple[str, str], said: str) -> None:
    _, wrong = read_goals(TEXT.replace(*change), "goals.toml")
    assert any(said in str(one) for one in wrong), [*map(str, wrong)]


def test_two_goals_for_the_same_are_a_mistake() -> None:
    _, wrong = read_goals(TEXT + TEXT, "goals.toml")
    assert len(wrong) == 2


def test_a_goal_fits_only_what_asks_for_the_same() -> None:
    assert LINKEDIN.fits(Selection(where={"platform": ("linkedin",)}))
    assert LINKEDIN.fits(Selection(where={"platform": ("linkedin",), "http_status": ("429",)})), "no filter of it"
    assert not LINKEDIN.fits(Selection())
    assert not LINKEDIN.fits(Selection(where={"platform": ("linkedin", "twitter")}))
    assert not LINKEDIN.fits(Selection(where={"platform": ("linkedin",), "outcome": ("ok",)}))


def test_who_sees_a_part_sees_only_goals_about_that_part() -> None:
    everything = Goal("generations", "at least", 100, "week")
    both = (LINKEDIN, everything)
    assert seen(both, ()) == both
    assert seen(both, [Segment.of_platforms(("linkedin",))]) == (LINKEDIN,)
    assert seen(both, [Segment.of_platforms(("twitter",))]) == ()
    assert seen(both, [Segment(start="-7d")]) == (), "a part of the period says nothing of the whole"


@pytest.mark.parametrize(
    "goal",
    [
        Goal("time_saved", "at least", 5, "week"),
        Goal("generation_success_rate", "at least", 120, "week"),
        Goal("generations", "at least", float("nan"), "week"),
        Goal("generations", "at least", 0, "week"),
        Goal("generations", "at least", 5, "week", where_of({"http_status": "500"})),
        Goal("no_such_metric", "at least", 5, "week"),
    ],
)
def test_what_can_be_no_goal_is_refused(goal: Goal) -> None:
    with pytest.raises((InvalidQuestion, UnknownName)):
        checked(goal)
