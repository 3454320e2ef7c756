"""What a table of records is declared with, and the columns records are listed with."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pandas as pd

from metricstore.catalogue import Measurement, measurement
from metricstore.query import Filter
from metricstore.selection import Selection

AHEAD = timedelta(days=400)
"""How far tables of what is to come look."""


@dataclass(frozen=True)
class Table:
    """A table of records of one measurement, newest first unless said otherwise."""

    id: str
    title: str
    measurement: str
    columns: tuple[str, ...]
    note: str = ""
    order: str = "time"
    descending: bool = True
    where: tuple[Filter, ...] = ()
    """What its records have in common, beside the viewer's filters."""
    ahead: bool = False
    """Shows what is to come, from now on, whatever the range."""

    @property
    def source(self) -> Measurement:
        return measurement(self.measurement)

    def range(self, selection: Selection, now: datetime) -> tuple[datetime, datetime]:
        """[start, stop) of the records it shows."""
        return (now, now + AHEAD) if self.ahead else selection.range(now)


_COLUMNS: dict[str, tuple[str, ...]] = {
    "log_record": ("time", "level", "event", "message", "file", "line"),
    "generation": ("time", "platform", "outcome", "outcome_reason", "topic", "duration_seconds", "ai_retries"),
    "batch": ("time", "platform", "outcome", "requested", "finished", "failed", "duration_seconds", "slowest_seconds",
              "ai_retries"),
    "post": ("time", "platform", "status", "content_state", "topic", "characters", "tweets", "hashtags"),
    "post_transition": ("time", "platform", "from_status", "to_status", "topic", "held_seconds"),
    "ai_request": ("time", "http_status", "provider", "platform", "latency_seconds"),
    "ai_retry": ("time", "endpoint", "platform", "wait_seconds"),
    "scheduling_attempt": ("time", "platform", "outcome", "error_kind", "topic", "post_number", "tweet_number"),
    "social_post": ("time", "platform", "excerpt", "source", "status", "due", "sent", "late_seconds", "error_class", "error_text"),
    "post_performance": ("time", "platform", "source", "topic", "impressions", "reactions", "comments", "reposts", "clicks", "rate",
                         "first_day_share", "not_reported"),
    "queue_item": ("time", "platform", "status", "retry_count", "topic", "post_number"),
    "collector_run": ("time", "collector", "outcome", "records", "points", "rejected", "expired", "duration_seconds", "error", "warnings"),
    "dead_letter": ("time", "collector", "file", "line", "reason", "excerpt"),
    "alert_event": ("time", "event", "severity", "title", "labels", "value", "limit", "notified", "reason", "by"),
    "gen_ai_request": ("time", "source", "provider", "model", "outcome", "error_type", "input_tokens", "output_tokens",
                       "duration_seconds", "cost_nano_usd", "pricing"),
    "post_journey": ("time", "platform", "step", "state", "cause", "waiting", "topic", "sources", "impressions", "interactions"),
    "engagement": ("time", "platform", "provenance", "grain", "topic", "impressions", "likes", "comments", "shares"),
}  # fmt: skip


def columns_of(name: str) -> tuple[str, ...]:
    """The columns records of a measurement are listed with."""
    source = measurement(name)
    return _COLUMNS.get(name) or ("time", *source.columns[:7])


PAGE_SIZE = 25


def dicts(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """A frame's rows, each by column name."""
    return [{str(name): value for name, value in row.items()} for row in frame.to_dict("records")]
