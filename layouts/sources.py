"""Which collector feeds a measurement: what the freshness of a chart is told by."""

from __future__ import annotations

SOURCES: dict[str, tuple[str, ...]] = {
    "log_record": ("app_log",),
    "generation": ("app_log", "outcomes"),
    "batch": ("app_log",),
    "ai_request": ("app_log",),
    "ai_retry": ("app_log",),
    "scheduling_attempt": ("app_log",),
    "post": ("calendars",),
    "post_transition": ("calendars",),
    "queue_item": ("scheduler_state",),
    "delivery": ("scheduler_state",),
    "queue_snapshot": ("scheduler_state",),
    "engagement": ("engagement",),
    "gen_ai_request": ("ai_usage",),
    "social_post": ("buffer", "buffer_classic", "demo_buffer", "linkedin", "x"),
    "social_queue": ("buffer", "buffer_classic", "demo_buffer"),
    "post_journey": ("journey",),
    "api_quota": ("buffer", "demo_buffer", "openai", "anthropic", "linkedin", "x"),
}

FROM_LOG = tuple(name for name, sources in SOURCES.items() if "app_log" in sources)
"""Measurements whose `file` and `line` lead to a log record."""

COLLECTOR_NAMES = {
    "app_log": "Application log",
    "calendars": "Calendars",
    "scheduler_state": "Scheduler state",
    "engagement": "Engagement files",
    "outcomes": "Outcomes",
    "ai_usage": "AI usage file",
    "buffer": "Buffer",
    "buffer_classic": "Buffer (classic)",
    "demo_buffer": "Buffer (made up)",
    "openai": "OpenAI",
    "anthropic": "Anthropic",
    "litellm": "LiteLLM",
    "x": "X",
    "linkedin": "LinkedIn",
    "journey": "Promise tracker",
}
