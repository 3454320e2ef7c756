"""Reports read window by window: what is new, and again what may still have been corrected."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

from collectors.ai_reports.tally import SECOND, Tally
from collectors.base import Batch
from collectors.http import in_turn
from collectors.recall import Changes, recall
from collectors.social.due import is_due
from metricstore.point import Point
from metricstore.query import Filter
from metricstore.store import Store

_DAY = 86_400

Reader = Callable[[int, int, Tally], Iterator[None]]
"""Asks for [start, stop) in whole buckets and fills the tally; yields after each request."""


@dataclass(frozen=True)
class Report:
    """One of a provider's reports. All lengths are seconds, multiples of `bucket`.

    `trailing` is read again each time, `corrections` once a day, `history` at first.
    """

    name: str
    source: str
    measurements: tuple[str, ...]
    read: Reader
    every: float
    bucket: int
    portion: int
    trailing: int
    corrections: int
    history: int

    def begin(self, state: dict[str, Any], now: float) -> int:
        """From when on it is read now."""
        until = state.get(f"{self.name}_until")
        if not isinstance(until, int | float) or until > now + _DAY:
            return self._floor(now - self.history)
        late = is_due(state, f"{self.name}_corrected", _DAY, now)
        return self._floor(min(until, now) - (self.corrections if late else self.trailing))

    def windows(self, start: float, stop: float) -> Iterator[tuple[int, int]]:
        """Portions of [start, stop), widened to whole buckets, oldest first."""
        begin = self._floor(start)
        while begin < stop:
            end = min(begin + self.portion, self._floor(stop - 1) + self.bucket)
            yield begin, end
            begin = end

    def _floor(self, moment: float) -> int:
        return int(moment) // self.bucket * self.bucket


def read_due(reports: list[Report], store: Store, state: dict[str, Any], now: float) -> Iterator[Batch]:
    """What is due of the reports, a batch for each window; `state` is changed as it goes on."""
    due = due_of(reports, state, now)
    yield from in_turn(
        state, {report.name: partial(_read_report, report, store, state, now) for report in due}, lambda: dict(state)
    )


def _read_report(report: Report, store: Store, state: dict[str, Any], now: float) -> Iterator[Batch]:
    corrected = is_due(state, f"{report.name}_corrected", _DAY, now)
    for start, stop in report.windows(report.begin(state, now), now):
        yield from read_window(report, store, state, start, stop)
        state[f"{report.name}_until"] = min(stop, int(now))
    state[f"{report.name}_asked"] = now
    if corrected:
        state[f"{report.name}_corrected"] = now
    yield Batch(dict(state))


def due_of(reports: list[Report], state: dict[str, Any], now: float) -> list[Report]:
    return [report for report in reports if is_due(state, f"{report.name}_asked", report.every, now)]


def read_window(report: Report, store: Store, state: dict[str, Any], start: int, stop: int) -> Iterator[Batch]:
    """One window, its points in one batch, so that a bucket split over pages is added up before it is written."""
    tally = Tally(report.source)
    for _ in report.read(start, stop, tally):
        yield Batch(dict(state), bookkeeping=True)
    written, deleted = corrections(report, store, tally.finished(), start, stop)
    yield Batch(dict(state), written, deleted, tally.letters, tally.records)


def corrections(
    report: Report, store: Store, points: list[Point], start: int, stop: int
) -> tuple[list[Point], list[Point]]:
    """Of a window's points those to write, and stored ones to remove: the provider has corrected itself.

    A bucket that came with anything in it holds just that now. An empty one takes nothing away: providers leave
    out what they do not know yet.
    """
    where = (Filter("source", "any", (report.source,)),)
    times = [start * SECOND, stop * SECOND - 1, *(point.time for point in points)]
    span = (min(times), max(times) + 1)
    known = {
        row.point.identity: row
        for name in report.measurements for row in recall(store, name, where=where, span=span)
    }  # fmt: skip
    present = {point.identity for point in points}
    told = {(point.measurement, point.time) for point in points}
    gone = [
        row.point
        for identity, row in known.items()
        if identity not in present and (row.measurement, row.time) in told
    ]  # fmt: skip
    changes = Changes()
    for point in points:
        changes.put(point, known.get(point.identity))
    return changes.points, [*gone, *changes.replaced]
