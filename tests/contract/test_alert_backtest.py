"""A rule tried on stored data says the same on both stores, and judges only windows that are closed and known."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from alerting.asking import asked, settled_until
from alerting.backtest import backtest, document
from alerting.course import State, replay
from alerting.rule import Rule
from alerting.rule_file import read_rules
from metricstore.point import Point, nanoseconds
from metricstore.store import Store

BEGIN = datetime(2026, 3, 2, tzinfo=UTC)
NOW = BEGIN + timedelta(hours=20)
RULES = """
[[rule]]
id = "ai-errors"
metric = "ai_request_error_rate"
by = ["provider"]
every = "1h"
fire = "> 20"
clear = "<= 10"
needs = "ai_requests >= 5"
page = "> 50"
quiet = "3h"

[[rule]]
id = "burn"
kind = "burn"
metric = "ai_requests"
by = ["provider"]
where = "http_status=500"
every = "1h"
allowance = 20
fire = "> 50 %"
page = "> 60 %"

[[rule]]
id = "budget"
kind = "budget"
metric = "ai_requests"
fire = "> 3000"

[[rule]]
id = "no-requests"
kind = "absent"
metric = "ai_requests"
every = "1h"
"""


def requests(hour: int, provider: str, good: int, bad: int) -> list[Point]:
    """So many answers within an hour, spread evenly."""
    found = []
    for number in range(good + bad):
        time = nanoseconds(BEGIN + timedelta(hours=hour, minutes=number))
        tags = {"provider": provider, "http_status": "500" if number < bad else "200"}
        found.append(
            Point(
                "ai_request",
                time + ord(provider),
                tags,
                {"latency_seconds": 1.0, "file": "app.log", "line": number + 1},
            )
        )
    return found


def read_until(store: Store, moment: datetime) -> None:
    """As if the log had been read last at `moment`."""
    fields = {"duration_seconds": 0.1, "records": 5, "points": 5, "rejected": 0}
    store.write([Point("collector_run", nanoseconds(moment), {"collector": "app_log", "outcome": "ok"}, fields)])


@pytest.fixture
def told(store: Store) -> Store:
    """Two providers: b fails in hours 2 and 3, has two bad requests alone in hour 6; nothing from hour 10 on."""
    points = []
    for hour in range(10):
        points += requests(hour, "a", 10, 0)
        points += requests(hour, "b", *{2: (4, 6), 3: (7, 3), 4: (17, 3), 5: (10, 0), 6: (0, 2)}.get(hour, (8, 1)))
    assert not store.write(points).rejected
    read_until(store, NOW - timedelta(minutes=30))
    return store


def rules() -> list[Rule]:
    found, wrong = read_rules(RULES, "rules.toml")
    assert wrong == []
    return found


def test_what_would_have_happened(told: Store) -> None:
    errors = document(backtest(told, rules()[0], BEGIN, NOW))
    (episode,) = errors.pop("episodes")
    assert episode == {
        "labels": {"provider": "b"}, "fired": "2026-03-02T03:00:00+00:00", "ended": "2026-03-02T06:00:00+00:00",
        "how": "resolved", "raised": True, "value": 60, "usual": None, "worst": 60,
    }  # fmt: skip
    nearest = errors.pop("nearest_misses")[0]
    assert (nearest["labels"], nearest["value"]) == ({"provider": "b"}, pytest.approx(100 / 9, abs=1e-6))
    assert (errors["fired"], errors["open_hours"], errors["out_of_hours"]) == (1, 3, 1)
    assert (errors["windows"], errors["groups"], errors["nothing"]) == (38, 2, {"no records": 18, "too few": 1})


def test_an_hour_without_requests_is_absent_only_where_the_log_was_read(told: Store) -> None:
    absent = document(backtest(told, rules()[-1], BEGIN, NOW))
    assert [(each["fired"][11:16], each["how"]) for each in absent["episodes"]] == [("11:00", "open")]
    assert absent["open_hours"] == pytest.approx(8.5, abs=0.1)


def test_failures_use_up_an_allowance(told: Store) -> None:
    (episode,) = document(backtest(told, rules()[1], BEGIN, NOW))["episodes"]
    assert (episode["labels"], episode["fired"][11:16], episode["value"], episode["worst"], episode["raised"]) == (
        {"provider": "b"}, "04:00", 11, 19, True,
    )  # fmt: skip


def test_a_month_is_judged_from_the_days_that_were_read(told: Store) -> None:
    for day in range(1, 20):
        told.write([point for hour in range(10) for point in requests(24 * day + hour, "a", 10 * day, 0)])
    end = BEGIN + timedelta(days=20)
    read_until(told, end + timedelta(hours=1))
    found = document(backtest(told, rules()[2], BEGIN, end + timedelta(hours=2)))
    assert found["nothing"] == {"too few": 13}
    assert [each["raised"] for each in found["episodes"]] == [True]


def test_what_is_open_or_was_not_read_yet_is_not_judged(told: Store) -> None:
    errors, *_ = rules()
    assert settled_until(told, errors, NOW) == NOW - timedelta(minutes=32)
    assert settled_until(told, errors, NOW - timedelta(hours=5)) == NOW - timedelta(hours=5, minutes=2)
    for looks in asked(told, errors, BEGIN, settled_until(told, errors, NOW)).values():
        assert max(look.closed for look in looks) == NOW - timedelta(hours=1)


def test_hour_by_hour_the_same_happens_as_in_one_pass(told: Store) -> None:
    errors = rules()[0]
    states: dict[tuple[str, ...], State] = {}
    happened = []
    for hour in range(1, 20):
        until = BEGIN + timedelta(hours=hour)
        for labels, looks in asked(told, errors, until - timedelta(hours=1), until).items():
            course = replay(errors, looks, states.get(labels))
            states[labels] = course.state
            happened += [(each.event, labels, each.look.closed) for each in course.transitions]
    assert happened == [
        ("fired", ("b",), BEGIN + timedelta(hours=3)), ("raised", ("b",), BEGIN + timedelta(hours=3)),
        ("resolved", ("b",), BEGIN + timedelta(hours=6)),
    ]  # fmt: skip


def test_nothing_is_judged_of_what_was_never_collected(store: Store) -> None:
    for rule in rules():
        found = document(backtest(store, rule, BEGIN, NOW))
        assert (found["fired"], found["episodes"]) == (0, [])
