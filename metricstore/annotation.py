"""What people write beside the data: a remark on a moment or a span, such as a launch, an outage or a changed prompt."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Protocol

from metricstore.query import Filter
from metricstore.segment import Segment
from metricstore.windows import Window, zone

COLUMN = "platform"
"""The one column of the data that an annotation tells."""


@dataclass(frozen=True)
class Annotation:
    """`stop` is None for a moment; a span is [start, stop). Times are UTC."""

    id: int
    start: datetime
    stop: datetime | None
    text: str
    tags: tuple[str, ...] = ()
    platform: str = ""
    """"" for what concerns all platforms."""
    author: str = ""
    created: datetime | None = None

    @property
    def last(self) -> datetime:
        """Its end, or its moment."""
        return self.stop or self.start

    def within(self, start: datetime | None, stop: datetime | None) -> bool:
        """Whether any of it falls into [start, stop); None: no limit."""
        begins = stop is None or self.start < stop
        ends = start is None or (self.start >= start if self.stop is None else self.stop > start)
        return begins and ends


class Annotations(Protocol):
    """Where annotations are kept, for whoever draws them."""

    def within(self, start: datetime | None, stop: datetime | None) -> list[Annotation]:
        """Those that fall into [start, stop), by time."""
        ...

    def revision(self) -> str:
        """Changes with every annotation that is made or removed."""
        ...


def seen(found: Iterable[Annotation], segments: Sequence[Segment], now: datetime) -> list[Annotation]:
    """Those that all `segments` let through, each cut to their ranges and widened to their finest windows.

    As with stored records: a segment's column that annotations do not tell (a topic, say) lets none of them through,
    and one that names no platform passes only filters that ask for what has none.
    """
    shown = list(found)
    for segment in segments:
        if set(segment.columns) - {COLUMN}:
            return []
        start, stop = segment.range(now)
        filters = segment.filters()
        shown = [
            _told(one, segment, start, stop)
            for one in shown
            if one.within(start, stop) and all(_passes(one.platform, wanted) for wanted in filters)
        ]
    return shown


def concerning(found: Iterable[Annotation], filters: Sequence[Filter]) -> list[Annotation]:
    """Those that belong beside data filtered so: of the platforms asked for, or of all."""
    asked = [wanted for wanted in filters if wanted.column == COLUMN]
    return [one for one in found if not one.platform or all(_passes(one.platform, wanted) for wanted in asked)]


def _passes(platform: str, wanted: Filter) -> bool:
    if wanted.operator == "any":
        return platform in wanted.values
    if wanted.operator == "none":
        return platform not in wanted.values
    if wanted.operator == "contains":
        return bool(platform) and any(str(value).lower() in platform.lower() for value in wanted.values)
    return False


def _told(one: Annotation, segment: Segment, start: datetime | None, stop: datetime | None) -> Annotation:
    """As its reader may know it: nothing before or after the segment's range, no time finer than its window."""
    begun = one.start if start is None else max(one.start, start)
    ended = one.stop if one.stop is None or stop is None else min(one.stop, stop)
    finest = segment.finest
    if finest is None:
        return replace(one, start=begun, stop=ended)
    return replace(
        one, start=_floor(finest, begun, segment.timezone), stop=ended and _ceil(finest, ended, segment.timezone)
    )


def _floor(window: Window, moment: datetime, timezone: str) -> datetime:
    return window.floor(moment, zone(timezone)).astimezone(UTC)


def _ceil(window: Window, moment: datetime, timezone: str) -> datetime:
    below = window.floor(moment, zone(timezone))
    return (below if below == moment else window.next(below, zone(timezone))).astimezone(UTC)
