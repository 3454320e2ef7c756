"""What is due next, asked of the scheduling service, and where none was ever collected of the calendars."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import pandas as pd

from briefing.due import Due, DueNext
from briefing.facts import DUE_WITHIN
from layouts.tables import dicts
from metricstore.catalogue import measurement
from metricstore.coverage import bounds
from metricstore.dates import DATED
from metricstore.metrics.content import WAITING
from metricstore.metrics.social import SERVICE
from metricstore.query import Filter, RecordQuery
from metricstore.selection import Selection, resolve
from metricstore.store import Store
from metricstore.windows import zone
from questions.goal_standings import reaches_now

MOST = 5
"""So many are named."""
_AT_SERVICE = (Filter("status", "any", ("scheduled", "sending", "approval", "draft")), SERVICE)
_IN_CALENDAR = (WAITING, Filter("presence", "none", ("replaced",)))


def due_next(source: Store, selection: Selection, now: datetime) -> DueNext | None:
    """Of what passes the selection's filters; None where its range is over."""
    if not reaches_now(selection, now):
        return None
    at_service = bounds(source, "social_post") is not None
    name, own, page = ("social_post", _AT_SERVICE, "delivery") if at_service else ("post", _IN_CALENDAR, "content")
    declared = measurement(name)
    columns = tuple(column for column in ("platform", "status", "topic") if column in declared.columns)
    stop = resolve("stop", DUE_WITHIN, now, zone(selection.timezone))
    where = (*selection.filters(declared.columns), *own)
    asked = RecordQuery(name, now, stop, where, columns, descending=False, limit=MOST, timezone=selection.timezone)
    found = source.records(asked, count=True)
    posts = tuple(_due(row) for row in dicts(found.frame))
    return DueNext(posts, len(posts) if found.total is None else found.total, page)


def _due(row: Mapping[str, Any]) -> Due:
    known = {name: value for name, value in row.items() if not pd.isna(value)}
    at, topic = known["time"].floor("us").to_pydatetime(), str(known.get("topic", ""))
    return Due(at, bool(known.get(DATED)), str(known.get("platform", "")), str(known.get("status", "")), topic)
