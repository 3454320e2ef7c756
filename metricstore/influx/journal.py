"""Lines that must not be lost while a deletion is under way, kept in the bucket itself.

InfluxDB can't delete a point that lacks a tag without its siblings (see `deleting`). Those are noted here first, then
deleted along, then written back, then the note is removed. What a process leaves that dies in between is written back
by whoever writes to the bucket next: writing the same points twice does no harm.
"""

from __future__ import annotations

import base64
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from secrets import randbelow

from metricstore.influx import flux
from metricstore.influx.answers import blocks
from metricstore.influx.connection import Connection

NAME = "store_journal"
_PIECE = 48_000
"""Characters; InfluxDB takes texts of up to 64 KB."""
_SCRIPT = f"""
from(bucket: bucket) |> range(start: 1970-01-01T00:00:00Z, stop: 1d)
  |> filter(fn: (r) => r._measurement == {flux.text(NAME)} and r._field == "lines")
  |> group() |> map(fn: (r) => ({{id: string(v: uint(v: r._time)), of: r.of, part: r.part, parts: r.parts, _value: r._value}}))
"""


class Journal:
    """Notes of one bucket. A note's id is the time it is kept under, in nanoseconds."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def keep(self, measurement: str, lines: bytes) -> int:
        """Note lines of a measurement durably; the note's id."""
        text = base64.b64encode(lines).decode()
        pieces = [text[first : first + _PIECE] for first in range(0, len(text), _PIECE)]
        # Two processes must not share an id, and clocks may be coarse.
        note = time.time_ns() // 1_000_000 * 1_000_000 + randbelow(1_000_000)
        self._connection.write("\n".join(
            f'{NAME},of={measurement},part={number},parts={len(pieces)} lines="{piece}" {note}'
            for number, piece in enumerate(pieces)
        ).encode())  # fmt: skip
        return note

    @contextmanager
    def guarding(self, measurement: str, lines: bytes) -> Iterator[None]:
        """Around what takes `lines` along: they are there again afterwards, whatever happens in between."""
        note = self.keep(measurement, lines)
        yield
        self._connection.write(lines)
        self.forget(note)

    def forget(self, note: int) -> None:
        """The lines are safe again."""
        self._connection.delete(note, note, f'_measurement="{NAME}"')

    def settle(self, marks: Callable[[str], bytes]) -> set[str]:
        """Write back what deletions that were broken off have left, each with the marks of its measurement; those that had any."""
        found: dict[int, dict[int, str]] = {}
        about: dict[int, tuple[str, int]] = {}
        for block in blocks(self._connection.query(_SCRIPT, annotated=True)):
            columns = (block.column(name) for name in ("id", "of", "part", "parts", "_value"))
            for note, of, part, parts, piece in zip(*columns, strict=True):
                found.setdefault(int(note), {})[int(part)] = piece
                about[int(note)] = (of, int(parts))
        settled = set()
        for note in sorted(found):
            of, parts = about[note]
            pieces = found[note]
            if len(pieces) == parts:  # else it was never kept whole, and nothing was deleted after it
                lost = base64.b64decode("".join(pieces[part] for part in range(parts)))
                self._connection.write(lost + b"\n" + marks(of))
                settled.add(of)
            self.forget(note)
        return settled
