"""What of a batch is stored in view of how long points are kept: nothing that is older, and nothing made of what is gone."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property

from collectors.base import Expiry
from metricstore.catalogue.collectors import COLLECTORS
from metricstore.coverage import kept_from
from metricstore.deletions import limits_of_writing
from metricstore.expiring import credible_limits, older_than
from metricstore.point import Point, moment
from metricstore.retention import KEPT_FOR_EVER, Retention, deletion, parted, settled_before
from metricstore.store import Store

_TICK = timedelta(microseconds=1)


@dataclass
class Keeping:
    """Of one run of the collector `name`. `older` and `deleted` count points."""

    name: str
    store: Store
    retention: Retention = KEPT_FOR_EVER
    now: Callable[[], int] = time.time_ns
    older: int = field(default=0, init=False)
    """Left out, as they are older than they are kept."""
    deleted: int = field(default=0, init=False)
    """Because of their age."""

    def written(self, points: list[Point]) -> list[Point]:
        """Those that are to be written."""
        if not self.retention or not points:
            return points
        kept, older = parted(points, self._limits)
        if older:
            self._note_left_out(points)
        self.older += older
        return self._live(kept)

    def removed(self, points: list[Point]) -> list[Point]:
        """Those that are to be deleted: what was put together of points that are gone now stays."""
        if not self.retention or not points:
            return points
        return self._live(points)

    def expire(self, expiry: Expiry, allowed: Callable[[], None], halt: threading.Event) -> bool:
        """Delete a stretch at a time; `allowed` raises where another machine collects now. False when it was to stop in between.

        That it is done is written first: whoever asks meanwhile must not take what is gone for nothing having happened.
        """
        at, count = datetime.fromtimestamp(self.now() / 1e9, UTC), 0
        allowed()
        if expected := older_than(self.store, expiry.measurement, expiry.before):
            self._note(expiry, expected, at)
        for stretch in self.store.expire(expiry.measurement, expiry.before):
            count += stretch
            self.deleted += stretch
            self._note(expiry, count, at)
            if halt.is_set():
                return False
            allowed()
        return True

    def _note(self, expiry: Expiry, points: int, at: datetime) -> None:
        self.store.write([deletion(expiry.measurement, expiry.days, expiry.before, points, at)])

    def _note_left_out(self, points: list[Point]) -> None:
        """Where that is not known yet: what is not stored is not zero."""
        names = {point.measurement for point in points if point.time < self._limits.get(point.measurement, point.time)}
        known, days = kept_from(self.store), dict(self.retention.days)
        at = datetime.fromtimestamp(self.now() / 1e9, UTC)
        limits = {name: moment(self._limits[name]) for name in names}
        self.store.write(
            [
                deletion(name, days[name], limit, 0, at)
                for name, limit in limits.items()
                if known.get(name, limit - _TICK) < limit
            ]
        )

    @cached_property
    def _limits(self) -> dict[str, int]:
        """Of this run."""
        return limits_of_writing(self.store, self.retention, self.now())

    def _live(self, points: list[Point]) -> list[Point]:
        collector = next((one for one in COLLECTORS if one.name == self.name and one.reads), None)
        if collector is None:
            return points
        # Inputs of which nothing is stored are gone, for all that is known here: what was made of them stays.
        settled = settled_before(collector, credible_limits(self.store, self.retention, self.now()))
        return [point for point in points if point.time >= settled]
