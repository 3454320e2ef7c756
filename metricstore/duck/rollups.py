"""Keeping rollups in the file: for which measurements, made anew for the hours that are dirty, closed where points are to go.

All in short transactions of the one writer, by whoever calls `work` now and then: nobody who asks waits for it.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import AbstractContextManager
from dataclasses import replace

import duckdb

from metricstore.catalogue import MEASUREMENTS
from metricstore.duck import marks
from metricstore.duck.dialect import DuckEngine
from metricstore.duck.marks import Marks
from metricstore.duck.rollup_tables import fill, first_between, make_tables, replace_tables
from metricstore.errors import StoreError
from metricstore.point import moment
from metricstore.rollups import upkeep
from metricstore.rollups.hours import HOUR, Stretches, joined, length, within, without
from metricstore.rollups.layout import Layout, layouts
from metricstore.rollups.planner import NOTHING, Known
from metricstore.rollups.upkeep import Checked
from metricstore.sql.rollup_check import differing, ends_of, sampled
from metricstore.sql.rollup_worth import size_of, worth_keeping

_AIM_SECONDS = 0.05
"""Of a transaction."""
_FEWEST_HOURS, _MOST_HOURS = 6, 24 * 7
"""At once: each transaction costs something, however little is in it."""
Changing = Callable[[], AbstractContextManager[duckdb.DuckDBPyConnection]]
Reading = Callable[[Collection[str]], AbstractContextManager[tuple[duckdb.DuckDBPyConnection, dict[str, Known]]]]


class Rollups:
    """`changing` lends the writer's transaction, in which `marks` are those of the file; `reading` one of whoever asks, with what is
    known at that moment of some measurements."""

    def __init__(self, marks: Marks, changing: Changing, reading: Reading) -> None:
        self._marks = marks
        self._changing = changing
        self._reading = reading
        self._looked_at: dict[str, int] = {}
        """Measurements of which no rollups are worth keeping, and how many points they had."""
        self._hours = 24
        """Made anew at once."""

    def work(self) -> Iterator[None]:
        """See `Upkeep`."""
        with self._changing() as connection:
            candidates = [name for name in MEASUREMENTS if layouts(name) and self._is_candidate(connection, name)]
            names = [name for name in MEASUREMENTS if name in candidates or self._due(name)]
        failed: StoreError | None = None
        for name in names:
            try:
                if name in candidates:
                    with self._changing() as connection:
                        self._decide(connection, name)
                    yield
                yield from self._made_anew(name)
            except StoreError as error:  # the others are made all the same
                failed = failed or error
                self._hours = 1  # it may have been too much at once
        if failed is not None:
            raise failed

    def _is_candidate(self, connection: duckdb.DuckDBPyConnection, name: str) -> bool:
        known = self._marks.of(name)
        if known is not NOTHING:
            return known.layout is None
        return size_of(DuckEngine(connection), name) >= max(
            upkeep.FEWEST_POINTS, self._looked_at.get(name, 0) * upkeep.AGAIN
        )

    def _decide(self, connection: duckdb.DuckDBPyConnection, name: str) -> None:
        """Whether rollups are kept of a measurement from now on, and by which layout."""
        known, size = self._marks.of(name), size_of(DuckEngine(connection), name)
        layout = worth_keeping(DuckEngine(connection), name, size)
        if layout is None and known.closed:
            layout = layouts(name)[-1]
        if known is not NOTHING:
            self._forget(connection, name, layout, known)
        elif layout is not None:
            make_tables(connection, layout)
        if layout is None:
            self._looked_at[name] = size
        else:
            self._begin(connection, layout, known.closed)

    def _begin(self, connection: duckdb.DuckDBPyConnection, layout: Layout, closed: Stretches) -> None:
        """All hours are dirty that are not closed."""
        name, ends = layout.measurement, ends_of(DuckEngine(connection), layout)
        dirty = without(((ends[0] // HOUR, ends[1] // HOUR + 1),), closed) if ends is not None else ()
        marks.remove(connection, name, "kept", "dirty")
        marks.insert(connection, name, "kept", [(0, 0)], layout.text)
        marks.insert(connection, name, "dirty", dirty)
        self._marks.note(name, Known(layout, dirty, closed))

    def _forget(self, connection: duckdb.DuckDBPyConnection, name: str, layout: Layout | None, known: Known) -> None:
        """Of a measurement that is declared otherwise now."""
        replace_tables(connection, name, layout, known.closed)
        marks.remove(connection, name, "kept", "dirty")
        self._marks.note(name, NOTHING)

    def _made_anew(self, name: str) -> Iterator[None]:
        while True:
            began = time.monotonic()
            with self._changing() as connection:
                hours = self._next(connection, name)
                if hours is None:
                    return
                self.make(connection, name, hours)
            took = time.monotonic() - began
            # as many hours as may be made in the time that a transaction should take
            if hours[1] - hours[0] >= self._hours or took > _AIM_SECONDS:
                fitting = int(self._hours * min(_AIM_SECONDS / max(took, 1e-4), 2.0))
                self._hours = min(max(fitting, _FEWEST_HOURS), _MOST_HOURS)
            yield

    def _due(self, name: str) -> Stretches:
        known = self._marks.of(name)
        now = time.time_ns() // HOUR
        return without(known.dirty, ((now, now + 1),)) if known.layout is not None else ()

    def _next(self, connection: duckdb.DuckDBPyConnection, name: str) -> tuple[int, int] | None:
        """Some hours: the first that are dirty, with all before them that have no points, and what is dirty soon after them."""
        due, closed = self._due(name), self._marks.of(name).closed
        if not due:
            return None
        first, stop = due[0]
        points = first_between(connection, name, first * HOUR, stop * HOUR)
        limit = self._hours + (first if points is None else points // HOUR)
        soon = min(max(end for begin, end in due if begin < limit), limit)
        stop = soon if points is not None else max(stop, soon)
        return first, min([stop, *(begin for begin, _ in closed if begin > first)])

    def make(self, connection: duckdb.DuckDBPyConnection, name: str, hours: tuple[int, int]) -> None:
        """Make hours anew from their points, within the writer's transaction."""
        known = self._marks.of(name)
        assert known.layout is not None
        first, stop = hours
        fill(connection, known.layout, first, stop)
        self._marks.store(connection, name, without(known.dirty, (hours,)))

    def close(self, connection: duckdb.DuckDBPyConnection, name: str, hours: tuple[int, int]) -> bool:
        """Within the transaction that deletes the points of these hours: keep their rollups for ever. False where none are kept."""
        known = self._marks.of(name)
        if known.layout is None:
            return False
        for stretch in within(known.dirty, *hours):
            self.make(connection, name, stretch)
        known = self._marks.of(name)
        fresh = without((hours,), known.closed)
        marks.insert(connection, name, "closed", fresh)
        self._marks.note(name, replace(known, closed=joined((*known.closed, *fresh))))
        return True

    def open_again(self, connection: duckdb.DuckDBPyConnection, name: str, hours: tuple[int, int]) -> None:
        """Within the transaction that deletes all there is of these hours, which nobody is to know any more."""
        known = self._marks.of(name)
        if within(known.closed, *hours):
            closed = without(known.closed, (hours,))
            marks.remove(connection, name, "closed")
            marks.insert(connection, name, "closed", closed)
            self._marks.note(name, replace(known, closed=closed))

    def check(self, chance: random.Random) -> Checked:
        """See `Upkeep`. All is read in one transaction."""
        looked, found, waits = 0, {}, False
        for name in sorted(self._marks.names):
            with self._reading([name]) as (connection, known):
                layout = known.get(name, NOTHING).layout
                if layout is None:
                    continue
                engine = DuckEngine(connection)
                hours = sampled(engine, known[name], layout, chance, upkeep.SAMPLED_HOURS)
                looked += len(hours)
                waits |= not hours and bool(known[name].dirty)
                wrong = differing(engine, layout, hours)
            if wrong:
                found[name] = [moment(hour * HOUR) for hour in wrong]
                self._mistrust(name)
        return Checked(looked, found, waits)

    def _mistrust(self, name: str) -> None:
        with self._changing() as connection:
            known = self._marks.of(name)
            if known.layout is not None:
                self._begin(connection, known.layout, known.closed)

    def left(self) -> int:
        """Hours that are dirty, the current ones included."""
        with self._changing():
            return sum(length(known.dirty) for known in self._marks.kept().values())
