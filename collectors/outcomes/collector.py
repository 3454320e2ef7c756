"""Joins finished posts of the log with the calendar items they became. Reads and writes the store only."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from collectors.base import Batch, Checkpoint, Problem
from collectors.outcomes.join import (
    Calendar,
    CalendarItem,
    LoggedBatch,
    Slot,
    assigned,
    combined,
    content_verdict,
)
from collectors.recall import Known, recall
from collectors.source import Source
from collectors.time_kinds import local_day
from metricstore.catalogue import FieldValue
from metricstore.point import Point, nanoseconds
from metricstore.store import Store

_DAY = 86_400 * 1_000_000_000
RECENT = 7 * _DAY
"""Usually only batches of the last days before the newest are looked at…"""
FULL_SHARE = 0.025
FULL_SECONDS = (60.0, 3600.0)
"""…and, at the first run and while anything has changed, all of them: as often as takes this share of a processor, within
these limits, so that a first import of everything at once is joined within minutes."""
BATCH_POINTS = 5000
_NOT_BATCH = ("fast_parallel", "manual", "demo")
_SLOT_COLUMNS = ("platform", "position", "batch_size", "topic", "outcome", "log_outcome", "content_outcome",
                 "content_reason", "outcome_reason", "revision", "batch_id")  # fmt: skip
_BATCH_COLUMNS = ("platform", "batch_id", "requested", "outcome", "duration_seconds")
_POST_COLUMNS = ("platform", "revision", "position", "calendar_size", "topic", "content_state", "first_seen", "method",
                 "presence", "file")  # fmt: skip


class OutcomesCollector:
    """Writes `content_outcome`, `outcome` and `outcome_reason` onto the points of finished posts."""

    name = "outcomes"
    interval_seconds = 15.0

    def __init__(self, source: Source) -> None:
        self._zone = source.zone
        self._next_full = float("-inf")
        self._full_seen: list[str] | None = None

    def validate(self) -> list[Problem]:
        return []

    def watched(self) -> list[Path]:
        return []

    def collect(self, checkpoint: Checkpoint, store: Store) -> Iterator[Batch]:
        """Does nothing while neither posts nor calendars have changed. What it writes follows from what is stored
        alone, so running it again changes nothing, and what the log collector wrote over is put right again."""
        seen = [store.revision(name) for name in ("generation", "batch", "post")]
        began = time.monotonic()
        full = seen != self._full_seen and began >= self._next_full
        if seen == checkpoint.get("seen") and not full:
            return
        points, records = self._joined(store, full=full)
        if full:
            took = time.monotonic() - began
            self._next_full = began + took + min(max(took / FULL_SHARE, FULL_SECONDS[0]), FULL_SECONDS[1])
            self._full_seen = seen
        while len(points) > BATCH_POINTS:
            yield Batch(checkpoint, points[:BATCH_POINTS])
            points = points[BATCH_POINTS:]
        if points or seen != checkpoint.get("seen"):
            yield Batch({"seen": seen}, points, records=records)

    def _joined(self, store: Store, *, full: bool) -> tuple[list[Point], int]:
        bounds = store.bounds("generation")
        if bounds is None:
            return [], 0
        since = nanoseconds(bounds[0]) if full else nanoseconds(bounds[1]) - RECENT
        until = nanoseconds(bounds[1]) + _DAY
        batches = _batches(store, (since - _DAY, until), self._zone)
        # Publish dates lie after the day of the batch; threads carry those of older posts.
        calendars = _calendars(store, None if full else (since - 60 * _DAY, until + 1000 * _DAY), self._zone)
        found = {
            slot: calendar for calendar, batch in assigned(calendars, batches, time.time_ns()) for slot in batch.slots
        }
        slots = [slot for batch in batches for slot in batch.slots]
        points = [point for slot in slots if (point := _verdict_point(slot, found.get(slot))) is not None]
        return points, len(found)


def _verdict_point(slot: Slot, calendar: Calendar | None) -> Point | None:
    """What is to be written of a finished post; None when it is as it should be."""
    fields: dict[str, FieldValue] = {}
    content, why = slot.content_outcome, slot.content_reason
    if calendar is not None:
        fields["revision"] = calendar.revision
        item = calendar.item(slot)
        if item is not None:
            content, why = content_verdict(item.state)
            fields |= {"content_outcome": content, "content_reason": why}
            if not slot.topic and item.topic:
                fields["topic"] = item.topic
    if content:
        outcome, reason = combined(slot.log_outcome, content, why)
        if outcome != slot.outcome:
            fields["outcome"] = outcome
        if reason is not None and reason != slot.outcome_reason:
            fields["outcome_reason"] = reason
    return Point("generation", slot.time, {"platform": slot.platform}, fields) if fields else None


def _batches(store: Store, span: tuple[int, int], zone: ZoneInfo) -> list[LoggedBatch]:
    batches: dict[str, LoggedBatch] = {}
    for one in recall(store, "batch", _BATCH_COLUMNS, span=span):
        values = one.values
        duration = values.get("duration_seconds")
        completed = one.time + round(float(duration) * 1_000_000_000) if duration is not None else None
        days = frozenset(_day(moment, zone) for moment in (one.time, completed) if moment is not None)
        name, platform = one.text("batch_id"), one.text("platform")
        size = int(values.get("requested", 0))
        batches[name] = LoggedBatch(name, platform, size, one.time, one.text("outcome"), completed, days)
    slots = defaultdict(list)
    for one in recall(store, "generation", _SLOT_COLUMNS, span=span):
        slots[one.text("batch_id")].append(_slot(one))
    for name, own in slots.items():
        batch = batches.setdefault(name, LoggedBatch(name, own[0].platform, 0, own[0].time, "unknown"))
        batch.slots = own
    return list(batches.values())


def _slot(known: Known) -> Slot:
    number = known.values.get
    names = ("topic", "outcome", "log_outcome", "content_outcome", "content_reason", "outcome_reason", "revision")
    return Slot(
        known.time,
        known.text("platform"),
        int(number("position", 0)),
        int(number("batch_size", 0)),
        **{name: known.text(name) for name in names},
    )


def _calendars(store: Store, span: tuple[int, int] | None, zone: ZoneInfo) -> list[Calendar]:
    calendars: dict[tuple[str, str], Calendar] = {}
    files: dict[tuple[str, str], list[tuple[Calendar, CalendarItem]]] = defaultdict(list)
    for one in recall(store, "post", _POST_COLUMNS, span=span):
        values = one.values
        seen = one.moment("first_seen")
        if one.text("method") in _NOT_BATCH or not one.text("revision") or "position" not in values or seen is None:
            continue
        platform, revision = one.text("platform"), one.text("revision")
        calendar = calendars.get((platform, revision))
        if calendar is None:
            calendar = Calendar(platform, revision, int(values.get("calendar_size", 0)), seen)
            calendars[platform, revision] = calendar
        item = CalendarItem(int(values["position"]), one.text("topic"), one.text("content_state"), local_day(one, zone))
        calendar.items[item.position] = item
        if one.text("presence") == "current":
            files[platform, one.text("file")].append((calendar, item))
    for held in files.values():
        newest = max((calendar for calendar, _ in held), key=lambda calendar: calendar.first_seen)
        newest.kept.update((item.position, item) for calendar, item in held if calendar is not newest)
    return list(calendars.values())


def _day(time_ns: int, zone: ZoneInfo) -> date:
    return datetime.fromtimestamp(time_ns // 1_000_000_000, zone).date()
