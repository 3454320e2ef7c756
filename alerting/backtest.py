"""A rule tried on the past: what it would have done, by data as it is known now."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from math import isnan
from typing import Any

from alerting.asking import asked, settled_until
from alerting.course import Look, Record, Transition, replay
from alerting.measuring import Labels
from alerting.rule import Rule
from metricstore.errors import InvalidQuestion
from metricstore.store import Store
from metricstore.windows import zone

NEAREST = 5
_ENDS = ("resolved", "quiet")
_DAY_BEGINS, _DAY_ENDS = 7, 20
"""Hours of the rule's wall clock outside of which it is night."""


@dataclass(frozen=True)
class Episode:
    """One alert, from its firing to its end. `ended` None: it is open at the end of the time it was tried on."""

    labels: Labels
    fired: datetime
    ended: datetime | None
    how: str
    """`resolved`, `quiet`, or `open`."""
    raised: bool
    first: Look
    """The window that fired it."""
    worst: float
    """The value farthest beyond the limit while it was open."""
    records: tuple[Record, ...] = ()
    """Of rules about single records: those that it reported."""


@dataclass(frozen=True)
class Miss:
    """A window that nearly was a breach."""

    labels: Labels
    look: Look
    distance: float
    """How far `measured` was from the limit."""


@dataclass
class Backtest:
    rule: Rule
    start: datetime
    until: datetime
    """The end of the last window that was judged, at the latest."""
    windows: int = 0
    groups: int = 0
    episodes: list[Episode] = field(default_factory=list)
    nothing: Counter[str] = field(default_factory=Counter)
    """Windows without a judgement by the kind of nothing."""
    misses: list[Miss] = field(default_factory=list)
    looks: dict[Labels, list[Look]] = field(default_factory=dict)
    """All windows by group, for a picture."""

    @property
    def open_time(self) -> timedelta:
        return sum(((each.ended or self.until) - each.fired for each in self.episodes), timedelta(0))

    @property
    def out_of_hours(self) -> int:
        """Alerts that would have fired at night or on a weekend, by the rule's zone."""
        tz = zone(self.rule.timezone)
        walls = [each.fired.astimezone(tz) for each in self.episodes]
        return sum(wall.weekday() >= 5 or not _DAY_BEGINS <= wall.hour < _DAY_ENDS for wall in walls)


def backtest(store: Store, rule: Rule, start: datetime, now: datetime) -> Backtest:
    """InvalidQuestion when there are too many windows between `start` and `now`, or the rule looks at no windows."""
    if rule.momentary:
        raise InvalidQuestion(
            "kind", f"a rule of kind {rule.kind!r} looks at what is now: it can't be tried on the past"
        )
    until = settled_until(store, rule, now)
    found = Backtest(rule, start, until)
    if until <= start:
        return found
    for labels, looks in asked(store, rule, start, until).items():
        transitions = replay(rule, looks).transitions
        found.groups += 1
        found.windows += len(looks)
        found.looks[labels] = looks
        found.nothing.update(look.why for look in looks if look.why)
        episodes = _episodes(rule, labels, looks, transitions)
        found.episodes += episodes
        found.misses += [] if rule.listed else _misses(rule, labels, looks, episodes)
    found.episodes.sort(key=lambda each: each.fired)
    found.misses = sorted(found.misses, key=lambda each: each.distance)[:NEAREST]
    return found


def _episodes(rule: Rule, labels: Labels, looks: list[Look], transitions: tuple[Transition, ...]) -> list[Episode]:
    found = []
    for number in dict.fromkeys(each.episode for each in transitions if each.event == "fired"):
        own = [each for each in transitions if each.episode == number]
        first = next(each.look for each in own if each.event == "fired")
        end = next((each for each in own if each.event in _ENDS), None)
        last = end.look.closed if end else looks[-1].closed
        within = [look for look in looks if first.closed <= look.closed <= last and not look.why]
        worst = (max if rule.fire.upwards else min)(within, key=lambda look: look.measured)
        found.append(Episode(labels, first.closed, end.look.closed if end else None, end.event if end else "open",
                             any(each.event == "raised" for each in own), first, worst.value,
                             tuple(record for each in own for record in each.records)))  # fmt: skip
    return found


def _misses(rule: Rule, labels: Labels, looks: list[Look], episodes: list[Episode]) -> list[Miss]:
    """Windows that were judged while nothing was open, and did not reach the limit."""

    def free(look: Look) -> bool:
        return not any(
            each.fired <= look.closed and (each.ended is None or look.closed <= each.ended) for each in episodes
        )

    judged = (look for look in looks if not look.why and not rule.fire.reached(look.measured) and free(look))
    return [Miss(labels, look, rule.fire.distance(look.measured)) for look in judged]


def document(found: Backtest) -> dict[str, Any]:
    """As JSON: what `dashapp alert backtest --json` prints for a rule. Times are those of the rule's zone."""
    tz = zone(found.rule.timezone)

    def at(moment: datetime) -> str:
        return moment.astimezone(tz).isoformat(timespec="seconds")

    return {
        "rule": found.rule.id, "title": found.rule.title, "metric": found.rule.metric,
        "start": at(found.start), "until": at(found.until), "timezone": found.rule.timezone,
        "groups": found.groups, "windows": found.windows, "fired": len(found.episodes),
        "open_hours": round(found.open_time / timedelta(hours=1), 2), "out_of_hours": found.out_of_hours,
        "records": sum(len(each.records) for each in found.episodes) if found.rule.listed else None,
        "nothing": dict(sorted(found.nothing.items())),
        "episodes": [
            {
                "labels": dict(zip(found.rule.by, each.labels, strict=True)), "fired": at(each.fired),
                "ended": at(each.ended) if each.ended else None, "how": each.how, "raised": each.raised,
                "value": _number(each.first.value), "usual": _number(each.first.usual), "worst": _number(each.worst),
                **({"records": [record.text for record in each.records]} if found.rule.listed else {}),
            }
            for each in found.episodes
        ],
        "nearest_misses": [
            {
                "labels": dict(zip(found.rule.by, each.labels, strict=True)), "window": at(each.look.opened),
                "value": _number(each.look.value), "distance": _number(each.distance),
            }
            for each in found.misses
        ],
    }  # fmt: skip


def _number(value: float) -> float | None:
    return None if isnan(value) or value in (float("inf"), float("-inf")) else round(value, 6)
