"""What a store should answer, worked out point by point in plain Python.

It shares no code with the stores: windows are found by watching the wall clock, aggregates by sorting lists.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import cache, lru_cache
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

    def matching(
        self, measurement: str, start: datetime, stop: datetime, where: tuple[Filter, ...], timezone: str = "UTC"
    ) -> list[Any]:
        """(time, columns) of what passes, by time. A date's time is when it begins in the zone."""
        found = []
        for (name, stored, _), (tags, fields) in self.points.items():
            dated = tags.get("time_kind") == "date"
            time = begin_of_date(stored, timezone) if dated else stored
            if name == measurement and ns(start) <= time < ns(stop):
                known = {"date of the point": stored} if dated else {"time of the point": stored}
                found.append((time, {**fields, **tags, **known}, tuple(sorted(tags.items()))))
        found.sort(key=lambda one: (one[0], one[2]))
        tests = [_test(one) for one in where]
        return [(time, columns) for time, columns, _ in found if all(passes(columns) for passes in tests)]

    def ask(self, query: Query) -> list[Row]:
        starts = window_starts(query)
        cells: dict[tuple[tuple[str, ...], int], list[Any]] = defaultdict(list)
        groups: set[tuple[str, ...]] = set() if query.by else {()}
        for time, columns in self.matching(query.measurement, query.start, query.stop, query.where, query.timezone):
            group = tuple(columns.get(name) or "" for name in query.by)
            window = max(bisect_right(starts, time) - 1, 0)
            if query.field is None or query.field in columns:
                groups.add(group)
                cells[group, window].append((time, columns.get(query.field) if query.field else None))
            else:
                groups.add(group)
        bounds = [ns(query.start), *starts[1:], ns(query.stop)]
        return [
            (start, group, _aggregated(query, cells[group, number], bounds[number], bounds[number + 1]))
            for group in sorted(groups)
            for number, start in enumerate(starts)
        ]

    def values(self, query: Query, dimension: str) -> list[str]:
        rows = self.matching(query.measurement, query.start, query.stop, query.where, query.timezone)
        return sorted({columns[dimension] for _, columns in rows if columns.get(dimension)})


def _test(wanted: Filter) -> Callable[[dict[str, Any]], bool]:
    """Whether columns pass; what the filter lists is prepared once for all of them."""
    inside = _inside(wanted.values) if wanted.operator in ("any", "none") else None
    words = [str(one).lower() for one in wanted.values] if wanted.operator == "contains" else []

    def passes(columns: dict[str, Any]) -> bool:
        value = _value(columns, wanted)
        if inside is not None:
            return inside("" if value is None else value) == (wanted.operator == "any")
        if value is None:
            return False
        if wanted.operator == "contains":
            text = str(value).lower()
            return value != "" and any(one in text for one in words)
        limit = float(wanted.values[0])
        return bool(value >= limit if wanted.operator == "min" else value <= limit)

    return passes


def _value(columns: dict[str, Any], wanted: Filter) -> Any:
    if wanted.column not in ("weekday", "hour"):
        return columns.get(wanted.column)
    dated = columns.get("date of the point")
    place = ZoneInfo(wanted.timezone) if dated is None else UTC
    local = _moment(columns["time of the point"] if dated is None else dated).astimezone(place)
    return f"{local:%a}".lower() if wanted.column == "weekday" else f"{local:%H}" if dated is None else None


def _inside(values: Sequence[Any]) -> Callable[[Any], bool]:
    """Whether a value is one of the list: texts as texts, numbers as numbers, and nothing is ""."""
    texts = {str(one) for one in values}
    numbers = cache(lambda: {float(one) for one in values if one != ""})  # texts need not be numbers
    return lambda said: str(said) in texts if isinstance(said, str) else said in numbers()


def _moment(time: int) -> datetime:
    return _EPOCH + timedelta(microseconds=time // 1000)


@lru_cache(maxsize=4096)
def begin_of_date(stored: int, timezone: str) -> int:
    """The first moment at which the zone's calendar has reached the date, found by watching it."""
    midnight = _moment(stored).replace(hour=0, minute=0, second=0, microsecond=0)
    place, moment = ZoneInfo(timezone), midnight - timedelta(hours=30)
    while moment.astimezone(place).date() < midnight.date():
        moment += _STEP
    return ns(moment) + stored - ns(midnight)


def days_between(start: int, stop: int, timezone: str) -> float:
    """On the zone's calendar, of which days in part count in part."""
    place = ZoneInfo(timezone)
    begin, found = start, 0.0
    while begin < stop:
        day = _moment(begin).astimezone(place).date()
        edges = [_day_begin(day + timedelta(days=number), timezone) for number in (-1, 0, 1, 2)]
        first = max(edge for edge in edges if edge <= begin)
        end = min(edge for edge in edges if edge > begin)
        found += (min(stop, end) - begin) / (end - first)
        begin = min(stop, end)
    return found


def _day_begin(day: date, timezone: str) -> int:
    return begin_of_date(ns(datetime(day.year, day.month, day.day, tzinfo=UTC)), timezone)


def _aggregated(query: Query, cell: list[tuple[int, Any]], start: int, stop: int) -> float:
    aggregate, values = query.aggregate, [value for _, value in cell]
    if aggregate == "count":
        return float(len(values))
    if aggregate == "rate":
        return len(values) / ((stop - start) / 3_600_000_000_000)
    if aggregate == "per_day":
        return len(values) / days_between(start, stop, query.timezone)
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
