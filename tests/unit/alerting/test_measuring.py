"""What a rule looks at: changes over clock changes, bands without their own breaches, absences, windows with too little."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from math import nan
from zoneinfo import ZoneInfo

import pandas as pd

from alerting.course import ANOTHER_DAY, Look
from alerting.measuring import looks
from metricstore.nothing import NO_RECORDS, NOT_COLLECTED, TOO_FEW
from tests.unit.alerting.rules import rule

BERLIN = ZoneInfo("Europe/Berlin")


def days(values: list[float], first: datetime, **columns: str) -> pd.DataFrame:
    """Whole days of Berlin."""
    starts = [(first + timedelta(days=n)).replace(tzinfo=BERLIN).astimezone(UTC) for n in range(len(values))]
    why = ["" if value == value else NO_RECORDS for value in values]
    return pd.DataFrame({"time": pd.DatetimeIndex(starts), "value": values, "why": why, **columns})


def only(found: dict[tuple[str, ...], list[Look]]) -> list[Look]:
    (looks_of_one,) = found.values()
    return looks_of_one


def test_windows_end_where_the_next_begins_over_a_clock_change() -> None:
    chosen = rule(every="1d", timezone="Europe/Berlin")
    found = only(looks(chosen, days([1, 2, 3], datetime(2026, 3, 28))))
    assert [(each.closed - each.opened) // timedelta(hours=1) for each in found] == [24, 23, 24]


def test_a_change_is_measured_from_the_same_weekday_by_the_clock() -> None:
    chosen = rule(
        kind="change",
        metric="generations",
        every="1d",
        timezone="Europe/Berlin",
        against="weekday",
        fire="> 50 %",
        clear=None,
    )
    found = only(looks(chosen, days([10, 20, 30, 40, 50, 60, 70, 15, nan, 30], datetime(2026, 3, 24))))
    assert [each.why for each in found] == [TOO_FEW] * 7 + ["", NO_RECORDS, ""]
    assert (found[7].measured, found[7].usual, found[9].measured) == (50, 10, 0)


def test_a_change_needs_something_to_be_measured_from() -> None:
    chosen = rule(kind="change", metric="generations", every="1d", fire="> 50 %", clear=None, least=5)
    found = only(looks(chosen, days([1, 3, 5, 0, 8], datetime(2026, 3, 2))))
    assert [each.why for each in found] == [TOO_FEW, TOO_FEW, TOO_FEW, "", TOO_FEW]
    assert found[3].measured == -100


def test_a_change_in_amount_may_start_at_nothing() -> None:
    chosen = rule(kind="change", metric="generations", every="1d", fire="> 5", clear=None)
    assert [each.measured for each in only(looks(chosen, days([0, 7], datetime(2026, 3, 2))))[1:]] == [7]


def test_a_breach_stays_out_of_what_is_usual() -> None:
    chosen = rule(kind="band", metric="generations", every="1w", fire="> 4", clear=None)
    weeks = [20.0, 21, 19, 20, 22, 20, 90, 90, 20]
    starts = [datetime(2026, 1, 5, tzinfo=UTC) + timedelta(weeks=n) for n in range(len(weeks))]
    found = only(looks(chosen, pd.DataFrame({"time": pd.DatetimeIndex(starts), "value": weeks, "why": ""})))
    assert [each.why for each in found] == [TOO_FEW] * 6 + [""] * 3
    assert [each.usual for each in found[6:]] == [20, 20, 20]
    assert found[7].measured > 4 > found[8].measured


def test_a_change_from_the_median_of_its_weekday_is_not_moved_by_one_bad_week() -> None:
    chosen = rule(kind="change", metric="generation_times", every="1d", timezone="Europe/Berlin", against="median",
                  fire="> 100 %", clear=None)  # fmt: skip
    mondays = [10.0, 11, 9, 10, 50, 10, 9, 25]
    frame = days([value for monday in mondays for value in (monday, *[1.0] * 6)], datetime(2026, 2, 2))
    found = only(looks(chosen, frame))[::7]
    assert [each.why for each in found] == [TOO_FEW] * 6 + [""] * 2
    assert [(each.usual, each.measured) for each in found[6:]] == [(10, -10), (10, 150)]


def test_days_of_other_weekdays_are_not_compared() -> None:
    chosen = rule(kind="band", metric="generations", every="1d", timezone="Europe/Berlin", fire="> 4", clear=None)
    values = [float(day % 7 == 0) * 30 for day in range(7 * 9)]
    found = only(looks(chosen, days(values, datetime(2026, 2, 2))))
    judged = [each for each in found if not each.why]
    assert len(judged) == 7 * 3
    assert {each.measured for each in judged} == {0}


def test_nothing_is_absent_on_a_day_off_nor_where_nobody_looked() -> None:
    chosen = rule(kind="absent", metric="generations", every="1d", timezone="Europe/Berlin", fire=None, clear=None,
                  weekdays=["mon", "tue"])  # fmt: skip
    frame = days([0, nan, 0, 0], datetime(2026, 3, 2))
    frame.loc[0, ["value", "why"]] = [nan, NOT_COLLECTED]
    found = only(looks(chosen, frame))
    assert [each.why for each in found] == [NOT_COLLECTED, "", ANOTHER_DAY, ANOTHER_DAY]
    assert chosen.fire.reached(found[1].measured)


def test_a_window_with_too_few_records_is_not_judged_group_by_group() -> None:
    chosen = rule(by=["provider"], needs="ai_requests >= 5")
    hours = pd.DatetimeIndex([datetime(2026, 3, 2, n, tzinfo=UTC) for n in (0, 1)] * 2)
    frame = pd.DataFrame({"time": hours, "provider": ["a", "a", "b", "b"], "value": 50.0, "why": ""})
    needs = pd.DataFrame({"time": hours, "provider": ["a", "a", "b", "b"], "value": [5.0, 4, 3, 9], "why": ""})
    found = looks(chosen, frame, needs)
    assert {group: [each.why for each in found[group]] for group in found} == {
        ("a",): ["", TOO_FEW],
        ("b",): [TOO_FEW, ""],
    }
