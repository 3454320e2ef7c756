"""What the records of a post prove: the steps it has reached and when. Pure.

accepted: its calendar says more than draft or generated, or a try to hand it over went well, or a scheduler has it.
scheduled: the service holds it for a time, or the observed scheduler's queue does. due: that time has come. sent: the
service says so; else the platform shows it; else, where no service holds it, the scheduler delivered it or its calendar
says posted, published or completed. seen: impressions above 0. engaged: interactions above 0.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from collectors.journey.records import Figures, Imported, Item, Remote
from collectors.journey.thresholds import DAY, SECOND
from collectors.journey.trails import Trail

ACCEPTED_STATUSES = frozenset({"ready", "scheduled", "pending", "posted", "published", "completed", "failed"})
OUT_STATUSES = frozenset({"posted", "published", "completed"})
_BEST = ("sent", "sending", "scheduled", "approval", "draft", "failed", "withdrawn", "other")
"""Of several copies of one text at the service the first of these tells how it is."""
_HELD = frozenset({"scheduled", "sending", "sent", "approval", "failed", "withdrawn"})
_WAITS = frozenset({"sending", "scheduled", "approval"})


@dataclass(frozen=True)
class Evidence:
    """`times` has those of the reached steps that are known, in nanoseconds UTC."""

    times: dict[str, int]
    reached: frozenset[str] = frozenset({"generated"})
    due: int | None = None
    """When it is, or was, to be sent; the end of its day where only a day is known."""
    due_day: date | None = None
    """That day, where no more is known."""
    remote: str = ""
    """What services say of it in one word; empty when none holds it."""
    sent_by: str = ""
    partly: str = ""
    """Which part of a thread did not go out, where the rest did."""
    attempt_error: str = ""
    impressions: int | None = None
    interactions: int | None = None
    sources: tuple[str, ...] = field(default=())


def evidence(trail: Trail, now: int) -> Evidence:
    """What is proved of a post at `now`."""
    copies = _copies(one for one in trail.remotes if one.by_service)
    remote, partly = _together(copies)
    due = _due(trail, copies)
    by_day = trail.item is not None and due is not None and due == _day_end(trail)
    due_day = trail.item.day if trail.item is not None and by_day else None
    sent, sent_by = _sent(trail, remote, copies, due)
    figures: list[Figures | Imported] = [*trail.figures, *trail.imported]
    impressions = _most(one.impressions for one in figures)
    interactions = _most(one.interactions for one in figures)
    reached = {"generated"}
    if _accepted(trail):
        reached.add("accepted")
    if remote in _HELD or trail.queued or trail.delivered:
        reached.add("scheduled")
    if "scheduled" in reached and (remote == "failed" or (due is not None and due <= now and remote != "withdrawn")):
        reached.add("due")
    if sent_by:
        reached.add("sent")
    if impressions:
        reached.add("seen")
    if interactions:
        reached.add("engaged")
    times = _times(trail, copies, due, sent)
    known = {step: moment for step, moment in times.items() if moment is not None and step in reached}
    return Evidence(
        known, frozenset(reached), due, due_day, remote, sent_by, partly if sent_by else "", _last_error(trail), impressions,
        interactions, _sources(trail),
    )  # fmt: skip


def _copies(remotes: Iterable[Remote]) -> list[Remote]:
    """Of each text (a thread has several) the copy that tells most; the same text sent twice is one."""
    by_text: dict[str, list[Remote]] = defaultdict(list)
    for one in remotes:
        by_text[one.text or one.post_id].append(one)
    return [
        min(same, key=lambda one: (_rank(one.status), one.time, one.post_id))
        for _, same in sorted(by_text.items())
    ]  # fmt: skip


def _rank(status: str) -> int:
    return _BEST.index(status) if status in _BEST else len(_BEST)


def _together(copies: list[Remote]) -> tuple[str, str]:
    """One word for a thread's copies, and what of it did not go out."""
    statuses = [one.status for one in copies]
    if not statuses:
        return "", ""
    sent = statuses.count("sent")
    waiting = [status for status in statuses if status in _WAITS]
    if "failed" in statuses and not waiting:
        if sent:
            return "sent", f"{sent} of {len(statuses)} tweets sent, {statuses.count('failed')} failed"
        return "failed", ""
    if waiting:
        return min(waiting, key=_rank), ""
    return min(statuses, key=_rank), ""


def _due(trail: Trail, copies: list[Remote]) -> int | None:
    open_ones = [one.due for one in copies if one.due is not None and one.status in _WAITS]
    told = open_ones or [one.due for one in copies if one.due is not None]
    if told:
        return min(told)
    waiting = [one.due for one in trail.queued if one.status == "pending"] or [one.due for one in trail.queued]
    if waiting:
        return max(waiting)
    if trail.item is None:
        return None
    # a post's time carries its identity in the last digits: the second counts
    return trail.item.time - trail.item.time % SECOND if trail.item.timed else _day_end(trail)


