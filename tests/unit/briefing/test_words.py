"""The verdict in words: each rule, each proof, and what nobody knows."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from math import nan
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from briefing.facts import Counted, Facts, Judged, Reason
from briefing.standing import Standing
from briefing.usual import Course
from layouts.briefing.attention import needed
from layouts.briefing.words import judged, pace_words
from metricstore import nothing
from metricstore.goal import Goal
from metricstore.metrics import metric
from metricstore.selection import Selection

NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)
MONDAY, NEXT = datetime(2026, 11, 23, tzinfo=UTC), datetime(2026, 11, 30, tzinfo=UTC)
QUIET = Facts(
    Selection(start="week"), NOW, True,
    Judged(metric("generations"), Course(92, 85, 100)), Judged(metric("impressions"), Course(5000, 4500, 5500)),
    Counted(metric("generation_failures"), 0), Counted(metric("service_failed"), 0), {},
    Counted(metric("waiting_without_text"), 0),
)  # fmt: skip


def told(facts: Facts) -> str:
    found = judged(facts, Selection())
    opening = f"{found.opening}: " if found.opening else ""
    unknown = f" | {'; '.join(found.unknown)}" if found.unknown else ""
    return opening + " ".join(clause.sentence for clause in found.clauses) + unknown


def weekly(value: float, **more: Any) -> Standing:
    return Standing(Goal("generations", "at least", 100, "week"), value, MONDAY, NEXT, 97.0, **more)


def test_a_quiet_week_is_on_track_by_what_is_usual() -> None:
    assert told(QUIET) == (
        "On track: 92 posts made this week, as usual (85–100). None failed. "
        "Impressions as usual: 5,000 impressions, usually 4,500–5,500."
    )
    assert needed(QUIET, Selection()) == []


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"made": Judged(metric("generations"), Course(20, 85, 100))}, "Not on track: 20 posts made this week, fewer than usual (85–100)."),
        ({"made": Judged(metric("generations"), Course(20))}, "20 posts made this week. None failed."),
        ({"standings": (weekly(92),)}, "Not on track: Posts generated: 92 of 100 posts this week, 5 behind pace. None"),
        ({"standings": (weekly(98),)}, "On track: Posts generated: 98 of 100 posts this week, 1 ahead of pace. None"),
        ({"standings": (weekly(104),)}, "On track: Posts generated: 104 of 100 posts this week, goal reached."),
        ({"failed": Counted(metric("generation_failures"), 6, (Reason("http_429", 4), Reason("no_answer", 2)))},
         "On track, with problems: 92 posts made this week, as usual (85–100). 6 failed, 4 of them for one reason: HTTP 429."),
        ({"failed": Counted(metric("generation_failures"), 4, (Reason("http_429", 2), Reason("no_answer", 2)), at_least=True)},
         "At least 4 failed."),
        ({"failed": Counted(metric("generation_failures"), 1, (Reason("no_answer", 1),))}, "1 failed: no answer."),
        ({"unsent": Counted(metric("service_failed"), 2, (Reason("auth", 2),))},
         "On track, with problems: 92 posts made this week, as usual (85–100). None failed. 2 were not sent, all for one reason: access lost or expired."),
        ({"textless": Counted(metric("waiting_without_text"), 2, (Reason("failed", 2),))},
         "On track: 92 posts made this week, as usual (85–100). None failed. 2 posts due today or in the next 7 days have no usable text."),
        ({"read": Judged(metric("impressions"), Course(6000, 4500, 5500))}, "More impressions than usual: 6,000 impressions"),
        ({"read": Judged(metric("impressions"), Course(nan, why=nothing.NOT_COLLECTED))},
         "None failed. | impressions (not collected in this range)"),
        ({"unsent": Counted(metric("service_failed"), nan, why=nothing.NOT_COLLECTED), "never": frozenset({"social_post"})},
         "| what was not sent (connect a scheduling service such as Buffer"),
        ({"made": Judged(metric("generations"), Course(nan, why=nothing.NOT_COLLECTED))}, "Impressions as usual"),
        ({"selection": Selection(start="-7d", where={"status": ("draft",)})},
         "92 posts made in the last 7 days, as usual (85–100) (not filtered by status)."),
    ],
)  # fmt: skip
def test_each_rule_has_its_words(changed: dict[str, Any], said: str) -> None:
    assert said in told(replace(QUIET, **changed))


def test_nothing_known_is_no_number_and_no_verdict() -> None:
    unknown = Course(nan, why=nothing.NOT_COLLECTED)
    lost = Counted(metric("generation_failures"), nan, why=nothing.NOT_COLLECTED)
    found = judged(replace(QUIET, made=Judged(metric("generations"), unknown), read=Judged(metric("impressions"), unknown),
                           failed=lost, unsent=replace(lost, metric=metric("service_failed")), textless=None), Selection())  # fmt: skip
    assert (found.opening, found.clauses) == ("", ())
    assert len(found.unknown) == 4


def test_every_clause_leads_to_its_proof_with_range_and_filters() -> None:
    facts = replace(
        QUIET,
        selection=Selection(start="-7d", timezone="Europe/Berlin", where={"platform": ("linkedin",)}),
        failed=Counted(metric("generation_failures"), 6, (Reason("http_429", 4),)),
    )
    clause = next(one for one in judged(facts, Selection()).clauses if one.proved == "6 failed")
    parts = urlsplit(clause.href)
    assert parts.path == "/generation"
    assert parse_qs(parts.query) == {
        "start": ["-7d"],
        "tz": ["Europe/Berlin"],
        "platform": ["linkedin"],
        "outcome": ["failed,partial"],
    }


def test_what_needs_somebody_comes_with_the_most_urgent_first() -> None:
    facts = replace(
        QUIET,
        failed=Counted(metric("generation_failures"), 3, (Reason("http_429", 3),)),
        textless=Counted(metric("waiting_without_text"), 1, (Reason("null", 1),)),
        held_up={"stuck": Counted(metric("posts_held_up"), 5, (Reason("approval_missing", 4), Reason("", 1)))},
    )
    found = needed(facts, Selection())
    assert [one.title for one in found] == [
        "1 post due today or in the next 7 days has no usable text", "3 posts failed during generation",
        "4 posts stuck: waits for approval", "1 post stuck: cause not known",
    ]  # fmt: skip
    assert [one.severity for one in found] == ["bad", "warn", "warn", "warn"]
    assert found[2].href == "/journey?cause=approval_missing&start=week&state=stuck"


@pytest.mark.parametrize(
    ("goal", "value", "said"),
    [
        (2000.0, 1964.63, "35 behind pace"),
        (0.0005, 0.00026, "0.00024 behind pace"),
        (2000.0, 1999.75, "0.2500 behind pace"),
    ],
)
def test_a_pace_has_the_decimals_of_the_goal_beside_it(goal: float, value: float, said: str) -> None:
    assert pace_words(Standing(Goal("ai_cost", "at least", goal, "week"), value, MONDAY, NEXT, goal)) == said
