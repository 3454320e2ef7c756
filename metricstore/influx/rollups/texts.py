"""Days' rollups as lines of the bucket, and back.

A column is a text: numbers one behind the other, packed. Each text says as of which change of its day it was made, so a day that is being
replaced is never half of one version and half of another. What is longer than a text may be goes on in lines of further parts.
"""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from metricstore.dates import DAY
from metricstore.influx import flux
from metricstore.influx.answers import table
from metricstore.influx.line import escaped
from metricstore.influx.plan import Ask, ranged
from metricstore.influx.rollups.cells import ROWS, Array, Column, Day, Labels
from metricstore.influx.spans import Span

NAME = "store_rollups"
AS_OF = "asof"
"""A whole number beside the texts of a day's first part, so that they need not be read to know which days are complete."""
_PIECE = 48_000
"""Characters; InfluxDB takes texts of up to 64 KB."""


@dataclass(frozen=True)
class Stored:
    """A column of a day. `labels` only of ROWS; `columns`: which others the day has, only of ROWS."""

    as_of: int
    column: Column
    labels: Labels = ()
    columns: frozenset[str] = frozenset()

    @property
    def bytes(self) -> int:
        return sum(array.nbytes + 120 for array in self.column) + 400


def lines(measurement: str, day: Day, as_of: int) -> list[str]:
    """All lines of a day."""
    others = sorted(day.columns.keys() - {ROWS})
    parts: list[list[str]] = []
    for name, column in day.columns.items():
        head = {"labels": day.labels, "columns": others} if name == ROWS else {}
        text = _packed(column, head)
        pieces = [text[first : first + _PIECE] for first in range(0, len(text), _PIECE)]
        for number, piece in enumerate(pieces):
            while len(parts) <= number:
                parts.append([])
            parts[number].append(f'{escaped(name)}="{as_of:x} {len(pieces)} {piece}"')
    parts[0].append(f"{AS_OF}={as_of}i")
    return [
        f"{NAME},of={measurement},part={number} {','.join(fields)} {day.day * DAY}"
        for number, fields in enumerate(parts)
    ]


def read(ask: Ask, measurement: str, names: Collection[str], days: Collection[int]) -> dict[tuple[str, int], Stored]:
    """Columns of days, as far as they are there in whole. `ask` gives answers without annotations."""
    span = Span(min(days) * DAY, (max(days) + 1) * DAY)
    chosen = flux.either([f"r._field == {flux.text(name)}" for name in names])
    script = (
        f"{ranged(span)} |> filter(fn: (r) => r._measurement == {flux.text(NAME)} and r.of == {flux.text(measurement)}"
        f' and {chosen}) |> group() |> keep(columns: ["_time", "_value", "_field", "part"])'
    )
    rows = table(ask(script), "string")
    if rows.empty:
        return {}
    pieces: dict[tuple[str, int], dict[int, str]] = {}
    columns = (rows[name].tolist() for name in ("_field", "_time", "part", "_value"))
    for name, time, part, text in zip(*columns, strict=True):
        if time // DAY in days:
            pieces.setdefault((name, time // DAY), {})[int(part)] = text
    return {key: one for key, own in pieces.items() if (one := _stored(own)) is not None}


def _stored(pieces: Mapping[int, str]) -> Stored | None:
    """None where they are not of one version, or not all."""
    if 0 not in pieces:
        return None
    as_of, number, _ = pieces[0].split(" ", 2)
    texts = []
    for part in range(int(number)):
        said, _, text = pieces.get(part, "").rpartition(" ")
        if said != f"{as_of} {number}":
            return None
        texts.append(text)
    try:
        head, column = _unpacked("".join(texts))
    except (zlib.error, ValueError):  # parts of two that made the day at once, with other compression
        return None
    labels = tuple(tuple(one) for one in head.get("labels", ()))
    return Stored(int(as_of, 16), column, labels, frozenset(head.get("columns", ())))


def _packed(column: Column, head: Mapping[str, object]) -> str:
    """A line of JSON, then the arrays' bytes."""
    shapes = [(array.dtype.newbyteorder("<").str, len(array)) for array in column]
    first = json.dumps({**head, "arrays": shapes}).encode() + b"\n"
    body = b"".join(array.astype(kind, copy=False).tobytes() for array, (kind, _) in zip(column, shapes, strict=True))
    return base64.b64encode(zlib.compress(first + body, 6)).decode()


def _unpacked(text: str) -> tuple[dict[str, Any], Column]:
    first, _, body = zlib.decompress(base64.b64decode(text)).partition(b"\n")
    head = json.loads(first)
    return head, tuple(_arrays(head.pop("arrays"), body))


def _arrays(shapes: Iterable[tuple[str, int]], body: bytes) -> Iterator[Array]:
    place = 0
    for kind, length in shapes:
        array: Array = np.frombuffer(body, dtype=kind, count=length, offset=place)
        place += array.nbytes
        yield array
