"""From when to when an alert of a rule was open: what charts of the rule's metric show beside the data."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Protocol

from metricstore.query import Filter
from metricstore.segment import Segment
from metricstore.windows import Window, zone


@dataclass(frozen=True)
class Episode:
    """[start, stop) in UTC; `stop` None: it is open."""

    metric: str
    title: str
    labels: str
    """Which part of the data it is about, in words; "" for all."""
    start: datetime
    stop: datetime | None
    covers: Mapping[str, str] = field(default_factory=dict)
    """The filters of its rule, those of the rule's segment and the values of its group, as words of an address."""

    @property
    def name(self) -> str:
        return f"{self.title} ({self.labels})" if self.labels else self.title


class Episodes(Protocol):
    """Where they are kept, for whoever draws them."""

    def within(self, metrics: Collection[str], start: datetime, stop: datetime) -> list[Episode]:
        """Those of the metrics' rules that fall into [start, stop), by time."""
        ...

    def revision(self) -> str:
        """Changes with every alert that fires or ends."""
        ...


def seen(found: Iterable[Episode], segments: Sequence[Segment], now: datetime) -> list[Episode]:
    """Those of rules that cover no more than all `segments` let through, each cut to their ranges and widened to their
    finest windows: an alert over more data would say something of what its reader may not see."""
    shown = list(found)
    for segment in segments:
        start, stop = segment.range(now)
        covered = (one for one in shown if Segment.from_params(dict(one.covers)).lies_within(segment))
        shown = [part for one in covered if (part := _cut(one, segment, start, stop)) is not None]
    return shown


def concerning(found: Iterable[Episode], filters: Sequence[Filter]) -> list[Episode]:
    """Those that belong beside data filtered so: not an alert of another platform than the one looked at."""
    return [one for one in found if not any(_apart(one, wanted) for wanted in filters)]


def _apart(one: Episode, wanted: Filter) -> bool:
    """Whether what it covers has nothing of what a filter lets through."""
    own = [each for each in Segment.from_params(dict(one.covers)).filters() if each.column == wanted.column]
    only, without = (
        {value for each in own if each.operator == kind for value in each.values} for kind in ("any", "none")
    )
    if wanted.operator == "any":
        return bool(only and only.isdisjoint(wanted.values)) or without.issuperset(wanted.values)
    return wanted.operator == "none" and bool(only) and only <= set(wanted.values)


def _cut(one: Episode, segment: Segment, start: datetime | None, stop: datetime | None) -> Episode | None:
    begun = one.start if start is None else max(one.start, start)
    ended = one.stop if stop is None else min(one.stop or stop, stop)
    if ended is not None and begun >= ended:
        return None
    finest = segment.finest
    if finest is None:
        return replace(one, start=begun, stop=ended)
    place = zone(segment.timezone)
    return replace(one, start=finest.floor(begun, place).astimezone(UTC), stop=ended and _ceil(finest, ended, segment))


def _ceil(window: Window, moment: datetime, segment: Segment) -> datetime:
    place = zone(segment.timezone)
    below = window.floor(moment, place)
    return (below if below == moment else window.next(below, place)).astimezone(UTC)
