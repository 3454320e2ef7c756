"""Rows as they were just read against what is stored: what to write and what to remove."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from zoneinfo import ZoneInfo

from collectors.engagement.rest import REACH, Told, stored_row
from collectors.engagement.rows import Row
from collectors.local_time import SECOND
from collectors.recall import Known, recall
from collectors.slots import Slots
from metricstore.point import Point
from metricstore.store import Store

Series = tuple[str, str, str]
"""Platform, grain, row_id: a row whatever its provenance."""
_TAGS = {"platform", "provenance", "grain", "time_kind"}
_NEAR = int(REACH.total_seconds()) * SECOND
"""REACH in nanoseconds: rows so near may change what a stored row adds to sums."""


def compared(rows: list[Row], store: Store, zone: ZoneInfo) -> tuple[list[Point], list[Point]]:
    """Points to write and points to remove first: what is stored already and says the same is left alone.

    `rows` are sorted by time. Stored weekly and daily rows near to them get their rest anew.
    """
    if not rows:
        return [], []
    times = [row.time for row in rows] + [time for row in rows for time, _ in row.former]
    first, last = min(times) - _NEAR, max(times) + _NEAR
    known: dict[Series, list[Known]] = {}
    slots = Slots(SECOND)
    # twice as far: near rows have neighbours of their own
    for one in recall(store, "engagement", span=(first - _NEAR, last + _NEAR)):
        series = (one.text("platform"), one.text("grain"), one.text("row_id"))
        known.setdefault(series, []).append(one)
        slots.occupy(_line(series[0], series[1], one.text("time_kind")), one.time, series[2])
    incoming = {row.series: row for row in rows}
    outdated = _misplaced(rows, known, incoming)
    stored = {series: stored_row(ones[-1], zone) for series, ones in known.items() if series[1] != "rest"}
    told = Told((stored | incoming).values(), zone)
    points: list[Point] = []
    for row in rows:
        _settle(row, row.series, slots, known, points, outdated)
    near = [row for series, row in stored.items() if series not in incoming and first <= row.time <= last]
    for row in (*rows, *near):
        if row.grain in ("week", "day"):
            _settle(told.rest(row), replace(row, grain="rest").series, slots, known, points, outdated)
    return points, outdated


def _misplaced(rows: list[Row], known: dict[Series, list[Known]], incoming: Collection[Series]) -> list[Point]:
    """Points that versions before made of these rows under another date or identity; they leave `known`."""
    found: list[Point] = []
    for row in rows:
        for _, row_id in row.former:
            for grain in (row.grain, "rest"):
                series = (row.platform, grain, row_id)
                ours = [one for one in known.get(series, ()) if one.text("file") == row.file]
                if series not in incoming and ours:
                    found.extend(one.point for one in ours)
                    known[series] = [one for one in known[series] if one not in ours]
                    if not known[series]:
                        del known[series]
    return found


def _settle(
    row: Row | None, series: Series, slots: Slots, known: dict[Series, list[Known]], points: list[Point],
    outdated: list[Point],
) -> None:  # fmt: skip
    """Make the store hold `row` (None: nothing) under `series`."""
    point = None
    if row is not None:
        time = slots.take(_line(row.platform, row.grain, row.time_kind), row.stored_second, row.row_id)
        tags = {"platform": row.platform, "provenance": row.provenance, "grain": row.grain, "time_kind": row.time_kind}
        point = Point("engagement", time, tags, row.fields)
    same = False
    for one in known.get(series, []):
        if point is not None and one.point.identity == point.identity and set(point.fields) >= set(one.values) - _TAGS:
            same = all(one.values.get(name) == value for name, value in point.fields.items())
        else:
            outdated.append(one.point)  # other provenance, or figures the row no longer gives
    if point is not None and not same:
        points.append(point)


def _line(platform: str, grain: str, time_kind: str) -> str:
    """Rows that may not share a moment."""
    return f"{platform} {grain} {time_kind}"
