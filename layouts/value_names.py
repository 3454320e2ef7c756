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
    "generation_failed": "Generation failed", "batch_abandoned": "Batch broken off",
    "calendar_lost": "Calendar never seen", "calendar_replaced": "Calendar replaced",
    "nobody_accepted": "Accepted by nobody", "no_attempt": "Never handed over", "attempt_failed": "Handover failed",
    "not_at_service": "Handed over, but not at the service", "draft_at_service": "Only a draft at the service",
    "approval_missing": "Waits for approval", "channel_disconnected": "Channel disconnected", "queue_paused": "Queue paused",
    "daily_limit": "Daily limit reached", "quota_spent": "Request quota spent: nobody can ask", "service_late": "The service is late",
    "scheduler_not_running": "The scheduler does not run", "queue_lost": "Lost from the scheduler's queue",
    "scheduler_gave_up": "The scheduler gave up", "calendar_says_failed": "Failed, says the calendar",
    "partly_sent": "Sent in part", "no_figures": "No figures", "shown_to_nobody": "Shown to nobody",
    "service_not_collected": "No service is collected", "figures_not_reported": "Figures not reported",
    "no_figures_source": "Nobody reports figures", "untold": "Unknown", "calendar_not_seen": "Calendar never seen",
    "item_missing": "Not in the calendar", "no_calendar_item": "No such calendar item", "no_queue_item": "Not in the queue",
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
_WORD = re.compile(r"[a-z]+")
_STATUS = re.compile(r"http_(\d\w*)")


_SERVICES = {"buffer": "Buffer", "buffer_classic": "Buffer (classic)", "openai": "OpenAI", "anthropic": "Anthropic",
             "litellm": "LiteLLM", "zai": "Z.ai"}  # fmt: skip
_RULES = {"platform_id": "By the platform's id", "service_id": "By the service's id", "batch_position": "By its place in the batch",
          "item_id": "By its own id", "text": "By its text", "text_day": "By text and day", "text_time": "By text and time",
          "number_topic": "By number and topic", "number_topic_day": "By number, topic and day", "topic_day": "By topic and day",
          "due_time": "By the time it was due", "sent_time": "By the time it was sent", "day_attempt": "By day and handover",
          "own": "Known first by this"}  # fmt: skip
_BY_COLUMN = {
    "collector": COLLECTOR_NAMES, "service": _SERVICES, "provider": _SERVICES, "source": _SERVICES,
    "window": {"15m": "15 minutes", "24h": "24 hours", "30d": "30 days"},
    **dict.fromkeys((f"{source}_match" for source in ("log", "attempts", "scheduler", "service", "platform", "figures")), _RULES),
}  # fmt: skip
"""Names that values have in one column alone: elsewhere `calendars` may be a topic."""


def name_of(value: str, column: str) -> str:
    """A value of `column` as people write it: `twitter_calendar_saved` is "X calendar saved"; texts of the source stay as they are."""
    found = _BY_COLUMN.get(column, _NAMES).get(value) or _NAMES.get(value)
    if found is None and (status := _STATUS.fullmatch(value)):
        return f"HTTP {status[1].replace('_', ' ')}"
    if found is None and _IDENTIFIER.fullmatch(value):
        found = " ".join(_WORDS.get(word, word) for word in value.split("_"))
        found = found[:1].upper() + found[1:]
    if found is None and column == "prompt_type" and _WORD.fullmatch(value):
        found = value.capitalize()  # beside those of several words
    return value if found is None else found


_AGGREGATES = {"p50": "Median", "p95": "95 % stay below", "p99": "99 % stay below", "mean": "Mean", "last": "Last", "max": "Largest",
               "min": "Smallest", "count": "Number", "sum": "Sum"}  # fmt: skip


def aggregate_name(aggregate: str) -> str:
    """`p95` as people write it; what has no plain name stays."""
    return _AGGREGATES.get(aggregate, aggregate)
