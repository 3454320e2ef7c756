"""What is usual on the same weekdays, and how a goal stands against its pace."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from math import isnan, nan

import pytest

from briefing.days import Day, calendar_days, weights
from briefing.standing import standing
from briefing.usual import course
from metricstore import nothing
from metricstore.goal import Goal

MONDAY = datetime(2026, 11, 23, tzinfo=UTC)
SUNDAY_NOON = MONDAY + timedelta(days=6, hours=12)


def days(value: Callable[[datetime], float], start: datetime, stop: datetime) -> list[Day]:
    return [day._replace(value=value(day.opened)) for day in calendar_days(start, stop, "UTC")]


def workdays(opened: datetime) -> float:
    """20 on each day from Monday to Friday, nothing at the weekend."""
    return 20.0 if opened.weekday() < 5 else 0.0


def test_a_week_is_judged_by_the_same_weekdays() -> None:
    known = days(workdays, MONDAY - timedelta(weeks=10), MONDAY + timedelta(weeks=1))
    for value, found in ((100, "usual"), (60, "less"), (140, "more")):
        judged = course(value, "", known, MONDAY, MONDAY + timedelta(weeks=1), counts=True)
        assert judged.compared == found and judged.low < 100 < judged.high
    weekend = course(2, "", known, MONDAY + timedelta(days=5), MONDAY + timedelta(days=7), counts=True)
    assert weekend.compared == "usual", "nobody works then: two are not too few"


def test_a_part_of_a_day_counts_as_a_part() -> None:
    known = days(lambda _: 24.0, MONDAY - timedelta(weeks=10), MONDAY + timedelta(days=1))
    noon = course(12, "", known, MONDAY, MONDAY + timedelta(hours=12), counts=True)
    assert (noon.low + noon.high) / 2 == pytest.approx(12)


def test_too_few_weeks_and_days_nobody_collected_are_no_number() -> None:
    few = days(workdays, MONDAY - timedelta(weeks=5), MONDAY + timedelta(weeks=1))
    assert course(60, "", few, MONDAY, MONDAY + timedelta(weeks=1), counts=True).compared == "unknown"
    silent = [day._replace(value=nan, why=nothing.NOT_COLLECTED) if day.opened >= MONDAY else day for day in few]
    found = course(nan, nothing.NOT_COLLECTED, silent, MONDAY, MONDAY + timedelta(weeks=1), counts=True)
    assert isnan(found.value) and found.why == nothing.NOT_COLLECTED


GOAL = Goal("generations", "at least", 100, "week")


def test_the_pace_follows_what_weekdays_bring() -> None:
    before = days(workdays, MONDAY - timedelta(weeks=10), MONDAY)
    wednesday = MONDAY + timedelta(days=2, hours=12)
    assert standing(GOAL, 50, "", before, wednesday, "UTC").pace == pytest.approx(50)
    assert standing(GOAL, 50, "", [], wednesday, "UTC").pace == pytest.approx(100 * 2.5 / 7), "all days alike"
    verdicts = {value: standing(GOAL, value, "", before, wednesday, "UTC").verdict for value in (100, 50, 45, 39)}
    assert verdicts == {100: "met", 50: "on pace", 45: "behind", 39: "far behind"}


def test_a_budget_is_within_fast_or_over() -> None:
    budget = Goal("ai_cost", "at most", 70, "week")
    noon = [standing(budget, value, "", [], MONDAY + timedelta(days=1), "UTC").verdict for value in (5, 20, 71)]
    assert noon == ["within", "fast", "over"]


def test_a_share_is_met_or_missed_and_has_no_pace() -> None:
    share = Goal("generation_success_rate", "at least", 97, "week")
    found = [standing(share, value, "", [], SUNDAY_NOON, "UTC") for value in (97.0, 96.9)]
    assert [one.verdict for one in found] == ["met", "missed"] and isnan(found[0].pace)
    assert standing(share, nan, nothing.NO_RECORDS, [], SUNDAY_NOON, "UTC").verdict == "unknown"


def test_weekdays_are_alike_where_one_of_them_is_not_known() -> None:
    assert weights(days(workdays, MONDAY, MONDAY + timedelta(days=3))) == (1.0,) * 7
