"""Looking after rollups: for which measurements they are kept, made anew for the hours that are dirty, compared with the points.

By one process at a time; where two do it, each makes hours as of what it has seen, and only what is as of everything counts.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator

from metricstore.catalogue import MEASUREMENTS
from metricstore.clickhouse import hour_marks, rollup_tables
from metricstore.clickhouse.connection import Connection
from metricstore.clickhouse.hour_marks import HourMarks
from metricstore.clickhouse.rollup_state import RollupState
from metricstore.clickhouse.rollup_tables import Hour
from metricstore.clickhouse.tables import Layout as Place
from metricstore.errors import StoreDenied, StoreError
from metricstore.point import moment
from metricstore.rollups import upkeep
from metricstore.rollups.hours import HOUR, joined, length, within, without
from metricstore.rollups.layout import Layout, layouts
from metricstore.rollups.planner import Known
from metricstore.rollups.upkeep import Checked
from metricstore.sql.dialect import Engine
from metricstore.sql.rollup_check import differing, sampled
from metricstore.sql.rollup_worth import worth_keeping

_AIM_SECONDS = 1.0
"""Of a statement: nobody waits for it."""
_FEWEST_HOURS, _MOST_HOURS = 24, 24 * 31
"""At once: each statement costs something, however little is in it."""


class Rollups:
    """`prepare` sees that the store's own tables are there. `marks`: this process's."""

    def __init__(
        self, engine: Engine, connection: Connection, place: Place, marks: HourMarks, state: RollupState, prepare: Callable[[], None]
    ) -> None:  # fmt: skip
        self._engine = engine
        self._connection = connection
        self._place = place
        self._marks = marks
        self._state = state
        self._prepare = prepare
        self._looked_at: dict[str, int] = {}
        """Measurements of which no rollups are worth keeping, and how many points they had."""
        self._hours = 24 * 7
        """Made anew at once."""

    def work(self) -> Iterator[None]:
        """See `Upkeep`."""
        self._prepare()
        self._marks.give_back()
        kept, sizes = self._state.kept(anew=True), self._sizes()
        failed: StoreError | None = None
        for name in MEASUREMENTS:
            try:
                if name not in kept and self._is_candidate(name, sizes.get(name, 0)):
                    self._decide(name, sizes[name])
                    yield
                    kept = self._state.kept(anew=True)
                if name in kept:
                    yield from self._made_anew(kept[name])
            except StoreError as error:  # the others are made all the same
                failed = failed or error
                self._hours = 1  # it may have been too much at once
        if failed is not None:
            raise failed

    def _sizes(self) -> dict[str, int]:
        """Points by measurement, of those that rollups could be kept of; one that was written again may count twice."""
        counts = (f"SELECT '{name}', count() FROM {self._place.whole(name)}" for name in MEASUREMENTS if layouts(name))
        return {str(name): int(count) for name, count in self._engine.rows(" UNION ALL ".join(counts), ())}

    def _is_candidate(self, name: str, size: int) -> bool:
        return size >= max(upkeep.FEWEST_POINTS, self._looked_at.get(name, 0) * upkeep.AGAIN, 1)

    def _decide(self, name: str, size: int) -> None:
        """Whether rollups are kept of a measurement from now on, and by which layout."""
        layout = worth_keeping(self._engine, name, size)
        if layout is None:
            self._looked_at[name] = size
            return
        # Before anybody sees that rollups are kept: whoever writes says so by himself, and what was written before is said here.
        hour_marks.mark_points(self._connection, self._place, name)
        rollup_tables.make(self._connection, self._place, layout)
        try:
            rollup_tables.remove_others(self._connection, self._place, name)
        except StoreDenied:
            return  # they are in nobody's way

    def _made_anew(self, layout: Layout) -> Iterator[None]:
        due = self._due(layout)
        while due:
            began = time.monotonic()
            limit = due[0].hour + self._hours
            hours = [one for one in due[: self._hours] if one.hour < limit]
            rollup_tables.fill(self._connection, self._place, layout, hours)
            due = due[len(hours) :]
            took = time.monotonic() - began
            # as many hours as may be made in the time that a statement should take
            if len(hours) >= self._hours or took > _AIM_SECONDS:
                fitting = int(self._hours * min(_AIM_SECONDS / max(took, 1e-4), 2.0))
                self._hours = min(max(fitting, _FEWEST_HOURS), _MOST_HOURS)
            yield

    def _due(self, layout: Layout) -> list[Hour]:
        """What can be made: nobody writes to it, and it is over."""
        due = self._state.due(layout)
        now = time.time_ns() // HOUR
        left = joined((*self._state.written_to(layout.measurement), (now, now + 1)))
        return [one for one in due if not within(left, one.hour, one.hour + 1)]

    def check(self, chance: random.Random) -> Checked:
        """See `Upkeep`."""
        self._prepare()
        looked, found, waits = 0, {}, False
        for name, layout in sorted(self._state.kept(anew=True).items()):
            known = Known(layout, self._state.dirty(layout))
            hours = sampled(self._engine, known, layout, chance, upkeep.SAMPLED_HOURS)
            looked += len(hours)
            waits |= not hours and bool(known.dirty)
            wrong = self._surely_wrong(layout, hours)
            if wrong:
                found[name] = [moment(hour * HOUR) for hour in wrong]
                # points that others wrote may be in hours that nobody has marked, which a stretch alone does not make dirty
                hour_marks.mark_points(self._connection, self._place, name)
                hour_marks.mistrust(self._connection, self._place, name)
        return Checked(looked, found, waits)

    def _surely_wrong(self, layout: Layout, hours: list[int]) -> list[int]:
        """Rollups and points are not read at one moment: an hour that somebody wrote to, or made anew, in between is not wrong."""
        suspected = differing(self._engine, layout, hours)
        if not suspected:
            return []
        complete = without(joined((hour, hour + 1) for hour in suspected), self._state.dirty(layout))
        return differing(self._engine, layout, [hour for first, stop in complete for hour in range(first, stop)])

    def left(self) -> int:
        """Hours that are dirty, the current ones included."""
        self._prepare()
        return sum(length(self._state.dirty(layout)) for layout in self._state.kept(anew=True).values())
