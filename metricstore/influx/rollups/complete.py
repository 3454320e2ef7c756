"""Which days' rollups are complete: those that were made as of the last change of their day.

A line says which measurements rollups are kept of, by which layout and since which days. Each day's rollup says as of which mark it was made
(`metricstore.influx.revisions`): a number that follows from the day's mark and from what is kept, so that a change of either makes it another.
"""

from __future__ import annotations

import hashlib
import json
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from secrets import randbelow

from metricstore.dates import DAY
from metricstore.influx import flux
from metricstore.influx.answers import blocks, table
from metricstore.influx.plan import Ask, ranged
from metricstore.influx.rollups.texts import AS_OF, NAME
from metricstore.influx.spans import Span
from metricstore.revisions import Revisions, Total
from metricstore.rollups.hours import HOUR, joined
from metricstore.rollups.layout import Layout, known_layout
from metricstore.rollups.planner import Known
from metricstore.validation import MAX_TIME, MIN_TIME

LOOK_SECONDS = 15.0
"""So often what other processes have made is looked for."""
HOURS = 24
_FIRST_HOUR, _LAST_HOUR = MIN_TIME // HOUR, MAX_TIME // HOUR + 1
_KEPT = "kept"
_ALL_TIME = Span(MIN_TIME, MAX_TIME + 1)
_MINE = f"{ranged(_ALL_TIME)} |> filter(fn: (r) => r._measurement == {flux.text(NAME)} and r._field =="
_WHICH = f'{_MINE} {flux.text(_KEPT)}) |> last() |> group() |> keep(columns: ["_time", "_value", "of"])'
_MADE = f'{_MINE} {flux.text(AS_OF)}) |> group() |> keep(columns: ["_time", "_value", "of"])'


@dataclass(frozen=True)
class Kept:
    """That rollups are kept, of days from `first` on (before `stop`, when that was decided); `salt` is another number when all
    are to be made anew. Without a layout it was declared otherwise then."""

    measurement: str
    layout: Layout | None
    salt: int
    first: int
    stop: int

    @classmethod
    def anew(cls, layout: Layout, first: int, stop: int) -> Kept:
        return cls(layout.measurement, layout, 1 + randbelow(2**60 - 1), first, stop)

    @classmethod
    def of(cls, measurement: str, text: str) -> Kept:
        said = json.loads(text)
        return cls(measurement, known_layout(measurement, said["layout"]), said["salt"], said["first"], said["stop"])

    def line(self) -> str:
        """Its time is today's: the bucket may drop what is old."""
        assert self.layout is not None
        text = json.dumps({"layout": self.layout.text, "salt": self.salt, "first": self.first, "stop": self.stop})
        quoted = text.replace("\\", "\\\\").replace('"', '\\"')
        return f'{NAME},of={self.measurement},part={_KEPT} {_KEPT}="{quoted}" {time.time_ns() // DAY * DAY}'


