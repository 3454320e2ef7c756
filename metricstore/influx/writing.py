"""Points into batches of lines, and which of a refused batch were at fault."""

from __future__ import annotations

import re
from collections.abc import Iterator

from metricstore.changed_days import days_of_points
from metricstore.errors import logged
from metricstore.influx.connection import BatchRefused, BatchTooLarge, Connection
from metricstore.influx.line import lines
from metricstore.influx.revisions import BucketMarks
from metricstore.point import Point, Rejection
from metricstore.validation import type_conflict

BATCH = 10_000
_CONFLICT = re.compile(
    r'input field "(?P<field>[^"]*)" on measurement "(?P<measurement>[^"]*)" '
    r"is type (?P<given>\w+), already exists as type (?P<expected>\w+)"
)
_PLAIN = {
    "retention policy": "it is older than the bucket keeps points (its retention)",
    "max key size": "its tags are longer than InfluxDB takes",
    "max-values-per-tag": "it has more different tags than the bucket may hold",
    "max-series": "it has more different tags than the bucket may hold",
}
"""Part of InfluxDB's words for what is wrong with a point, and ours."""
_TYPES = {"integer": "int", "unsigned": "unsigned int"}


def write_all(connection: Connection, marks: BucketMarks, points: list[Point]) -> Iterator[Rejection]:
    """Write durably, each batch in one request with the marks of its days; yields what InfluxDB refused. The generator must be run to its
    end."""
    for first in range(0, len(points), BATCH):
        batch = points[first : first + BATCH]
        changes = days_of_points(batch)
        try:
            connection.write(b"\n".join([lines(batch), *(line.encode() for line in marks.beside(changes))]))
        except (BatchRefused, BatchTooLarge):
            marks.add(changes)  # by themselves, before: it may be one of them that was refused
            yield from _write(connection, batch)


def _write(connection: Connection, batch: list[Point]) -> Iterator[Rejection]:
    try:
        connection.write(lines(batch))
    except BatchTooLarge as error:
        if len(batch) == 1:
            yield Rejection(batch[0], str(error))
            return
        yield from _halves(connection, batch)
    except BatchRefused as error:
        yield from _refused(connection, batch, error)


def _refused(connection: Connection, batch: list[Point], error: BatchRefused) -> Iterator[Rejection]:
    """InfluxDB names one fault of perhaps many: look first among the points that can have it.

    Writing a point twice does no harm, so parts are sent again until every point was taken or refused by itself.
    """
    if len(batch) == 1 or error.dropped == len(batch):
        reason = _reason(error.reason)
        for point in batch:
            yield Rejection(point, reason)
        return
    suspects, others = _told_apart(batch, error.reason)
    if suspects and others:
        yield from _write(connection, suspects)
        yield from _write(connection, others)
    else:
        yield from _halves(connection, batch)


def _halves(connection: Connection, batch: list[Point]) -> Iterator[Rejection]:
    middle = len(batch) // 2
    yield from _write(connection, batch[:middle])
    yield from _write(connection, batch[middle:])


def _told_apart(batch: list[Point], reason: str) -> tuple[list[Point], list[Point]]:
    conflict = _CONFLICT.search(reason)
    if conflict is None:
        return [], batch
    suspects: list[Point] = []
    others: list[Point] = []
    for point in batch:
        hit = point.measurement == conflict["measurement"] and conflict["field"] in point.fields
        (suspects if hit else others).append(point)
    return suspects, others


def _reason(message: str) -> str:
    conflict = _CONFLICT.search(message)
    if conflict is None:
        known = next((plain for words, plain in _PLAIN.items() if words in message), "InfluxDB refused it")
        return f"{known}; the log says why under {logged(message)}"
    given, expected = (_TYPES.get(conflict[name], conflict[name]) for name in ("given", "expected"))
    return type_conflict(conflict["measurement"], conflict["field"], expected, given)
