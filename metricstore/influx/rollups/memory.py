"""Columns of days that were read, kept as long as there is room: a day that has not changed is not read twice."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Collection, Sequence

from metricstore.influx.plan import Ask
from metricstore.influx.rollups import texts
from metricstore.influx.rollups.cells import ROWS
from metricstore.influx.rollups.texts import Stored
from metricstore.memory_budget import SHARES

MAX_BYTES = SHARES["days of rollups on InfluxDB"]
Days = dict[int, Stored]


class Memory:
    """For one process; any number of threads. The columns used least recently go first."""

    def __init__(self, ask: Ask, max_bytes: int = MAX_BYTES) -> None:
        self._ask = ask
        self._max_bytes = max_bytes
        self._lock = threading.Lock()
        self._columns: OrderedDict[tuple[str, str], Days] = OrderedDict()
        self._bytes: dict[tuple[str, str], int] = {}

    def columns(
        self, measurement: str, names: Sequence[str], days: Collection[int], expected: Callable[[int], int]
    ) -> tuple[dict[str, Days], tuple[int, ...]]:
        """By name the days that have such a column; and days of which not all of it is there as of what is expected."""
        names = list(dict.fromkeys((ROWS, *names)))
        with self._lock:
            found = {name: dict(self._columns.get((measurement, name), {})) for name in names}
            for key in self._columns.keys() & {(measurement, name) for name in names}:
                self._columns.move_to_end(key)
        wanted = frozenset(days)
        missing = {day for day in wanted if any(not _is_there(found, name, day, expected(day)) for name in names)}
        if missing:
            for (name, day), one in texts.read(self._ask, measurement, names, missing).items():
                found[name][day] = one
            self._keep(measurement, found)
        wrong = tuple(sorted(
            day for day in missing if any(not _is_there(found, name, day, expected(day)) for name in names)
        ))  # fmt: skip
        chosen = {
            name: {day: own[day] for day in sorted(wanted & own.keys()) if own[day].as_of == expected(day)}
            for name, own in found.items()
        }
        return chosen, wrong

    def _keep(self, measurement: str, found: dict[str, Days]) -> None:
        with self._lock:
            for name, own in found.items():
                key = measurement, name
                self._columns[key] = own
                self._columns.move_to_end(key)
                self._bytes[key] = sum(one.bytes for one in own.values())
            while sum(self._bytes.values()) > self._max_bytes:
                oldest, _ = self._columns.popitem(last=False)
                del self._bytes[oldest]


def _is_there(found: dict[str, Days], name: str, day: int, as_of: int) -> bool:
    """Whether the column is known of that version of the day: also that it has none."""
    rows, own = found[ROWS].get(day), found[name].get(day)
    if rows is None or rows.as_of != as_of:
        return False
    return name == ROWS or name not in rows.columns or (own is not None and own.as_of == as_of)
