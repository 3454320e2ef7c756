"""Rules about single records: each is reported once, and what differs in numbers and names alone is of one kind."""

from __future__ import annotations

from datetime import timedelta

import pytest

from alerting.alert import Memory, as_document, from_document
from alerting.course import Look, Record, State, replay
from alerting.deciding import decide
from alerting.listing import _SHOWN, Entry, looks, signature
from alerting.notifying import notices
from alerting.rule import Rule
from metricstore.catalogue import measurement
from tests.unit.alerting.rules import BEGIN, rule

HOUR = timedelta(hours=1)


def each(**words: object) -> Rule:
    return rule(**{"kind": "each", "metric": "dead_letters", "every": None, "fire": None, "clear": None, **words})


def view(hour: int, *names: str) -> Look:
    """What is in view at an hour."""
    at, count = BEGIN + hour * HOUR, float(len(names))
    return Look(at - HOUR, at, count, count, records=tuple(Record(name, f"text of {name}") for name in names))


def test_each_record_is_reported_once_and_the_alert_ends_when_none_is_left() -> None:
    seen = [view(1, "a"), view(2, "a", "b"), view(3, "a", "b"), view(4), view(5, "b"), view(6, "c")]
    found = replay(each(), seen)
    assert [(one.event, one.episode, [record.id for record in one.records]) for one in found.transitions] == [
        ("fired", 1, ["a"]), ("added", 1, ["b"]), ("resolved", 1, []), ("fired", 2, ["c"]),
    ]  # fmt: skip
    for split in range(len(seen)):
        before = replay(each(), seen[:split])
        after = replay(each(), seen[split:], before.state)
        assert (before.transitions + after.transitions, after.state) == (found.transitions, found.state)


def test_a_record_is_in_view_from_before_its_time_until_after_it() -> None:
    made = [
        Entry(("x",), Record(name, name), BEGIN + start * HOUR, BEGIN + stop * HOUR)
        for name, start, stop in (("a", 0, 2), ("b", 1, 3), ("c", 2, 9))
    ]
    (found,) = looks(made, BEGIN + 5 * HOUR).values()
    assert [((look.closed - BEGIN) // HOUR, look.value, [one.id for one in look.records]) for look in found] == [
        (0, 1, ["a"]), (1, 2, ["b"]), (2, 2, ["c"]), (3, 1, []),
    ]  # fmt: skip


def test_what_came_while_nobody_was_written_to_is_told_afterwards_in_one_message() -> None:
    one, memory = each(), Memory(BEGIN, BEGIN)
    told = []
    for hour, names, muted in ((1, "a", False), (2, "abcdefgh", True), (3, "abcdefgh", False), (4, "abcdefgh", False)):
        now = BEGIN + hour * HOUR
        memory, changes = decide(one, memory, [view(hour, *names)], now)
        memory, said = notices(one, memory, changes, now, muted=muted, acknowledged=True)
        base = replay(one, [view(hour, *names)], memory.base).state
        memory = from_document(as_document(Memory(now, now, base, memory.alerts, memory.last)))
        told += [(notice.subject, notice.alert.untold, len(notice.alert.texts)) for notice in said]
    assert told == [("fired", 1, 1), ("added", 7, 5)]


def test_no_more_records_are_remembered_than_a_row_should_hold() -> None:
    many = replay(each(), [view(1, *map(str, range(3_000)))])
    assert len(many.state.known) == 2_000 and many.state.known[-1] == "2999"
    assert from_document(as_document(Memory(BEGIN, BEGIN, many.state))).base == many.state


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [("Failed after 3 retries", "Failed after 12 retries", True), ("Post linkedin_1_1778661600 failed", "Post x_2_17 failed", True),
     ("Post linkedin_1_1778661600 failed", "Post linkedin_2_1779266400 failed", True), ("Key 'a' is gone", "Key 'b' is gone", True),
     ("see https://a.example/1", "see https://b.example/2", True), ("read /srv/a/b.json", "read /srv/c/d.json", True),
     ("Timeout\nat line 3", "Timeout\nsomewhere else", True), ("Timeout", "Refused", False)],
)  # fmt: skip
def test_records_are_of_one_kind_where_only_numbers_and_names_differ(one: str, other: str, alike: bool) -> None:
    first = each(kind="first", metric="errors", by=["level"])
    same = signature(first, {"level": "ERROR", "message": one}) == signature(
        first, {"level": "ERROR", "message": other}
    )
    assert same is alike
    assert signature(first, {"level": "CRITICAL", "message": one}) != signature(
        first, {"level": "ERROR", "message": one}
    )


def test_what_records_are_known_by_are_columns_they_have() -> None:
    for name, columns in _SHOWN.items():
        assert set(columns) <= set(measurement(name).columns)


def test_nothing_in_view_changes_nothing() -> None:
    assert replay(each(), [view(1), view(2)]).state == State(last_records=BEGIN + 2 * HOUR)
