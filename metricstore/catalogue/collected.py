"""Who collects a measurement, and how far a good run reaches: what tells a zero from what nobody knows yet."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from metricstore.errors import CatalogueError

Reach = Literal["run", "ahead", "newest", "always"]
"""What is known after a good run: everything until then; also what is to come; or only as far as the newest record,
because the source is handed over or told with a delay. `always`: known in whole, as no source has to be read for it."""


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
    conflicts: str = ""
    """The field that counts rows of the source that claim to be the same as the record with other figures, and are
    not counted."""
    settle: timedelta = timedelta(minutes=2)
    """How long after a time the source may still change what it says of it: alerts do not judge before."""


_SCHEDULING = ("buffer", "buffer_classic", "demo_buffer")
_SERVICES = (*_SCHEDULING, "linkedin", "x")
_REPORTS = ("openai", "anthropic", "litellm", "demo_openai")
_HOURLY, _DAILY = timedelta(hours=1), timedelta(days=1)
_SOON, _LATER = timedelta(minutes=15), timedelta(hours=48)
OURS = Collected((), "always")
"""What the dashboard writes of itself as it happens."""

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
    "engagement": Collected(("engagement",), "newest", partial=True, conflicts="conflicting_rows", settle=_LATER),
    "gen_ai_request": Collected(("ai_usage",), partial=True, told_by=("app",)),
    "gen_ai_usage": Collected(_REPORTS, "newest", partial=True, settle=_LATER),
    "gen_ai_cost": Collected(_REPORTS, "newest", partial=True, settle=_LATER),
    # networks tell their posts here too, but what was scheduled, sent and failed is the scheduling service's word
    "social_post": Collected(_SCHEDULING, "ahead", partial=True, told_by=("buffer", "buffer_classic"), settle=_SOON),
    "social_post_stats": Collected(_SERVICES, "newest", partial=True, settle=_LATER),
    "social_channel_stats": Collected(_SERVICES, "newest", _DAILY, partial=True, settle=_LATER),
    "social_queue": Collected(_SCHEDULING, "newest", _HOURLY, partial=True, settle=_SOON),
    "post_performance": Collected((*_SERVICES, "performance"), partial=True, settle=_LATER),
    "post_growth": Collected((*_SERVICES, "performance"), settle=_LATER),
    "post_journey": Collected(("journey",), "ahead", settle=_SOON),
    "api_quota": Collected((*_SERVICES, "openai", "anthropic"), "newest"),
    "collector_run": OURS,
    "dead_letter": OURS,
    "alert_event": OURS,
    "app_use": OURS,
}
"""Of every measurement that a metric asks about: `require_declared` sees to it."""


def require_declared(asked: Iterable[tuple[str, str]], collected: Mapping[str, Collected] = COLLECTED) -> None:
    """Called when the catalogue is loaded. `asked`: (metric, a measurement it asks about).

    CatalogueError names a measurement of which nobody declared who collects it: its metrics would show zeros
    for times that nobody has looked at.
    """
    for metric, measurement in asked:
        if measurement not in collected:
            raise CatalogueError(
                f"the metric {metric} asks about the measurement {measurement!r}, but nothing says who collects it: add "
                f'"{measurement}": Collected(("<name of its collector>",)) to COLLECTED in '
                "metricstore/catalogue/collected.py (or OURS, if the dashboard writes it of itself)"
            )
