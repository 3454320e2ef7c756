"""Where a post stands at a moment, and what holds it up. Pure; thresholds.py has the limits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from collectors.journey.evidence import Evidence, evidence
from collectors.journey.thresholds import (
    ACCEPTED_AFTER,
    CALENDAR_AFTER,
    READ_BY,
    SCHEDULED_AFTER,
    SENT_AFTER,
    TOLD_AFTER,
    WAITING_EDGES,
)
from collectors.journey.trails import Trail
from metricstore.catalogue.journey import STEPS


@dataclass(frozen=True)
class World:
    """What is known beside the posts themselves."""

    now: int
    """Nanoseconds UTC."""
    services: frozenset[str] = frozenset()
    """Networks of which a scheduling service tells."""
    figures: frozenset[str] = frozenset()
    """Networks of which anybody tells figures."""
    channels: Mapping[str, str] = field(default_factory=dict)
    """By channel id why nothing leaves it: channel_disconnected, queue_paused or daily_limit."""
    spent: frozenset[str] = frozenset()
    """Services whose quota of requests is spent, so that nobody can ask them."""


@dataclass(frozen=True)
class Standing:
    """Exactly one step. `next` is the moment from which time alone makes this untrue, None: never."""

    step: str
    state: str
    cause: str = ""
    detail: str = ""
    since: int | None = None
    next: int | None = None
    evidence: Evidence = field(default_factory=lambda: Evidence({}))


def standing(trail: Trail, world: World) -> Standing:
    """The furthest step a post has reached, how it is going there and why."""
    found = evidence(trail, world.now)
    step = next(step for step in reversed(STEPS) if step in found.reached)
    since = next((found.times[s] for s in reversed(STEPS[: STEPS.index(step) + 1]) if s in found.times), None)
    state, cause, detail, then = _state(step, trail, found, world, since)
    upcoming = [moment for moment in (then, found.due) if moment is not None and moment > world.now]
    if state in ("moving", "stuck") and since is not None:
        edges = (since + edge for edge in WAITING_EDGES)
        upcoming += [edge for edge in edges if edge > world.now]
    return Standing(step, state, cause, detail, since, min(upcoming, default=None), found)


_Judgement = tuple[str, str, str, int | None]
"""State, cause, the source's words, and when it is to be judged anew."""


def _state(step: str, trail: Trail, found: Evidence, world: World, since: int | None) -> _Judgement:
    if step in ("sent", "seen", "engaged"):
        return _sent(step, trail, found, world, since)
    for ended in (_dropped, _failed):
        if judged := ended(trail, found):
            return judged
    judge = {"generated": _generated, "accepted": _accepted, "scheduled": _scheduled, "due": _due}[step]
    return judge(trail, found, world, since)


def _dropped(trail: Trail, found: Evidence) -> _Judgement | None:
    if trail.item is not None and trail.item.status == "deleted":
        return "dropped", "deleted", "", None
    return ("dropped", "withdrawn", "", None) if found.remote == "withdrawn" else None


def _failed(trail: Trail, found: Evidence) -> _Judgement | None:
    if found.remote == "failed":
        broken = [one for one in trail.remotes if one.status == "failed"]
        last = max(broken, key=lambda one: (one.time, one.post_id))
        return "failed", last.error_class or "other", last.error_text, None
    gave_up = trail.delivered and not any(one.sent for one in trail.delivered)
    if gave_up and not found.remote and not any(one.status == "pending" for one in trail.queued):
        return "failed", "scheduler_gave_up", found.attempt_error, None
    if not found.remote and trail.item is not None and trail.item.status == "failed":
        return "failed", "calendar_says_failed", found.attempt_error, None
    unusable = trail.item is not None and trail.item.state in ("failed", "null", "empty")
    lost = trail.item is None and trail.finished is not None and trail.finished.outcome == "failed"
    if (unusable or lost) and found.reached == {"generated"}:
        return "failed", "generation_failed", trail.item.state if trail.item is not None else "", None
    return None