def _day_end(trail: Trail) -> int | None:
    """Of a calendar item that has a date and no time of day."""
    if trail.item is None or trail.item.timed:
        return None
    return trail.item.time - trail.item.time % SECOND + DAY


def _accepted(trail: Trail) -> bool:
    status = trail.item.status if trail.item is not None else ""
    handed = any(one.accepted for one in trail.attempts)
    return status in ACCEPTED_STATUSES or handed or bool(trail.queued or trail.delivered or trail.remotes)


def _sent(trail: Trail, remote: str, copies: list[Remote], due: int | None) -> tuple[int | None, str]:
    """(when, who says so); (None, "") while nobody does."""
    if remote == "sent":
        return _last(one.sent for one in copies if one.status == "sent"), "service"
    shown = [one for one in trail.remotes if not one.by_service and one.status == "sent"]
    if shown:
        return _last(one.sent for one in shown), "platform"
    if not remote or remote == "draft":
        done = [one.time for one in trail.delivered if one.sent]
        if done:
            return max(done), "scheduler"
    said, moment = _calendar_says(trail)
    # people may publish by hand what the service could not; while it waits there, the calendar's word is early
    if said and (not remote or (remote in ("failed", "withdrawn", "draft") and _later(moment, due))):
        return moment, "calendar"
    if any(one.engaged or one.seen or one.impressions is not None for one in trail.figures):
        return None, "platform"
    return (None, "import") if trail.imported and not remote else (None, "")


def _calendar_says(trail: Trail) -> tuple[bool, int | None]:
    item = trail.item
    if item is None or item.status not in OUT_STATUSES:
        return False, None
    return True, _status_since(item.changes, OUT_STATUSES)


def _later(moment: int | None, due: int | None) -> bool:
    return moment is not None and due is not None and moment > due


def _status_since(changes: tuple[tuple[int, str], ...], wanted: frozenset[str]) -> int | None:
    """Since when it has been in one of `wanted` without a break; a replaced calendar says nothing of status."""
    since = None
    for moment, status in changes:
        if status == "replaced":
            continue
        since = (since if since is not None else moment) if status in wanted else None
    return since


def _accepted_since(item: Item) -> int | None:
    """Unknown of what was first seen when it was out already."""
    since = _status_since(item.changes, ACCEPTED_STATUSES)
    then = next((status for moment, status in item.changes if moment == since), "")
    return None if then in OUT_STATUSES else since


def _first_seen(item: Item | None) -> int | None:
    """When its calendar was written or it got its first status, whichever was earlier; what was first seen when it was
    out already may be of any time before."""
    if item is None:
        return None
    told = [moment for moment, status in item.changes[:1] if status not in OUT_STATUSES]
    return _first((*told, item.written))


def _times(trail: Trail, copies: list[Remote], due: int | None, sent: int | None) -> dict[str, int | None]:
    item = trail.item
    handed = _first(one.time for one in trail.attempts if one.accepted)
    came = _first(one.created for one in copies)
    accepted = _first((_accepted_since(item) if item is not None else None, handed))
    return {
        "generated": trail.finished.time if trail.finished is not None else _first_seen(item),
        # the log tells all results of a run at its end, later than the service
        "accepted": None if accepted is None else _first((accepted, came)),
        "scheduled": came,
        "due": due,
        "sent": sent,
        "seen": _first(one.seen for one in trail.figures),
        "engaged": _first(one.engaged for one in trail.figures),
    }


def _last_error(trail: Trail) -> str:
    """Of the last try, where that went wrong."""
    last = max(trail.attempts, key=lambda one: (one.time, one.line), default=None)
    return last.error if last is not None and not last.accepted else ""


def _sources(trail: Trail) -> tuple[str, ...]:
    found = ["calendar"] if trail.item is not None else []
    found += ["log"] if trail.finished is not None or trail.attempts else []
    found += ["scheduler"] if trail.queued or trail.delivered else []
    found += sorted({one.source for one in trail.remotes} | {one.source for one in trail.figures})
    return (*found, *(["import"] if trail.imported else []))


def _first(moments: Iterable[int | None]) -> int | None:
    return min((moment for moment in moments if moment is not None), default=None)


def _last(moments: Iterable[int | None]) -> int | None:
    return max((moment for moment in moments if moment is not None), default=None)


def _most(values: Iterable[int | None]) -> int | None:
    """Sources tell of the same people: the greatest figure, never a sum."""
    return max((value for value in values if value is not None), default=None)
