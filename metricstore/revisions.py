"""Revisions of measurements that every process sharing a store sees.

Whoever writes or deletes marks in the store itself which days have changed, when that is done. The marks are read at most once
in SECONDS, so another process's change is seen that much later; one's own is seen at once. A revision is made of all marks of its
measurement, so whoever sees a new revision also sees the days that it is about.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections import OrderedDict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from metricstore.changed_days import ChangedDays, Days, Stretches
from metricstore.errors import StoreError, StoreUnreachable

SECONDS = 1.0
_ATTEMPTS = 3
_REVISIONS = 1_000
"""So many of a measurement are remembered."""


class Total(NamedTuple):
    """All marks of a measurement in short. `anywhere`: of changes that may be of any day; `days`: the sum of the days' marks."""

    anywhere: str = ""
    days: int = 0

    @property
    def revision(self) -> str:
        return f"{self.anywhere}-{self.days:x}" if self.anywhere or self.days else "0"


class Marks(Protocol):
    """Where the marks are: numbers by measurement and day that never come twice."""

    def totals(self) -> Mapping[str, Total]:
        """Of all measurements that have any."""

    def by_day(self, measurements: Collection[str]) -> Mapping[str, Mapping[int, int]]: ...

    def add(self, changes: Mapping[str, Days]) -> Mapping[str, Mapping[int, int]]:
        """Mark changes durably. The new marks by measurement and day; a measurement is missing where not just days were marked."""

    def applied(self, known: dict[int, int], new: Mapping[int, int]) -> None:
        """Make `known` what the store has after `new` was added."""


@dataclass
class _Known:
    """What this process knows of a measurement whose changes somebody asks for."""

    total: Total
    days: dict[int, int]
    changed: ChangedDays = field(default_factory=ChangedDays)
    numbers: OrderedDict[str, int] = field(default_factory=OrderedDict)
    """Of the last change by revision."""

    def note(self, total: Total, days: Days) -> None:
        self.total = total
        self.numbers[total.revision] = self.changed.record(days)
        while len(self.numbers) > _REVISIONS:
            self.numbers.popitem(last=False)


class Revisions:
    """Safe to use from several threads."""

    def __init__(self, marks: Marks) -> None:
        self._marks = marks
        self._lock = threading.Lock()
        self._reading = threading.Lock()
        """Held while the store is asked, for as long as that takes."""
        self._totals: dict[str, Total] = {}
        self._known: dict[str, _Known | None] = {}
        """By measurement, of those whose days are watched; None until they are read."""
        self._read_at = float("-inf")
        self._changes = 0
        self._failure: tuple[float, str] | None = None

    def at_hand(self, measurement: str) -> str | None:
        """The revision as it was read within the last SECONDS; None when it has to be read."""
        with self._lock:
            fresh = time.monotonic() - self._read_at < SECONDS
            return self._totals.get(measurement, Total()).revision if fresh else None

    def of(self, measurement: str) -> str:
        asked = time.monotonic()
        if (known := self.at_hand(measurement)) is not None:
            return known
        with self._reading:
            if self._failure is not None and self._failure[0] >= asked - SECONDS:
                # It failed just now, or while this one waited: to try again in turn would add up everybody's time-outs.
                raise StoreUnreachable(self._failure[1])
            if (known := self.at_hand(measurement)) is not None:
                return known
            return self._read_anew().get(measurement, Total()).revision

    def changed_since(self, measurement: str, revision: str) -> Stretches | None:
        """Where points may have changed since a revision that this process has seen; None: anywhere. Never asks the store:
        from the first call on the days of the measurement are watched."""
        with self._lock:
            known = self._known.setdefault(measurement, None)
            number = known.numbers.get(revision) if known is not None else None
            return known.changed.since(number) if known is not None and number is not None else None

    def marks(self, measurement: str) -> tuple[Total, dict[int, int]] | None:
        """All marks by day, no older than SECONDS, and in short; the days are watched from now on. None while changes come too quickly."""
        with self._lock:
            if self._known.setdefault(measurement, None) is None:
                self._read_at = float("-inf")
        self.of(measurement)
        with self._lock:
            known = self._known[measurement]
            fresh = time.monotonic() - self._read_at < SECONDS
            return (known.total, dict(known.days)) if known is not None and fresh else None

    @contextlib.contextmanager
    def changing(self, changes: Mapping[str, Days]) -> Iterator[None]:
        """Around a change: it is marked when it is done, and when it was broken off halfway."""
        try:
            yield
        except StoreUnreachable:
            raise  # nor could it be marked
        except BaseException:
            with contextlib.suppress(StoreError):
                self.changed(changes)
            raise
        self.changed(changes)

    def changed(self, changes: Mapping[str, Days]) -> None:
        """Mark changes. Only after them: who reads the new revision must also find the new points."""
        if not changes:
            return
        added = self._marks.add(changes)
        with self._lock:
            self._changes += 1
            for name in changes:
                known = self._known.setdefault(name, None)
                if known is None or name not in added:
                    self._read_at = float("-inf")
                    continue
                self._marks.applied(known.days, added[name])
                known.note(Total(known.total.anywhere, sum(known.days.values())), frozenset(added[name]))
                self._totals[name] = known.total

    def _read_anew(self) -> Mapping[str, Total]:
        try:
            for _ in range(_ATTEMPTS):
                changes = self._changes
                totals = dict(self._marks.totals())
                stale = self._stale(totals)
                days = self._marks.by_day(stale) if stale else {}
                with self._lock:
                    if changes == self._changes:  # else it may be older than a change of our own
                        self._take(totals, {name: dict(days.get(name, {})) for name in stale})
                        break
        except StoreUnreachable as error:
            self._failure = (time.monotonic(), str(error))
            raise
        return totals

    def _stale(self, totals: Mapping[str, Total]) -> list[str]:
        with self._lock:
            return [
                name for name, known in self._known.items() if known is None or known.total != totals.get(name, Total())
            ]

    def _take(self, totals: dict[str, Total], days: Mapping[str, dict[int, int]]) -> None:
        """What was read is what is known now. Only under the lock."""
        for name, marks in days.items():
            # The days were read after the total and may be newer.
            total = Total(totals.get(name, Total()).anywhere, sum(marks.values()))
            known = self._known[name]
            if known is None:
                self._known[name] = known = _Known(total, marks)
                known.note(total, None)
            else:
                changed = _difference(known, total, marks)
                known.days = marks
                known.note(total, changed)
            totals[name] = total
        self._totals = totals
        self._read_at = time.monotonic()


def _difference(known: _Known, total: Total, marks: Mapping[int, int]) -> Days:
    if known.total.anywhere != total.anywhere or known.days.keys() - marks.keys():
        return None  # where marks have gone, other points have taken the place of all
    return frozenset(day for day, mark in marks.items() if known.days.get(day) != mark)
