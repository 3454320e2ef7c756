"""What rounds of evaluation decide, however windows are split among them and whatever comes late."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerting.alert import Memory, as_document, from_document
from alerting.course import Look, replay
from alerting.deciding import REVISED, Change, advanced, decide
from alerting.notifying import notices
from alerting.rule import Rule
from metricstore.nothing import NO_RECORDS, NOT_COLLECTED
from tests.unit.alerting.rules import BEGIN, looks, rule

HOUR = timedelta(hours=1)


def judged(one: Rule, memory: Memory, all_: list[Look], hours: int) -> tuple[Memory, tuple[Change, ...]]:
    """A round `hours` after BEGIN, as it is done live: through JSON, too."""
    until = BEGIN + hours * HOUR
    seen = [look for look in all_ if memory.since < look.closed <= until]
    found, changes = decide(one, memory, seen, until)
    found = advanced(one, found, seen, until - REVISED)
    return from_document(orjson.loads(orjson.dumps(as_document(found)))), changes


def started() -> Memory:
    return Memory(since=BEGIN, until=BEGIN)


def told(changes: tuple[Change, ...]) -> list[str]:
    return [f"{each.happening}#{each.alert.number}{' late' if each.late else ''}" for each in changes]


@given(
    st.lists(st.sampled_from([5, 15, 25, 60, NO_RECORDS, NOT_COLLECTED]), max_size=90),
    st.sets(st.integers(1, 90)),
    st.sampled_from([{}, {"for_": "2 of 3", "keep": "2h"}, {"quiet": "3h", "page": "> 50"}]),
)
def test_rounds_find_what_one_pass_finds(values: list[float | str], stops: set[int], words: dict[str, str]) -> None:
    one, memory, happened = rule(**words), started(), list[Change]()
    for hours in sorted({*stops, len(values)}):
        memory, changes = judged(one, memory, looks(*values), min(hours, len(values)))
        happened += changes
    passed = replay(one, looks(*values)).transitions
    wanted = [(each.event, each.look.closed) for each in passed if each.event in ("fired", "resolved", "quiet")]
    found = [(each.happening, each.at) for each in happened if each.happening in ("fired", "resolved", "quiet")]
    assert sorted(found) == sorted(wanted)
    assert not any(each.late for each in happened)
    assert sum(each.happening == "raised" for each in happened) == sum(each.event == "raised" for each in passed)


def test_a_late_record_that_undoes_a_breach_corrects_once() -> None:
    memory, changes = judged(rule(), started(), looks(5, 25, 15), 3)
    assert told(changes) == ["fired#1"]
    memory, changes = judged(rule(), memory, looks(5, 8, 15), 3)
    assert told(changes) == ["corrected#1 late"]
    memory, changes = judged(rule(), memory, looks(5, 8, 15, 15), 4)
    assert changes == ()
    memory, changes = judged(rule(), memory, looks(5, 8, 15, 15, 30), 5)
    assert told(changes) == ["fired#2"]


def test_an_alert_that_ended_is_corrected_too() -> None:
    memory, _ = judged(rule(), started(), looks(5, 25, 5), 3)
    _, changes = judged(rule(), memory, looks(5, 8, 5), 3)
    assert told(changes) == ["corrected#1 late"]


def test_a_breach_that_appears_late_fires_and_says_so() -> None:
    memory, _ = judged(rule(), started(), looks(5, 8, 5), 3)
    _, changes = judged(rule(), memory, looks(5, 25, 15), 3)
    assert told(changes) == ["fired#1 late"]


def test_a_firing_that_moves_by_a_window_is_the_same_alert() -> None:
    memory, _ = judged(rule(), started(), looks(5, 8, 25, 15), 4)
    memory, changes = judged(rule(), memory, looks(5, 25, 25, 15), 4)
    assert changes == ()
    assert [each.number for each in memory.alerts] == [1]


def test_an_end_that_late_data_take_back_opens_the_same_alert_again() -> None:
    memory, _ = judged(rule(), started(), looks(25, 5), 2)
    _, changes = judged(rule(), memory, looks(25, 15), 2)
    assert told(changes) == ["fired#1 late"]


def test_what_is_older_than_two_days_is_settled() -> None:
    memory, _ = judged(rule(), started(), looks(25, *[5] * 60), 61)
    assert memory.since == BEGIN + 13 * HOUR
    _, changes = judged(rule(), memory, looks(*[5] * 61), 61)
    assert changes == ()


def test_a_group_that_left_the_data_is_gone_and_not_resolved() -> None:
    one, memory = rule(quiet="2h"), started()
    memory, _ = judged(one, memory, looks(25), 1)
    _, changes = decide(one, memory, looks(25, NO_RECORDS, NO_RECORDS), BEGIN + 3 * HOUR, rows=False)
    assert told(changes) == ["gone#1"]


def said(
    one: Rule, memory: Memory, changes: tuple[Change, ...], at: datetime, *, muted: bool = False, ack: bool = False
) -> tuple[Memory, list[str]]:
    memory, found = notices(one, memory, changes, at, muted=muted, acknowledged=ack)
    return memory, [each.subject for each in found]


def test_recovery_is_told_where_firing_was_told() -> None:
    memory, changes = judged(rule(), started(), looks(25), 1)
    memory, words = said(rule(), memory, changes, BEGIN + HOUR)
    assert words == ["fired"]
    assert said(rule(), memory, (), BEGIN + 2 * HOUR)[1] == []
    memory, changes = judged(rule(), memory, looks(25, 5), 2)
    assert said(rule(), memory, changes, BEGIN + 2 * HOUR, muted=True)[1] == ["resolved"]


def test_what_was_muted_is_told_when_the_silence_is_over_and_never_its_end() -> None:
    memory, changes = judged(rule(), started(), looks(25), 1)
    memory, words = said(rule(), memory, changes, BEGIN + HOUR, muted=True)
    assert words == []
    assert said(rule(), memory, (), BEGIN + 2 * HOUR)[1] == ["fired"]
    memory, changes = judged(rule(), memory, looks(25, 5), 2)
    assert said(rule(), memory, changes, BEGIN + 2 * HOUR)[1] == []


def test_what_came_and_went_between_two_rounds_is_one_message() -> None:
    memory, changes = judged(rule(), started(), looks(25, 5), 2)
    assert said(rule(), memory, changes, BEGIN + 2 * HOUR)[1] == ["resolved"]


@pytest.mark.parametrize(("ack", "words"), [(False, ["repeated"]), (True, [])])
def test_it_is_said_again_after_a_day_unless_somebody_has_taken_it(ack: bool, words: list[str]) -> None:
    memory, changes = judged(rule(), started(), looks(25), 1)
    memory, _ = said(rule(), memory, changes, BEGIN + HOUR)
    assert said(rule(), memory, (), BEGIN + 24 * HOUR)[1] == []
    assert said(rule(), memory, (), BEGIN + 25 * HOUR, ack=ack)[1] == words


def test_an_alert_is_raised_once() -> None:
    one = rule(page="> 50")
    memory, changes = judged(one, started(), looks(25), 1)
    memory, _ = said(one, memory, changes, BEGIN + HOUR)
    memory, changes = judged(one, memory, looks(25, 60), 2)
    memory, words = said(one, memory, changes, BEGIN + 2 * HOUR)
    assert words == ["raised"]
    assert said(one, replace(memory), (), BEGIN + 3 * HOUR)[1] == []
