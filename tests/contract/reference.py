"""What a store should answer, worked out point by point in plain Python.

It shares no code with the stores: windows are found by watching the wall clock, aggregates by sorting lists.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from metricstore.point import Point
from metricstore.query import Filter, Query

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_STEP = timedelta(minutes=15)
Row = tuple[int, tuple[str, ...], float]
"""Window's start in nanoseconds, groups, value (NaN for nothing)."""


def ns(moment: datetime) -> int:
    return (moment - _EPOCH) // timedelta(microseconds=1) * 1000


class Reference:
    """A store as simple as can be."""

    def __init__(self) -> None:
        self.points: dict[Any, tuple[dict[str, str], dict[str, Any]]] = {}

    def write(self, points: Iterable[Point]) -> None:
        for point in points:
            tags = {name: value for name, value in point.tags.items() if value}
            key = (point.measurement, point.time, tuple(sorted(tags.items())))
            self.points.setdefault(key, (tags, {}))[1].update(point.fields)

    def delete(self, points: Iterable[Point]) -> None:
        for point in points:
            tags = {name: value for name, value in point.tags.items() if value}
            self.points.pop((point.measurement, point.time, tuple(sorted(tags.items()))), None)

    def matching(self, measurement: str, start: datetime, stop: datetime, where: tuple[Filter, ...]) -> list[Any]:
        """(time, columns) of what passes, by time."""
        found = [
            (time, {**fields, **tags, "time of the point": time}, tuple(sorted(tags.items())))
            for (name, time, _), (tags, fields) in self.points.items()
            if name == measurement and ns(start) <= time < ns(stop)
        ]
        found.sort(key=lambda one: (one[0], one[2]))
        return [(time, columns) for time, columns, _ in found if all(_passes(columns, one) for one in where)]

    def ask(self, query: Query) -> list[Row]:
        starts = window_starts(query)
        cells: dict[tuple[tuple[str, ...], int], list[Any]] = defaultdict(list)
        groups: set[tuple[str, ...]] = set() if query.by else {()}
        for time, columns in self.matching(query.measurement, query.start, query.stop, query.where):
            group = tuple(columns.get(name) or "" for name in query.by)
            window = max(number for number, start in enumerate(starts) if number == 0 or start <= time)
            if query.field is None or query.field in columns:
                groups.add(group)
                cells[group, window].append((time, columns.get(query.field) if query.field else None))
            else:
                groups.add(group)
        bounds = [ns(query.start), *starts[1:], ns(query.stop)]
        return [
            (start, group, _aggregated(query.aggregate, cells[group, number], bounds[number + 1] - bounds[number]))
            for group in sorted(groups)
            for number, start in enumerate(starts)
        ]

    def values(self, query: Query, dimension: str) -> list[str]:
        rows = self.matching(query.measurement, query.start, query.stop, query.where)
        return sorted({columns[dimension] for _, columns in rows if columns.get(dimension)})


def _passes(columns: dict[str, Any], wanted: Filter) -> bool:
    value = columns.get(wanted.column)
    if wanted.column in ("weekday", "hour"):
        local = (_EPOCH + timedelta(microseconds=columns["time of the point"] // 1000)).astimezone(
            ZoneInfo(wanted.timezone)
        )
        value = f"{local:%a}".lower() if wanted.column == "weekday" else f"{local:%H}"
    if wanted.operator in ("any", "none"):
        said = "" if value is None else value
        inside = any(_equal(said, one) for one in wanted.values)
        return inside if wanted.operator == "any" else not inside
    if value is None:
        return False
    if wanted.operator == "contains":
        return value != "" and any(str(one).lower() in str(value).lower() for one in wanted.values)
    limit = float(wanted.values[0])
    return value >= limit if wanted.operator == "min" else value <= limit


def _equal(said: Any, wanted: Any) -> bool:
    if isinstance(said, str) or wanted == "":
        return str(said) == str(wanted)
    return said == float(wanted)


def _aggregated(aggregate: str, cell: list[tuple[int, Any]], length: int) -> float:
    values = [value for _, value in cell]
    if aggregate == "count":
        return float(len(values))
    if aggregate == "rate":
        return len(values) / (length / 3_600_000_000_000)
    if aggregate == "distinct":
        return float(len(set(values)))
    if not values:
        return math.nan
    if aggregate == "last":
        latest = max(time for time, _ in cell)
        return float(max(value for time, value in cell if time == latest))
    if aggregate.startswith("p"):
        ordered = sorted(values)
        return float(ordered[-(-int(aggregate[1:]) * len(ordered) // 100) - 1])
    plain = {"sum": math.fsum(values), "mean": math.fsum(values) / len(values), "min": min(values), "max": max(values)}
    return float(plain[aggregate])


def window_starts(query: Query) -> list[int]:
    """Nominal starts of the question's windows, found by watching the zone's clock in steps of 15 minutes."""
    if query.every is None:
        return [ns(query.start)]
    key = replace(query, measurement="", where=(), by=(), field=None, aggregate="count", compare=None)
    return list(_watched(key))


@lru_cache(maxsize=4096)
def _watched(query: Query) -> tuple[int, ...]:
    assert query.every is not None
    tz = ZoneInfo(query.timezone)
    count, unit = query.every.count, query.every.unit
    reach = {"m": 0, "h": 1, "d": 2, "w": 8, "mo": 32, "q": 94, "y": 368}[unit] + 1
    moment = query.start.astimezone(UTC).replace(minute=0, second=0, microsecond=0) - timedelta(days=reach)
    # Clocks are changed at full quarters of an hour in all zones the tests use.
    step = timedelta(minutes=1) if unit == "m" and count < 15 else _STEP
    found: list[datetime] = []
    before: Any = None
    furthest: Any = None
    while moment < query.stop:
        local = moment.astimezone(tz)
        label = _label(local, count, unit)
        if unit == "m" or (unit == "h" and count == 1):
            begins = before != (label, local.utcoffset())
            before = (label, local.utcoffset())
        else:
            begins = furthest is None or label > furthest
            furthest = label if begins else furthest
        if begins:
            found.append(moment)
        moment += step
    inside = [number for number, start in enumerate(found) if start <= query.start]
    return tuple(ns(start) for start in found[inside[-1] :])


def _label(local: datetime, count: int, unit: str) -> Any:
    """What the wall clock shows, coarsened to the window."""
    day = local.date()
    if unit == "m":
        return day, (local.hour * 60 + local.minute) // count
    if unit == "h":
        return day, local.hour // count
    if unit == "w":
        return day - timedelta(days=day.weekday())
    return {"d": day, "mo": (day.year, day.month), "q": (day.year, (day.month - 1) // 3), "y": day.year}[unit]
