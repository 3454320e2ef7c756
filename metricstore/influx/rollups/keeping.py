"""Keeping rollups in the bucket: for which measurements, and made anew for the days that are not complete.

A day is made as of the mark that it had before its points were read, and only when that mark has stood for a while: requests that were
under way when it was written have ended by then, and so has whoever was killed. A day that changes meanwhile has another mark then, and what
was made is of no use. So nobody needs a lock, and two who do the same at once do no harm.
"""

from __future__ import annotations

import random
import time
from collections.abc import Iterator, Mapping

from metricstore.catalogue import MEASUREMENTS
from metricstore.dates import DAY
from metricstore.errors import StoreError
from metricstore.influx.connection import BatchRefused, Connection
from metricstore.influx.deleting import predicate
from metricstore.influx.plan import Ask
from metricstore.influx.revisions import DELETING, BucketMarks
from metricstore.influx.rollups.checking import checked
from metricstore.influx.rollups.complete import HOURS, Complete, Kept, State
from metricstore.influx.rollups.deciding import ends_of, layout_for
from metricstore.influx.rollups.making import Points, days_with_points, spans_of, together
from metricstore.influx.rollups.texts import lines
from metricstore.rollups.upkeep import Checked
from metricstore.validation import MAX_TIME, MIN_TIME

SETTLED_SECONDS = 60.0
"""So long a mark must have stood: longer than any request takes."""
DECIDE_SECONDS = 600.0
"""So often a measurement without rollups is looked at again."""
_AIM_SECONDS = 0.1
"""Of a step."""
_FEWEST, _MOST = 500, 20_000
"""Points read at once: each question costs something, however little is read."""
_MOST_DAYS = 40_000
"""Between the first and the last point: a line is written for each."""
_FIRST_DAY, _LAST_DAY = MIN_TIME // DAY + 1, MAX_TIME // DAY - 1


