"""What of the posts' points is not stored just so. Both are gone through side by side in the order of time, so that of
neither all have to be held at once."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field

from collectors.journey.points import journey_point
from collectors.journey.standing import World
from collectors.journey.trails import Trail
from collectors.recall import FOREVER, Known, recall_named, recalled
from metricstore.catalogue import measurement
from metricstore.point import Point
from metricstore.store import Store

_COLUMNS = measurement("post_journey").columns
_PAGE = 250
"""Of rows as wide as these."""


@dataclass
class Comparison:
    """Of posts dated from `since` (nanoseconds; None: all) on. All but `changes` is known when that has come to its end."""

    store: Store
    world: World
    since: int | None
    records: int = 0
    upcoming: list[tuple[int, int]] = field(default_factory=list)
    """For each post that time alone will change: when, and its own time."""
    outdated: list[Point] = field(default_factory=list)
    """Points of posts that have gone or moved."""

    def changes(self, placed: deque[Trail]) -> Iterator[tuple[Point, bool]]:
        """Each point that is to be written, and whether it loses a field, so that the stored one must go first.

        `placed` is in the order of time and is used up, so that posts are let go one by one. When a point is yielded, all
        that is stored until then has been read."""
        stored = _Stored(self.store, None if self.since is None else (self.since, FOREVER))
        new: list[str] = []
        while placed:
            trail = placed.popleft()
            if self.since is not None and trail.time < self.since:
                continue
            self.outdated += stored.before(trail.time)
            point, stands = journey_point(trail, self.world)
            self.records += 1
            if stands.next is not None:
                self.upcoming.append((stands.next, trail.time))
            row = stored.at(point)
            if row is None:
                new.append(str(point.fields["post_id"]))
            if row is None or row.differs(point):
                yield point, row is not None and row.loses(point)
        self.outdated += stored.rest()
        if self.since is not None:
            self.outdated += self._elsewhere(sorted(set(new) - stored.names), self.since)

    def _elsewhere(self, names: list[str], since: int) -> list[Point]:
        """Older points of posts that have moved to a later date."""
        found = recall_named(self.store, "post_journey", "post_id", names, ("platform", "post_id"))
        return [row.point for row in found if row.time < since]


class _Stored:
    """Stored points, oldest first."""

    def __init__(self, store: Store, span: tuple[int, int] | None) -> None:
        self.names: set[str] = set()
        self._rows = recalled(store, "post_journey", _COLUMNS, span=span, page=_PAGE)
        self._next = next(self._rows, None)
        self._here: list[Known] = []
        """Those of one moment that nobody has asked for yet."""

    def before(self, time: int) -> Iterator[Point]:
        """Those before `time` that nobody asked for."""
        if self._here and self._here[0].time < time:
            yield from (row.point for row in self._here)
            self._here = []
        while self._next is not None and self._next.time < time:
            yield self._step(self._next).point

    def at(self, point: Point) -> Known | None:
        """The one with the point's identity."""
        while self._next is not None and self._next.time == point.time:
            self._here.append(self._step(self._next))
        for row in self._here:
            if row.point.identity == point.identity:
                self._here.remove(row)
                return row
        return None

    def rest(self) -> Iterator[Point]:
        yield from (row.point for row in self._here)
        while self._next is not None:
            yield self._step(self._next).point

    def _step(self, row: Known) -> Known:
        self.names.add(row.text("post_id"))
        self._next = next(self._rows, None)
        return row
