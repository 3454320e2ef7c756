"""What is due next, asked of the scheduling service, and where none was ever collected of the calendars."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

import pandas as pd

from briefing.due import Due, DueNext
from briefing.facts import DUE_WITHIN
from layouts.labels import shortened
from layouts.tables import dicts
from metricstore.catalogue import Measurement, measurement
from metricstore.coverage import bounds
from metricstore.dates import DATED
from metricstore.metrics.content import WAITING
from metricstore.metrics.social import SERVICE
from metricstore.query import Filter, RecordQuery
from metricstore.selection import Selection, resolve
from metricstore.store import Store
from metricstore.time_parts import TIME_PARTS
from metricstore.windows import zone
from questions.due_topics import Named, topics
from questions.goal_standings import reaches_now

MOST = 5
"""So many are named."""
_WORDS = 60
"""Letters by which a post is named that has no topic."""
_AT_SERVICE = (Filter("status", "any", ("scheduled", "sending", "approval", "draft")), SERVICE)
_IN_CALENDAR = (WAITING, Filter("presence", "none", ("replaced",)))


def due_next(source: Store, selection: Selection, now: datetime) -> DueNext | None:
    """Of what passes the selection's filters; None where its range is over."""
    if not reaches_now(selection, now):
        return None
    at_service = bounds(source, "social_post") is not None
    name, own, page = ("social_post", _AT_SERVICE, "delivery") if at_service else ("post", _IN_CALENDAR, "content")
    declared = measurement(name)
    where = (*selection.filters(declared.columns), *own)
    rows: list[Mapping[str, Any]] = []
    total = 0
    for asked in _questions(declared, where, selection.timezone, now):
        found = source.records(asked, count=True)
        rows += dicts(found.frame)
        total += len(found.frame) if found.total is None else found.total
    first = rows[:MOST]
    known = topics(source, [_named(row) for row in first], now, first[-1]["time"]) if at_service and first else {}
    posts = tuple(_due(row, known.get(_named(row), "")) for row in first)
    ignored = tuple(column for column in sorted(selection.where) if column not in (*declared.columns, *TIME_PARTS))
    return DueNext(posts, total, page, "now" if declared.dates is None else "day", ignored)


def _questions(declared: Measurement, where: tuple[Filter, ...], timezone: str, now: datetime) -> Iterator[RecordQuery]:
    """In the order of their times: what is due today at no time of day counts from midnight on, then all from now on."""
    stop = resolve("stop", DUE_WITHIN, now, zone(timezone))
    columns = tuple(
        column
        for column in ("platform", "status", "topic", "excerpt", "source", "service_post_id")
        if column in declared.columns
    )
    ahead = RecordQuery(declared.name, now, stop, where, columns, descending=False, limit=MOST, timezone=timezone)
    midnight, dates = resolve("start", "day", now, zone(timezone)), declared.dates
    if dates is not None and midnight < now:
        dated = (Filter(dates.tag, "any", (dates.value,)),) if dates.tag else ()
        yield replace(ahead, start=midnight, stop=now, where=(*where, *dated))
    yield ahead


def _named(row: Mapping[str, Any]) -> Named:
    return str(row.get("source", "")), str(row.get("service_post_id", ""))


def _due(row: Mapping[str, Any], about: str) -> Due:
    known = {name: value for name, value in row.items() if not pd.isna(value)}
    at, topic = known["time"].floor("us").to_pydatetime(), str(known.get("topic", about))
    begins = f"“{shortened(str(known['excerpt']), _WORDS)}”" if "excerpt" in known else ""
    return Due(
        at, bool(known.get(DATED)), str(known.get("platform", "")), str(known.get("status", "")), topic or begins
    )