def _generated(trail: Trail, found: Evidence, world: World, since: int | None) -> _Judgement:
    item = trail.item
    if item is None and trail.finished is not None:
        if trail.finished.batch == "running":
            return "moving", "", "", None
        limit = trail.finished.time + CALENDAR_AFTER
        cause = "batch_abandoned" if trail.finished.batch == "abandoned" else "calendar_lost"
        return _after(limit, world.now, cause)
    if trail.attempts:
        cause, detail = "attempt_failed", found.attempt_error
    elif item is not None and item.presence == "replaced":
        return "stuck", "calendar_replaced", "", None
    else:
        cause, detail = (
            ("generation_failed", "partial") if item and item.state == "partial" else ("nobody_accepted", "")
        )
    return _after(_earliest(since, ACCEPTED_AFTER, found.due), world.now, cause, detail)


def _accepted(trail: Trail, found: Evidence, world: World, since: int | None) -> _Judgement:
    limit, detail = _earliest(since, SCHEDULED_AFTER, found.due and found.due + SENT_AFTER), ""
    if found.remote == "draft":
        cause = "draft_at_service"
    elif any(one.accepted for one in trail.attempts):
        if trail.platform not in world.services:
            return _after(limit, world.now, "service_not_collected", state="untold")
        cause = "not_at_service"
    elif trail.attempts:
        cause, detail = "attempt_failed", found.attempt_error
    elif trail.item is not None and trail.item.presence == "replaced":
        cause = "calendar_replaced"
    else:
        cause = "no_attempt"
    return _after(limit, world.now, cause, detail)


def _scheduled(trail: Trail, found: Evidence, world: World, since: int | None) -> _Judgement:
    """Not due yet: stuck only where it can be foreseen that it will not leave."""
    if cause := _blocked(trail, world):
        return "stuck", cause, "", None
    if not found.remote and trail.queued and all(one.status == "gone" for one in trail.queued):
        return "stuck", "queue_lost", "", None
    return "moving", "", "", None


def _due(trail: Trail, found: Evidence, world: World, since: int | None) -> _Judgement:
    if found.remote:
        cause = _blocked(trail, world)
        if not cause:
            approval = any(one.status == "approval" for one in trail.remotes)
            sources = {one.source for one in trail.remotes}
            cause = "approval_missing" if approval else "quota_spent" if sources & world.spent else "service_late"
    else:
        gone = all(one.status == "gone" for one in trail.queued)
        cause = "queue_lost" if gone else "scheduler_not_running"
    return _after(found.due and found.due + SENT_AFTER, world.now, cause, found.attempt_error)


def _sent(step: str, trail: Trail, found: Evidence, world: World, since: int | None) -> _Judgement:
    if found.partly:
        return "stuck", "partly_sent", found.partly, None
    if step == "engaged":
        return "done", "", "", None
    if step == "seen":
        then = None if since is None else since + READ_BY
        return ("moving", "", "", then) if then is not None and then > world.now else ("done", "", "", None)
    limit = None if since is None else since + TOLD_AFTER
    if found.impressions is not None:
        return _after(limit, world.now, "shown_to_nobody")
    if trail.figures or trail.imported:
        return _after(limit, world.now, "figures_not_reported", state="untold")
    if trail.platform not in world.figures:
        return _after(limit, world.now, "no_figures_source", state="untold")
    return _after(limit, world.now, "no_figures")


def _blocked(trail: Trail, world: World) -> str:
    causes = {world.channels[one.channel] for one in trail.remotes if one.channel in world.channels}
    return min(causes, default="")


def _earliest(since: int | None, allowed: int, due: int | None) -> int | None:
    """The end of patience: so long after it came into its step, at the latest when it is due."""
    ends = [moment for moment in (None if since is None else since + allowed, due) if moment is not None]
    return min(ends, default=None)


def _after(limit: int | None, now: int, cause: str, detail: str = "", state: str = "stuck") -> _Judgement:
    """Moving until `limit`; where nobody knows since when, at once."""
    if limit is not None and now < limit:
        return "moving", "", "", limit
    return state, cause, detail, None