@dataclass(frozen=True)
class State:
    """What is known of a measurement's rollups at a moment. `made`: as of what, by day."""

    kept: Kept
    total: Total
    marks: Mapping[int, int]
    made: Mapping[int, int] = field(default_factory=dict)

    def expected(self, day: int) -> int:
        """As of what the day's rollup must have been made."""
        return self._base ^ self.marks.get(day, 0)

    @cached_property
    def _base(self) -> int:
        layout = self.kept.layout
        text = f"{self.kept.salt} {self.total.anywhere} {layout.text if layout is not None else ''}"
        return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest()) >> 4

    def incomplete(self) -> tuple[int, ...]:
        """Days before today, ascending, that are to be made: also those without points, so that they need not be read."""
        days = {*range(self.kept.first, time.time_ns() // DAY), *self.marks}
        return tuple(sorted(day for day in days if self.made.get(day) != self.expected(day)))

    @cached_property
    def known(self) -> Known:
        """For the planner."""
        return self.without(())

    def without(self, days: tuple[int, ...]) -> Known:
        """The same, less further days that turned out not to be complete.

        Whatever has no rollup of now is read from its points. A day without a mark may have some all the same: of other programs, or of
        a change of so many days that it was not marked day by day.
        """
        complete = sorted(day for day, as_of in self.made.items() if as_of == self.expected(day) and day not in days)
        edges = [_FIRST_HOUR, *(hour for day in complete for hour in (day * HOURS, (day + 1) * HOURS)), _LAST_HOUR]
        return Known(self.kept.layout, joined(zip(edges[::2], edges[1::2], strict=True)))


class Complete:
    """For one process; any number of threads. `ask` gives answers without annotations, `annotated` with them."""

    def __init__(self, ask: Ask, annotated: Ask, revisions: Revisions) -> None:
        self._ask, self._annotated, self._revisions = ask, annotated, revisions
        self._lock, self._looking = threading.Lock(), threading.Lock()
        self._kept: dict[str, Kept] = {}
        self._made: dict[str, dict[int, int]] = {}
        self._states: dict[str, State] = {}
        self._looked_at = float("-inf")
        self._own = 0
        """Counts what was noted here: what was read before it may be older."""

    @property
    def names(self) -> list[str]:
        """Measurements that rollups are kept of, as of a moment ago."""
        self._look()
        with self._lock:
            return sorted(self._kept)

    def layout(self, name: str) -> Layout | None:
        """By which rollups of a measurement are kept; None where they are not."""
        self._look()
        with self._lock:
            return self._kept[name].layout if name in self._kept else None

    def may_be_kept(self, name: str) -> bool:
        """As `layout` was when somebody last looked, without asking the server."""
        with self._lock:
            return self._looked_at == float("-inf") or name in self._kept

    def state(self, name: str) -> State | None:
        """None where no rollups are kept, and while too much changes at once."""
        self._look()
        with self._lock:
            if name not in self._kept:
                return None
        marks = self._revisions.marks(name)
        with self._lock:
            kept = self._kept.get(name)
            if marks is None or kept is None:
                return None
            known = self._states.get(name)
            if known is None or known.kept is not kept or known.total != marks[0]:
                self._states[name] = known = State(kept, *marks, dict(self._made.get(name, {})))
            return known

    def keep(self, kept: Kept) -> None:
        """What was just written."""
        with self._lock:
            self._own += 1
            self._kept[kept.measurement] = kept
            self._states.pop(kept.measurement, None)

    def note(self, name: str, made: Mapping[int, int]) -> None:
        """Days that were just made."""
        with self._lock:
            self._own += 1
            self._made.setdefault(name, {}).update(made)
            if (known := self._states.get(name)) is not None:
                self._states[name] = replace(known, made={**known.made, **made})

    def _look(self) -> None:
        with self._looking:
            if time.monotonic() - self._looked_at < LOOK_SECONDS:
                return
            own = self._own
            kept = self._read_kept()
            made: dict[str, dict[int, int]] = {}
            if kept:
                rows = table(self._ask(_MADE), "int")
                columns = (rows[name].tolist() for name in ("of", "_time", "_value")) if len(rows) else ((), (), ())
                for name, moment, as_of in zip(*columns, strict=True):
                    made.setdefault(name, {})[moment // DAY] = as_of
            with self._lock:
                if own == self._own:
                    kept = {name: self._same(one) for name, one in kept.items()}
                    changed = [name for name in kept if made.get(name, {}) != self._made.get(name)]
                    self._kept, self._made = kept, made
                    for name in [*changed, *(self._states.keys() - kept.keys())]:
                        self._states.pop(name, None)
                    self._looked_at = time.monotonic()

    def _same(self, kept: Kept) -> Kept:
        """The very one that is known, where it is equal."""
        known = self._kept.get(kept.measurement)
        return known if known == kept else kept

    def _read_kept(self) -> dict[str, Kept]:
        found: dict[str, tuple[str, str]] = {}
        for block in blocks(self._annotated(_WHICH)):
            columns = (block.column(name) for name in ("of", "_time", "_value"))
            for name, moment, text in zip(*columns, strict=True):
                found[name] = max(found.get(name, ("", "")), (moment, text))
        return {name: Kept.of(name, text) for name, (_, text) in found.items()}
