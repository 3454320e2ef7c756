"""Which hours' points change, as every process that changes them says in a table before it does.

A change adds a random number to its hour's sum (`hour`; `stretch` for very many hours at once) and says that the hour is being written to
(`writing`), which is taken back afterwards. A rollup is made as of the sum that was read before its points were, and only while nobody writes
to the hour: as long as the sum is the same, nothing has changed since. So whoever asks reads sums, and nothing else.

A process that goes on writing to an hour holds it, and need not say so again: what it has not written to for a minute is taken back with the next
rows it has to write, and all by whoever makes rollups in the same process. After a deletion it is taken back at once. What a killed process held, or one whose write failed and may still arrive, stays as it is, and
counts as over after DEAD_SECONDS: its change is in the sum.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from secrets import randbelow

from metricstore.clickhouse.connection import Connection
from metricstore.clickhouse.dialect import MARK
from metricstore.clickhouse.tables import HOURS, Layout, sent_type
from metricstore.errors import StoreError
from metricstore.rollups.hours import HOUR, Stretches, hours_between, length

HELD_SECONDS = 600.0
"""So long an hour is held before it is said anew that it is written to: far less than DEAD_SECONDS."""
IDLE_SECONDS = 60.0
"""After so long without a write an hour is given back."""
DEAD_SECONDS = 3_600
"""A write that has not ended after so long counts as that of a killed process. One that takes longer all the same, as on a machine that slept
meanwhile, may be missing in a rollup that was made before its points came, until a check notices."""
MOST_HOURS = 1_000
"""A longer deletion is marked as one stretch, so that hours without points get no rows."""
EVER = (-(2**40), 2**40)
"""All hours there can be."""
Span = tuple[str, int, int]
"""A measurement and its hours [first, stop): one, or very many."""
_COLUMNS = tuple(name for name in HOURS.columns if name != "since")
_TYPES = [sent_type(HOURS.columns[name]) for name in _COLUMNS]
Row = tuple[str | int, ...]


@dataclass(eq=False)
class _Held:
    span: Span
    writer: int
    since: float
    """By `time.monotonic`."""
    noted: float
    """The same by `time.time`."""
    used: float
    users: int = 0

    @property
    def is_old(self) -> bool:
        """By either clock: the one stands still while the machine sleeps, the other may be set back."""
        shown = time.time() - self.noted
        return max(time.monotonic() - self.since, shown) > HELD_SECONDS or shown < 0

    def row(self, number: int) -> Row:
        return ("writing", *self.span, self.writer, 0, 0, number)


class HourMarks:
    """Of one process. Safe to use from several threads."""

    def __init__(self, connection: Connection, layout: Layout) -> None:
        self._connection = connection
        self._layout = layout
        self._lock = threading.Lock()
        self._held: dict[Span, _Held] = {}

    @contextmanager
    def changing(self, spans: Sequence[Span], *, once: bool = False) -> Iterator[None]:
        """Around a change of points in these hours. After one that is made `once`, as a deletion is, they are given back."""
        held = self._hold(spans)
        try:
            yield
        except BaseException:
            self._leave(held)
            raise
        self._release(held, once)

    def give_back(self) -> None:
        """All that is held and not written to at this moment, but for the hour that is not over yet."""
        now = time.time_ns() // HOUR
        with self._lock:
            idle = [one for span, one in self._held.items() if not one.users and span[1:] != (now, now + 1)]
            self._insert([], idle)

    def close(self) -> None:
        """Give back all that is not written to at this moment."""
        with self._lock:
            self._insert([], [one for one in self._held.values() if not one.users])

    def _hold(self, spans: Sequence[Span]) -> list[_Held]:
        now = time.monotonic()
        with self._lock:
            old = [self._held[span] for span in spans if span in self._held and self._held[span].is_old]
            fresh = [span for span in spans if span not in self._held] + [one.span for one in old]
            if fresh:
                idle = [one for one in self._held.values() if one.used < now - IDLE_SECONDS and one not in old]
                writer = 1 + randbelow(2**63 - 1)
                begun = [_Held(span, writer, now, time.time(), now) for span in fresh]
                self._insert(begun, [one for one in (*idle, *old) if not one.users])
            held = [self._held[span] for span in spans]
            for one in held:
                one.users += 1
        return held

    def _insert(self, begun: Sequence[_Held], over: Sequence[_Held]) -> None:
        """Only under the lock. What is over is not held from before the rows are sent: where the answer is lost the server may have them,
        and a write that sends no mark would be missing in a rollup that is as of all marks."""
        self._forget(over)
        rows = [*(one.row(1) for one in begun), *(changed(one.span) for one in begun), *(one.row(-1) for one in over)]
        insert(self._connection, self._layout, rows)
        self._held.update((one.span, one) for one in begun)

    def _forget(self, over: Sequence[_Held]) -> None:
        for one in over:
            if self._held.get(one.span) is one:
                del self._held[one.span]

    def _release(self, held: Sequence[_Held], once: bool) -> None:
        """What was said anew while others still wrote is given back by the last of them."""
        now = time.monotonic()
        with self._lock:
            for one in held:
                one.users -= 1
                one.used = now
            over = [one for one in held if not one.users and (once or self._held.get(one.span) is not one)]
            with suppress(StoreError):  # the points are stored; what is not given back counts as over in an hour
                self._insert([], over)

    def _leave(self, held: Sequence[_Held]) -> None:
        """A write failed, and may still arrive: it stays a user, so that nobody gives back what it held."""
        with self._lock:
            self._forget(held)


def changed(span: Span) -> Row:
    """Of a change."""
    _, first, stop = span
    number = 1 + randbelow(2**32 - 1)
    return ("hour" if stop - first == 1 else "stretch", *span, 0, 1, number, 0)


def insert(connection: Connection, layout: Layout, rows: Sequence[Row]) -> None:
    if rows:
        columns = dict(zip(_COLUMNS, map(list, zip(*rows, strict=True)), strict=True))
        connection.insert(layout.whole(HOURS.name), columns, _TYPES)


def mistrust(connection: Connection, layout: Layout, name: str) -> None:
    """All hours of a measurement have changed."""
    insert(connection, layout, [changed((name, *EVER))])


def mark_points(connection: Connection, layout: Layout, name: str) -> None:
    """Every hour that has points has changed, whoever wrote them."""
    hour = f"intDiv(time - positiveModulo(time, toInt64({HOUR})), toInt64({HOUR}))"
    connection.copy(
        f"INSERT INTO {layout.whole(HOURS.name)} ({', '.join(_COLUMNS)}) "
        f"SELECT 'hour', {MARK}, hour, hour + 1, 0, 1, 1 + rand(), 0 FROM (SELECT DISTINCT {hour} AS hour FROM {layout.whole(name)})",
        [name],
    )


def written(hours: Mapping[str, Stretches]) -> list[Span]:
    """Each hour by itself, by measurement: what has points has a sum of its own."""
    return [
        (name, hour, hour + 1)
        for name, stretches in hours.items()
        for first, stop in stretches
        for hour in range(first, stop)
    ]


def removed(name: str, start: int, stop: int) -> list[Span]:
    """Of points in [start, stop) nanoseconds."""
    hours = hours_between(start, stop)
    return [(name, *one) for one in hours] if length(hours) > MOST_HOURS else written({name: hours})
