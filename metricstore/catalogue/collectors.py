"""Every collector, one entry each, in the order a single run takes: what others build on comes first.

The code of the collector `<name>` is `collectors/<name>/collector.py`; what is said of it here is all that stores, pages
and alerts need to know of it, so none of them loads that code. A new measurement and a new setting are declared where
all of them are: `metricstore/catalogue/` and `dashapp/settings/model.py`.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Registration:
    """What is known of a collector without its code."""

    name: str
    title: str
    feeds: tuple[str, ...]
    """Measurements whose numbers are known as far as its runs reach."""
    adds_to: tuple[str, ...] = ()
    """Measurements it writes to, too, while others decide how far they are known."""
    records: str = ""
    """The measurement that shows how regularly its source records; empty: it puts together what others have read."""
    source: str = ""
    """The tag `source` of what it writes, where several collectors write the same measurement."""
    settings: tuple[str, ...] = ()
    """Settings that give it something to collect from, besides the project's folder."""
    follows: tuple[str, ...] = ()
    """Collectors after whose news it also runs."""
    reads: tuple[tuple[str, int], ...] = ()
    """Measurements it puts its own together from, and how many days before a point of its own what it needs of them may lie."""
    code: str = ""
    """`module:Class`, of a collector in a package of its own."""


_FIGURES = ("social_post_stats", "social_channel_stats", "post_performance", "post_growth", "api_quota")
_QUEUES = ("social_post", "social_queue", *_FIGURES)
_AI = ("gen_ai_usage", "gen_ai_cost")
_LOGGED = ("generation", "batch", "post_transition", "scheduling_attempt")
_NEAR_THE_POST = ("post", "queue_item", "delivery", "social_post", "social_post_stats", "engagement")
_POSTS = ("calendars", "buffer", "buffer_classic", "demo_buffer", "x", "linkedin")

COLLECTORS: list[Registration] = [
    Registration("app_log", "Application log",
                 ("log_record", "generation", "batch", "ai_request", "ai_retry", "scheduling_attempt"),
                 records="log_record", settings=("log_file", "log_files")),
    Registration("calendars", "Calendars", ("post", "post_transition"), records="post", settings=("calendar_files",)),
    Registration("scheduler_state", "Scheduler state", ("queue_item", "delivery", "queue_snapshot"), records="delivery",
                 settings=("scheduler_state_file",)),
    Registration("engagement", "Engagement files", ("engagement",), records="engagement",
                 settings=("metrics_csv", "metrics_db", "export_files")),
    Registration("ai_usage", "AI usage file", ("gen_ai_request",), records="gen_ai_request", source="app",
                 settings=("ai_usage_file",)),
    Registration("buffer", "Buffer", _QUEUES, records="social_post", source="buffer", settings=("buffer_api_key",)),
    Registration("buffer_classic", "Buffer (classic)", _QUEUES, records="social_post", source="buffer_classic",
                 settings=("buffer_classic_token",)),
    Registration("demo_buffer", "Buffer (made up)", _QUEUES, records="social_post", source="buffer"),
    Registration("openai", "OpenAI", (*_AI, "api_quota"), records="gen_ai_usage", source="openai",
                 settings=("openai_admin_key",)),
    Registration("demo_openai", "OpenAI (made up)", _AI, records="gen_ai_usage", source="openai"),
    Registration("anthropic", "Anthropic", (*_AI, "api_quota"), records="gen_ai_usage", source="anthropic",
                 settings=("anthropic_admin_key",)),
    Registration("litellm", "LiteLLM", _AI, adds_to=("gen_ai_request",), records="gen_ai_usage", source="litellm",
                 settings=("litellm_key",)),
    # networks report their posts, too, but what was scheduled, sent and failed is for the scheduling service to say
    Registration("x", "X", _FIGURES, adds_to=("social_post",), records="social_post", source="x", settings=("x_token",)),
    Registration("linkedin", "LinkedIn", _FIGURES, adds_to=("social_post",), records="social_post", source="linkedin",
                 settings=("linkedin_token",)),
    Registration("outcomes", "Outcomes", ("generation",), follows=("app_log", "calendars"),
                 reads=(("generation", 1), ("batch", 1), ("post", 60))),
    Registration("journey", "Promise tracker", ("post_journey",),
                 follows=("scheduler_state", "outcomes", "engagement", *_POSTS),
                 reads=(*((name, 120) for name in _LOGGED), *((name, 45) for name in _NEAR_THE_POST))),
    Registration("performance", "Figures of posts", ("post_performance", "post_growth"), follows=_POSTS,
                 reads=(("social_post", 1), ("social_post_stats", 1), ("post", 120))),
]  # fmt: skip
