"""A deletion of what is too old is no news: neither to rules nor to goals."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from alerting.asking import asked
from alerting.rule_file import read_rules
from metricstore.duck import DuckStore
from metricstore.goal import Goal
from metricstore.nothing import NOT_COLLECTED
from metricstore.plans import ask
from metricstore.point import Point, nanoseconds
from metricstore.retention import deletion
from metricstore.selection import Selection
from questions.goal_standings import plan_standing

NOW = datetime(2026, 3, 20, 12, tzinfo=UTC)
LIMIT = datetime(2026, 2, 10, tzinfo=UTC)
FEW = """
[[rule]]
id = "few"
title = "Few posts"
kind = "value"
metric = "generations"
every = "1mo"
fire = "< 10"
"""


def filled(store: DuckStore) -> None:
    """One an hour since the beginning of the year."""
    begin = datetime(2026, 1, 1, tzinfo=UTC)
    hours = int((NOW - begin) / timedelta(hours=1))
    store.write([
        Point("generation", nanoseconds(begin + timedelta(hours=hour)), {"platform": "twitter"}, {"outcome": "ok"}) for hour in range(hours)
    ] + [Point("collector_run", nanoseconds(NOW), {"collector": "app_log", "outcome": "ok"}, {"records": 1, "points": 1})])  # fmt: skip


def expire(store: DuckStore) -> None:
    store.write([deletion("generation", 38, LIMIT, 0, NOW)])
    assert sum(store.expire("generation", LIMIT)) == 40 * 24


def test_a_window_that_has_lost_points_is_not_judged(duck_store: DuckStore) -> None:
    filled(duck_store)
    (rule,) = read_rules(FEW, "rules.toml")[0]
    start = datetime(2026, 1, 1, tzinfo=UTC)
    (before,) = asked(duck_store, rule, start, NOW).values()
    assert [look.value for look in before] == [31 * 24, 28 * 24]
    expire(duck_store)
    (after,) = asked(duck_store, rule, start, NOW).values()
    assert [look.why for look in after] == [NOT_COLLECTED, NOT_COLLECTED]


def test_a_goal_whose_period_has_lost_points_is_not_behind(duck_store: DuckStore) -> None:
    filled(duck_store)
    selection = Selection(start="2026-01-01", timezone="UTC")

    def verdict(period: str) -> str:
        goal = Goal("generations", "at least", 1_500, period)
        return str(ask(duck_store, plan_standing(goal, selection, NOW)).verdict)

    assert (verdict("year"), verdict("month")) == ("met", "far behind")
    expire(duck_store)
    assert (verdict("year"), verdict("month")) == ("unknown", "far behind")
