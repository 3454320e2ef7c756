"""Values as people write them: platforms, causes, weekdays, names of messages. Texts of the sources stay as they are."""

from __future__ import annotations

import re

from layouts.sources import COLLECTOR_NAMES
from metricstore import time_parts

_NAMES = {"linkedin": "LinkedIn", "twitter": "X", "instagram": "Instagram", "facebook": "Facebook", "": "not given"}
_NAMES["null"] = "missing"
_NAMES |= {
    "auth": "Access lost or expired", "rate_limit": "Too many requests", "content": "Text refused",
    "media": "Picture or video refused", "network": "Service did not answer",
}  # fmt: skip
_NAMES |= {
    "generation_failed": "Generation failed", "batch_abandoned": "Its batch was broken off",
    "calendar_lost": "Its calendar was never seen", "calendar_replaced": "Its calendar was replaced",
    "nobody_accepted": "Nobody accepted it", "no_attempt": "Never handed over", "attempt_failed": "Handing it over failed",
    "not_at_service": "Handed over, but not at the service", "draft_at_service": "Only a draft at the service",
    "approval_missing": "Waits for approval", "channel_disconnected": "Channel disconnected", "queue_paused": "Queue paused",
    "daily_limit": "Daily limit reached", "quota_spent": "Request quota spent: nobody can ask", "service_late": "The service is late",
    "scheduler_not_running": "The scheduler does not run", "queue_lost": "Lost from the scheduler's queue",
    "scheduler_gave_up": "The scheduler gave up", "calendar_says_failed": "Failed, says the calendar",
    "partly_sent": "Sent in part", "no_figures": "No figures for it", "shown_to_nobody": "Shown to nobody",
    "service_not_collected": "No service is collected", "figures_not_reported": "Figures not reported",
    "no_figures_source": "Nobody reports figures", "untold": "Unknown", "calendar_not_seen": "Its calendar was never seen",
    "item_missing": "Not in its calendar", "no_calendar_item": "No calendar item like it", "no_queue_item": "Not in the queue",
    "no_such_post": "Figures of an unknown post", "ambiguous": "Several would fit",
}  # fmt: skip
WEEKDAYS = tuple(day.capitalize() for day in time_parts.WEEKDAYS)
_NAMES |= dict(zip(time_parts.WEEKDAYS, WEEKDAYS, strict=True))


_WORDS = {
    "linkedin": "LinkedIn",
    "twitter": "X",
    "api": "API",
    "csv": "CSV",
    "ai": "AI",
    "websocket": "WebSocket",
    "http": "HTTP",
}
_IDENTIFIER = re.compile(r"[a-z]+(?:_[a-z]+)+")


_BY_COLUMN = {"collector": COLLECTOR_NAMES}
"""Names that values have in one column alone: elsewhere `calendars` may be a topic."""


def name_of(value: str, column: str = "") -> str:
    """A value as people write it: `twitter_calendar_saved` is "X calendar saved"; texts of the source stay as they are."""
    found = _BY_COLUMN.get(column, _NAMES).get(value) or _NAMES.get(value)
    if found is None and _IDENTIFIER.fullmatch(value):
        found = " ".join(_WORDS.get(word, word) for word in value.split("_"))
        found = found[:1].upper() + found[1:]
    return value if found is None else found


_AGGREGATES = {"p50": "Median", "p95": "95 % stay below", "p99": "99 % stay below", "mean": "Mean", "last": "Last", "max": "Largest",
               "min": "Smallest", "count": "Number", "sum": "Sum"}  # fmt: skip


def aggregate_name(aggregate: str) -> str:
    """`p95` as people write it; what has no plain name stays."""
    return _AGGREGATES.get(aggregate, aggregate)
