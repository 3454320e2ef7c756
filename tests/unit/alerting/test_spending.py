"""What a month will bring against its budget, and what single days use up of an allowance."""

from __future__ import annotations

from datetime import datetime, timedelta
from math import nan

import pytest

from alerting.alert import Alert
from alerting.course import Look, replay
from alerting.measuring import looks
from alerting.rule import Rule
from dashapp.alerts.wording import opening
from metricstore.nothing import NOT_COLLECTED, TOO_FEW
from tests.unit.alerting.rules import rule
from tests.unit.alerting.test_measuring import BERLIN, days, only


def budget(limit: float = 310) -> Rule:
    return rule(kind="budget", metric="ai_cost", timezone="Europe/Berlin", every=None, fire=f"> {limit:g}", clear=None)


def burn(**words: object) -> Rule:
    usual = {"kind": "burn", "metric": "generation_failures", "timezone": "Europe/Berlin", "every": "1d", "clear": None,
             "fire": "> 50 %", "page": "> 40 %", "allowance": 20}  # fmt: skip
    return rule(**{**usual, **words})


def test_a_month_is_expected_to_go_on_as_its_weekdays_did() -> None:
    found = only(looks(budget(), days([10.0] * 45, datetime(2026, 8, 18))))
    assert [each.why for each in found[:14]] == [TOO_FEW] * 13 + [""]
    assert {
        (round(each.value, 6), round(each.raising, 6))
        for each in found[13:]
        if each.closed.astimezone(BERLIN).month == 9
    } == {(300, 300)}
    october = found[-1]
    assert (f"{october.closed.astimezone(BERLIN):%d %b}", october.value) == ("02 Oct", pytest.approx(310))


def test_a_budget_is_a_ticket_when_it_may_not_hold_and_a_page_when_it_can_not() -> None:
    costs = [5.0, 15.0] * 16 + [20.0] * 4 + [60.0] * 5
    found = only(looks(budget(330), days(costs, datetime(2026, 9, 1))))
    course = replay(budget(330), found)
    fired, raised = course.transitions
    assert (fired.event, raised.event) == ("fired", "raised")
    assert fired.look.raising <= 330 < fired.look.measured
    assert raised.look.raising > 330 and raised.look.closed > fired.look.closed
    said = opening(budget(330), (), Alert(1, raised.look.closed, raised.look.value, raised=True))
    assert "expected for October, limit > 330 USD, above the limit even in the best case" in said


def test_each_month_is_an_alert_of_its_own() -> None:
    course = replay(budget(100), only(looks(budget(100), days([10.0] * 100, datetime(2026, 8, 1)))))
    happened = [(each.event, f"{each.look.closed.astimezone(BERLIN):%d %b}") for each in course.transitions]
    assert happened == [
        ("fired", "15 Aug"), ("raised", "15 Aug"), ("resolved", "01 Sep"), ("fired", "01 Sep"), ("raised", "01 Sep"),
        ("resolved", "01 Oct"), ("fired", "01 Oct"), ("raised", "01 Oct"), ("resolved", "01 Nov"), ("fired", "01 Nov"),
        ("raised", "01 Nov"),
    ]  # fmt: skip


def test_days_without_calls_cost_nothing_and_days_nobody_read_are_left_out() -> None:
    frame = days([10.0, nan] * 15, datetime(2026, 9, 1))
    frame.loc[29, "why"] = NOT_COLLECTED
    found = only(looks(budget(), frame))
    assert found[-1].why == NOT_COLLECTED
    assert found[-2].value == pytest.approx(150, rel=0.1)


def test_an_allowance_is_used_up_in_numbers_over_three_days_and_one() -> None:
    found = only(looks(burn(), days([0, 0, 4, 4, 0, 0, 9, 2, 0, 0, 0], datetime(2026, 10, 20))))
    assert [(each.value, each.measured, each.raising) for each in found] == [
        (0, 0, 0), (0, 0, 0), (4, 20, 20), (8, 40, 20), (8, 40, 0), (4, 20, 0), (9, 45, 45), (11, 55, 10), (11, 55, 0), (2, 10, 0), (0, 0, 0),
    ]  # fmt: skip
    course = replay(burn(), found)
    assert [(each.event, each.look.value) for each in course.transitions] == [("fired", 11), ("resolved", 2)]
    said = opening(burn(), (), Alert(1, found[7].closed, found[7].value))
    assert "11 posts in the 3 days until Wed 28 Oct 00:00, 55 % of the 20 allowed in 28 days, limit > 50 %" in said


def test_one_bad_day_raises_it() -> None:
    found = only(looks(burn(), days([0, 12, 0], datetime(2026, 10, 20))))
    assert [each.event for each in replay(burn(), found).transitions] == ["fired", "raised"]


@pytest.mark.parametrize("every", ["1h", "6h"])
def test_shorter_windows_add_up_to_the_same(every: str) -> None:
    hours = int(every[:-1])
    frame = days([0.0], datetime(2026, 6, 1)).loc[[0] * (96 // hours)].reset_index(drop=True)
    frame["time"] = [frame["time"][0] + timedelta(hours=hours * n) for n in range(len(frame))]
    frame.loc[0, "value"] = 5.0
    found: list[Look] = only(looks(burn(every=every), frame))
    assert [each.value for each in found].count(5.0) == 72 // hours
    assert [each.raising for each in found].count(25.0) == 24 // hours
