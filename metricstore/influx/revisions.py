"""metricstore.revisions kept in the bucket: marks are lines of the measurement `store_changes`, at the day they are about.

A day that changes again gets another mark in place of the one it had, so there are never more lines than days with points.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Collection, Mapping, Sequence
from secrets import randbelow

from metricstore.changed_days import Days
from metricstore.dates import DAY
from metricstore.influx import flux
from metricstore.influx.answers import blocks, nanosecond_times
from metricstore.influx.connection import BatchRefused
from metricstore.influx.plan import ranged
from metricstore.influx.spans import Span
from metricstore.revisions import Total
from metricstore.validation import MAX_TIME, MIN_TIME

NAME, BEFORE = "store_changes", "store_revision"
"""BEFORE: where versions without days mark every change, and look for those of others."""
_MARKED = "d"
"""How a line of BEFORE begins that stands beside marks."""
_HOUR = 3_600_000_000_000
_ALL_TIME = Span(MIN_TIME, MAX_TIME + 1)
# A line of BEFORE is overwritten for an hour, so that few are kept. Clocks of several machines may differ about which hour
# it is: besides the latest line all of the last hours count.
DELETING = "store_deleting"
"""Days whose points are being deleted, at the time when that began; none when it has ended. What is older than an hour was broken off."""
_EVER = (MIN_TIME // DAY, MAX_TIME // DAY + 1)
_DELETIONS = f"""from(bucket: bucket) |> range(start: -1h, stop: 1d)
  |> filter(fn: (r) => r._measurement == {flux.text(DELETING)}) |> group() |> keep(columns: ["_value", "name"])"""
_TOTALS = f"""
{ranged(_ALL_TIME)} |> filter(fn: (r) => r._measurement == {flux.text(NAME)})
  |> sum() |> group() |> keep(columns: ["_field", "_value", "name"]) |> yield(name: "sums")
before = (start) => from(bucket: bucket) |> range(start: start, stop: 1d)
  |> filter(fn: (r) => r._measurement == {flux.text(BEFORE)} and r._field == {flux.text("id")})
before(start: -3650d) |> last() |> group() |> keep(columns: ["_time", "_value", "name"]) |> yield(name: "latest")
before(start: -2h) |> group() |> sort(columns: ["_time"]) |> keep(columns: ["_time", "_value", "name"]) |> yield(name: "near")
"""

PING = f"""from(bucket: bucket) |> range(start: -1m)
  |> filter(fn: (r) => r._measurement == {flux.text(BEFORE)}) |> limit(n: 1)"""
"""A question that costs the server next to nothing, and that needs its bucket and the right to read it."""


class BucketMarks:
    """`ask` runs a script and returns its annotated answer."""

    def __init__(self, ask: Callable[[str], bytes], write: Callable[[bytes], None]) -> None:
        self._ask = ask
        self._write = write

    def totals(self) -> dict[str, Total]:
        days: dict[str, int] = {}
        anywhere: dict[str, list[str]] = {}
        for block in blocks(self._ask(_TOTALS)):
            names, values = block.column("name"), block.column("_value")
            kinds = block.column("_field") if block.result == "sums" else [""] * len(names)
            for name, value, kind in zip(names, values, kinds, strict=True):
                if kind == "day":
                    days[name] = int(value)
                elif kind or not value.startswith(_MARKED):
                    anywhere.setdefault(name, []).append(value)
        return {
            name: Total("-".join(dict.fromkeys(anywhere.get(name, ()))), days.get(name, 0)) for name in days | anywhere
        }

    def by_day(self, measurements: Collection[str]) -> dict[str, dict[int, int]]:
        wanted = flux.either([f"r.name == {flux.text(name)}" for name in measurements])
        script = (
            f"{ranged(_ALL_TIME)} |> filter(fn: (r) => r._measurement == {flux.text(NAME)} and r._field == "
            f'{flux.text("day")} and {wanted}) |> group() |> keep(columns: ["_time", "_value", "name"])'
        )
        found: dict[str, dict[int, int]] = {}
        for block in blocks(self._ask(script)):
            times = nanosecond_times(block.column("_time")).tolist()
            for name, moment, mark in zip(block.column("name"), times, block.column("_value"), strict=True):
                found.setdefault(name, {})[moment // DAY] = int(mark)
        return found

    def add(self, changes: Mapping[str, Days]) -> dict[str, dict[int, int]]:
        return self._add(changes, [])

    def beside(self, changes: Mapping[str, Days]) -> list[str]:
        """Marks to be written in one request with points: whoever is killed then leaves both or neither."""
        return _lines(changes, _new_marks(changes))

    def begin_deletion(self, changes: Mapping[str, Days]) -> list[str]:
        """Mark the days before their points are deleted, and note that they are being deleted. What `end_deletion` takes."""
        note = time.time_ns() // 1_000_000 * 1_000_000 + randbelow(1_000_000)
        notes = [_noted(name, days, note) for name, days in sorted(changes.items())]
        self._add(changes, notes)
        return [_noted(name, frozenset(), note) for name in sorted(changes)]

    def end_deletion(self, notes: Sequence[str]) -> None:
        self._write("\n".join(notes).encode())

    def being_deleted(self) -> list[tuple[str, int, int]]:
        """Measurements and days, [first, stop), of deletions that may be under way."""
        found = []
        for block in blocks(self._ask(_DELETIONS)):
            for name, text in zip(block.column("name"), block.column("_value"), strict=True):
                first, _, stop = text.partition(" ")
                found.append((name, int(first), int(stop)))
        return [one for one in found if one[1] < one[2]]

    def _add(self, changes: Mapping[str, Days], more: list[str]) -> dict[str, dict[int, int]]:
        added = _new_marks(changes)
        beside = [*map(_as_before, sorted(changes)), *more]
        try:
            self._write("\n".join([*_lines(changes, added), *beside]).encode())
        except BatchRefused:  # days that the bucket's retention has passed, as where such points are deleted
            self._write("\n".join([*map(_of_any_day, sorted(changes)), *beside]).encode())
            return {}
        return added

    def applied(self, known: dict[int, int], new: Mapping[int, int]) -> None:
        known.update(new)


def _new_marks(changes: Mapping[str, Days]) -> dict[str, dict[int, int]]:
    """Of measurements whose changes are of days that can be marked."""
    return {
        name: {day: _mark() for day in days}
        for name, days in sorted(changes.items())
        if days is not None and all(day * DAY >= MIN_TIME for day in days)
    }


def _lines(changes: Mapping[str, Days], added: Mapping[str, Mapping[int, int]]) -> list[str]:
    days = [
        f"{NAME},name={name} day={mark}i {day * DAY}" for name, marks in added.items() for day, mark in marks.items()
    ]
    return [*days, *(_of_any_day(name) for name in sorted(changes.keys() - added.keys()))]


def _noted(name: str, days: Days, note: int) -> str:
    first, stop = _EVER if days is None else (min(days, default=0), max(days, default=-1) + 1)
    return f'{DELETING},name={name} days="{first} {stop}" {note}'


def _mark() -> int:
    """Half a million of them can be added up."""
    return 1 + randbelow(2**44 - 1)


def _of_any_day(name: str) -> str:
    """Its time is today's: the bucket may drop what is old."""
    return f"{NAME},name={name} anywhere={_mark()}i {time.time_ns() // DAY * DAY}"


def _as_before(name: str) -> str:
    return f'{BEFORE},name={name} id="{_MARKED}{uuid.uuid4().hex[:16]}" {time.time_ns() // _HOUR * _HOUR}'
