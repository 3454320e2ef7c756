"""Rules about single records say the same on both stores: what is reported, when, and what is of a new kind."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from alerting.backtest import backtest, document
from alerting.listing import in_view
from alerting.rule import Rule
from alerting.rule_file import read_rules
from metricstore.point import Point, nanoseconds
from metricstore.store import Store

BEGIN = datetime(2026, 3, 2, tzinfo=UTC)
NOW = BEGIN + timedelta(days=100)
RULES = """
[[rule]]
id = "failure-text"
kind = "each"
metric = "posts_with_failure_text"
by = ["platform"]
back = "0h"
ahead = "48h"
where = "platform=LinkedIn,twitter"

[[rule]]
id = "new-error"
kind = "first"
metric = "errors"
"""


def rules() -> list[Rule]:
    found, wrong = read_rules(RULES, "rules.toml")
    assert wrong == []
    return found


def day(count: float) -> datetime:
    return BEGIN + timedelta(days=count)


def post(at: float, platform: str, state: str, topic: str) -> Point:
    fields: dict[str, Any] = {"post_id": topic, "topic": topic, "content_state": state, "file": "a.json", "line": 1}
    return Point("post", nanoseconds(day(at)), {"platform": platform, "time_kind": "time"}, fields)


def error(at: float, message: str, level: str = "ERROR") -> Point:
    fields = {"message": message, "file": "app.log", "line": int(at * 1000) + 1}
    return Point("log_record", nanoseconds(day(at)), {"level": level, "event": "other"}, fields)


@pytest.fixture
def told(store: Store) -> Store:
    posts = [post(10, "linkedin", "failed", "One"), post(11, "linkedin", "null", "Two"), post(10.5, "twitter", "failed", "Three"),
             post(10, "instagram", "failed", "Not asked for"), post(10, "twitter", "ok", "Good")]  # fmt: skip
    errors = [error(1, "Disk 7 is full"), error(3, "Disk 8 is full"), error(20, "Disk 9 is full"), error(20.1, "No answer after 3 tries"),
              error(21, "No answer after 9 tries"), error(98, "Disk 1 is full"), error(5, "Only a warning", "WARNING"),
              error(99, "Disk 1 is full"), error(99.5, "Broken pipe", "CRITICAL")]  # fmt: skip
    assert not store.write([*posts, *errors]).rejected
    return store


def reported(found: dict[str, Any]) -> list[tuple[str, str, list[str]]]:
    return [(one["fired"][:10], one["how"], one["records"]) for one in found["episodes"]]


def test_each_record_is_reported_when_it_comes_into_view(told: Store) -> None:
    found = document(backtest(told, rules()[0], BEGIN, NOW))
    assert reported(found) == [
        (f"{day(8):%Y-%m-%d}", "resolved", ["One", "Two"]), (f"{day(8.5):%Y-%m-%d}", "resolved", ["Three"]),
    ]  # fmt: skip
    assert (found["fired"], found["records"], found["open_hours"]) == (2, 3, 72 + 48)


def test_now_the_same_is_in_view_as_when_it_is_tried(told: Store) -> None:
    each, _ = rules()
    for at, expected in ((7.9, {}), (8.5, {"linkedin": ["One"], "twitter": ["Three"]}),
                         (9.5, {"linkedin": ["Two", "One"], "twitter": ["Three"]}), (10.7, {"linkedin": ["Two"]}), (11.1, {})):  # fmt: skip
        seen = in_view(told, each, day(at))
        assert {labels[0]: [one.text for one in records] for labels, records in seen.items()} == expected


def test_only_what_was_not_seen_for_90_days_is_new(told: Store) -> None:
    _, first = rules()
    found = reported(document(backtest(told, first, BEGIN, NOW)))
    assert [(at, texts) for at, _, texts in found] == [
        (f"{day(20.1):%Y-%m-%d}", ["No answer after 3 tries"]), (f"{day(99.5):%Y-%m-%d}", ["Broken pipe"]),
    ]  # fmt: skip
    told.write([error(190, "Disk 5 is full")])
    assert [one.text for records in in_view(told, first, day(190.1)).values() for one in records] == ["Disk 5 is full"]
