"""Points out of InfluxDB by identity.

Its delete API takes a range, both ends included, and `tag = value` conditions joined by `and`; it cannot say
"without this tag" (`tag = ""` meets nothing). Points that lack a declared tag may therefore take siblings at the same
time along with them: those are read before, noted in the `journal` and written back. For a moment questions don't
find them. Collectors name every tag of what they delete, so none of this happens to theirs.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import nullcontext

import pandas as pd

from metricstore.catalogue import measurement
from metricstore.influx.connection import Connection
from metricstore.influx.journal import Journal
from metricstore.influx.line import lines
from metricstore.influx.plan import Conditions
from metricstore.influx.records import details
from metricstore.influx.rows import Ask, matching
from metricstore.influx.spans import Span
from metricstore.point import Point
from metricstore.query import Filter
from metricstore.validation import MAX_TIME, MIN_TIME

Tags = tuple[tuple[str, str], ...]


def predicate(name: str, tags: Iterable[tuple[str, str]] = ()) -> str:
    return " AND ".join(f"{column}={_quoted(value)}" for column, value in (("_measurement", name), *tags))


def delete(connection: Connection, journal: Journal, ask: Ask, points: Sequence[Point]) -> None:
    """Remove points by identity, neighbours in one call. Should it be broken off, `journal.settle` mends it."""
    for (name, tags), times in _by_series(points).items():
        found = _met(ask, name, tags, times)
        own = _of_series(found, name, tags)
        others = found[~own & found["_time"].isin(times)]
        if others.empty:
            ranges = _runs(
                times, found.loc[own, "_time"].tolist() if _complete(name, tags) else found["_time"].tolist()
            )
        else:
            ranges = [(time, time) for time in times]
        kept = _points(ask, name, tags, others)
        with journal.guarding(name, lines(kept)) if kept else nullcontext():
            for first, last in ranges:
                connection.delete(first, last, predicate(name, tags))


def _by_series(points: Sequence[Point]) -> dict[tuple[str, Tags], list[int]]:
    """Times to delete by measurement and tags, ascending, each once."""
    found: dict[tuple[str, Tags], set[int]] = {}
    for point in points:
        name, time, tags = point.identity
        if MIN_TIME <= time <= MAX_TIME:
            found.setdefault((name, tags), set()).add(time)
    return {key: sorted(times) for key, times in found.items()}


def _complete(name: str, tags: Tags) -> bool:
    return len(tags) == len(measurement(name).tags)


def _conditions(name: str, tags: Tags) -> Conditions:
    return Conditions.of(measurement(name), tuple(Filter(column, "any", (value,)) for column, value in tags))


def _met(ask: Ask, name: str, tags: Tags, times: list[int]) -> pd.DataFrame:
    """Identities that a deletion between the first and the last time would meet, by time."""
    span = Span(times[0], times[-1] + 1)
    return matching(ask, span, _conditions(name, tags)).sort_values("_time", ignore_index=True)


def _of_series(found: pd.DataFrame, name: str, tags: Tags) -> pd.Series:
    """Which rows have exactly these tags."""
    wanted = dict(tags)
    own = pd.Series(True, index=found.index)
    for tag in measurement(name).tag_names:
        own &= found[tag] == wanted.get(tag, "")
    return own


def _runs(times: list[int], present: list[int]) -> list[tuple[int, int]]:
    """Ranges that hold every one of `times` that is `present` (ascending), and no other time that is."""
    wanted = set(times)
    found: list[tuple[int, int]] = []
    running = False
    for time in present:
        if time not in wanted:
            running = False
        elif running:
            found[-1] = (found[-1][0], time)
        else:
            found.append((time, time))
            running = True
    return found


def _points(ask: Ask, name: str, tags: Tags, chosen: pd.DataFrame) -> list[Point]:
    """The chosen identities as whole points."""
    if chosen.empty:
        return []
    source = measurement(name)
    chosen = chosen.reset_index(drop=True)
    fields = [field.name for field in source.fields]
    columns = details(ask, _conditions(name, tags), chosen, fields)
    found = []
    for row, time in enumerate(chosen["_time"].tolist()):
        own = {tag: columns[tag][row] for tag in source.tag_names if columns[tag][row]}
        said = {field: columns[field][row] for field in fields if columns[field][row] is not None}
        found.append(Point(name, int(time), own, said))
    return found


def _quoted(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