class Rollups:
    """For one process. `ask` gives answers without annotations, `annotated` with them."""

    def __init__(
        self, complete: Complete, marks: BucketMarks, ask: Ask, annotated: Ask, connection: Connection
    ) -> None:
        self._complete = complete
        self._marks = marks
        self._ask, self._annotated = ask, annotated
        self._connection = connection
        self._points = 5_000
        """Read at once."""
        self._stood: dict[tuple[str, int], tuple[int, float]] = {}
        """Marks of days that are not complete, and since when (`time.monotonic`) they were seen."""
        self._decided: dict[str, float] = {}
        self._tidied = float("-inf")

    def work(self) -> Iterator[None]:
        """Begin keeping rollups of measurements that have become large, and make days anew that are not complete: those of the past.
        After each short step whoever calls may do something else. StoreError at the end, where it went wrong with some."""
        failed: StoreError | None = None
        kept = set(self._complete.names)
        self._tidy()
        for name in list(MEASUREMENTS):
            try:
                unused = name not in kept or self._complete.layout(name) is None
                if unused and time.monotonic() - self._decided.get(name, float("-inf")) >= DECIDE_SECONDS:
                    self._decide(name)
                    yield
                if self._complete.layout(name) is not None:
                    yield from self._made_anew(name)
            except StoreError as error:  # the others are made all the same
                failed = failed or error
                self._points = _FEWEST  # it may have been too much at once
        if failed is not None:
            raise failed

    def _decide(self, name: str) -> None:
        """Whether rollups are kept of a measurement from now on, and by which layout."""
        self._decided[name] = time.monotonic()
        layout = layout_for(self._ask, self._annotated, name)
        ends = ends_of(self._annotated, name) if layout is not None else None
        if layout is not None and ends is not None and ends[1] - ends[0] <= _MOST_DAYS * DAY:
            self._keep(Kept.anew(layout, ends[0] // DAY, ends[1] // DAY + 1))

    def _keep(self, kept: Kept) -> None:
        self._connection.write(kept.line().encode())
        self._complete.keep(kept)

    def _made_anew(self, name: str) -> Iterator[None]:
        state = self._complete.state(name)
        if state is None:
            return
        due = self._due(state)
        if not due:
            return
        assert state.kept.layout is not None
        points = days_with_points(self._ask, state.kept.layout, due)
        yield
        while due:  # how many are read at once may change on the way
            days = next(together(due, points, self._points))
            yield from self._make(state, {day: points.get(day, 0) for day in days})
            due = due[len(days) :]

    def _due(self, state: State) -> list[int]:
        """Days whose marks have stood for a while; not today, which is not over yet."""
        name, now, today = state.kept.measurement, time.monotonic(), time.time_ns() // DAY
        found = []
        stood = {key: known for key, known in self._stood.items() if key[0] != name}
        for day in state.incomplete():
            if day >= today or not _FIRST_DAY <= day <= _LAST_DAY:
                continue
            mark = state.expected(day)
            known = self._stood.get((name, day))
            stood[name, day] = known = known if known is not None and known[0] == mark else (mark, now)
            if now - known[1] >= SETTLED_SECONDS:
                found.append(day)
        self._stood = stood
        deleting = [(first, stop) for own, first, stop in self._marks.being_deleted() if own == name] if found else []
        return [day for day in found if not any(first <= day < stop for first, stop in deleting)]

    def _make(self, state: State, points: Mapping[int, int]) -> Iterator[None]:
        """Make days that follow each other anew as of `state`, which is of before their points are read. A day is left for the next time where
        not as many points were read as storage has counted in `points`."""
        name, layout, found = state.kept.measurement, state.kept.layout, Points()
        days, number = list(points), sum(points.values())
        assert layout is not None
        for span in spans_of(days, number, self._points):
            began = time.monotonic()
            found.read(self._ask, layout, span)
            self._paced(time.monotonic() - began, number)
            yield
        made = [day for day in found.days(days, layout) if day.points == points[day.day]]
        if not made:
            return
        body = [line for day in made for line in lines(name, day, state.expected(day.day))]
        try:
            self._connection.write("\n".join(body).encode())
        except BatchRefused:
            self._leave_out(state)
        else:
            self._complete.note(name, {day.day: state.expected(day.day) for day in made})
        yield

    def _paced(self, took: float, number: int) -> None:
        """As many points at once as may be read in the time that a step should take."""
        if number < self._points // 2 and took < _AIM_SECONDS:
            return  # it says nothing of many
        fitting = int(self._points * min(_AIM_SECONDS / max(took, 1e-4), 1.5))
        self._points = min(max(fitting, _FEWEST), _MOST)

    def _leave_out(self, state: State) -> None:
        """Days that the bucket's retention has passed: there are no points of them any more."""
        ends = ends_of(self._annotated, state.kept.measurement)
        if ends is None or ends[0] // DAY <= state.kept.first:
            return
        first = ends[0] // DAY
        layout = state.kept.layout
        assert layout is not None
        self._keep(Kept(state.kept.measurement, layout, state.kept.salt, first, max(first, state.kept.stop)))

    def check(self, chance: random.Random) -> Checked:
        """Look at some hours of complete days of each measurement whether their rollups say what their points say. Where one does not,
        all days of the measurement are to be made anew from then on."""
        found = checked(self._complete, self._ask, self._complete.names, chance)
        for name in found.wrong:
            state = self._complete.state(name)
            if state is not None and state.kept.layout is not None:
                days = {*range(state.kept.first, state.kept.stop), *state.marks}
                self._keep(Kept.anew(state.kept.layout, min(days), max(days) + 1))
        return found

    def left(self) -> int:
        """Hours of days that are not complete, today included."""
        states = [self._complete.state(name) for name in self._complete.names]
        return sum(HOURS * len(state.incomplete()) for state in states if state is not None)

    def _tidy(self) -> None:
        """Once a day: what was noted of deletions that have ended long ago goes, and what is kept is said again, where the bucket drops
        what is old."""
        if time.monotonic() - self._tidied < 86_400:
            return
        self._connection.delete(MIN_TIME, time.time_ns() - DAY, predicate(DELETING))
        for name in self._complete.names:
            state = self._complete.state(name)
            if state is not None and state.kept.layout is not None:
                self._keep(state.kept)
        self._tidied = time.monotonic()
