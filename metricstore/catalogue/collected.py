"""Who collects a measurement, and how far a good run reaches: what tells a zero from what nobody knows yet."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

Reach = Literal["run", "ahead", "newest"]
"""What is known after a good run: everything until then; also what is to come; or only as far as the newest record,
because the source is handed over or told with a delay."""


@dataclass(frozen=True)
class Collected:
    """How a measurement comes into the store."""

    by: tuple[str, ...]
    """Names of the collectors that write it."""
    reach: Reach = "run"
    snapshot: timedelta | None = None
    """Where each point is a look at a state: how often somebody looks. A time without a look is lost."""
    partial: bool = False
    """Sources may leave out single figures."""
    told_by: tuple[str, ...] = ()
    """The `source` of what `by` writes, where others write the measurement too."""


_SCHEDULING = ("buffer", "buffer_classic", "demo_buffer")
_SERVICES = (*_SCHEDULING, "linkedin", "x")
_REPORTS = ("openai", "anthropic", "litellm", "demo_openai")
_HOURLY, _DAILY = timedelta(hours=1), timedelta(days=1)

COLLECTED: dict[str, Collected] = {
    "log_record": Collected(("app_log",)),
    "generation": Collected(("app_log", "outcomes")),
    "batch": Collected(("app_log",)),
    "ai_request": Collected(("app_log",)),
    "ai_retry": Collected(("app_log",)),
    "scheduling_attempt": Collected(("app_log",)),
    "post": Collected(("calendars",), "ahead"),
    "post_transition": Collected(("calendars",)),
    "queue_item": Collected(("scheduler_state",), "ahead"),
    "delivery": Collected(("scheduler_state",)),
    "queue_snapshot": Collected(("scheduler_state",)),
    "engagement": Collected(("engagement",), "newest", partial=True),
    "gen_ai_request": Collected(("ai_usage",), partial=True, told_by=("app",)),
    "gen_ai_usage": Collected(_REPORTS, "newest", partial=True),
    "gen_ai_cost": Collected(_REPORTS, "newest", partial=True),
    # networks tell their posts here too, but what was scheduled, sent and failed is the scheduling service's word
    "social_post": Collected(_SCHEDULING, "ahead", partial=True, told_by=("buffer", "buffer_classic")),
    "social_post_stats": Collected(_SERVICES, "newest", partial=True),
    "social_channel_stats": Collected(_SERVICES, "newest", _DAILY, partial=True),
    "social_queue": Collected(_SCHEDULING, "newest", _HOURLY, partial=True),
    "post_performance": Collected((*_SERVICES, "performance"), partial=True),
    "post_growth": Collected((*_SERVICES, "performance")),
    "post_journey": Collected(("journey",), "ahead"),
    "api_quota": Collected((*_SERVICES, "openai", "anthropic"), "newest"),
}
"""A measurement that is not here is always known in whole: what the dashboard says of itself."""
