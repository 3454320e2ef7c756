"""A post's trail and standing to its point. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from operator import attrgetter

from collectors.journey.standing import Standing, World, standing
from collectors.journey.thresholds import SECOND, waiting_step
from collectors.journey.trails import Trail
from collectors.reading import short_hash
from collectors.slots import Slots
from collectors.social.post import iso
from collectors.time_kinds import stored_date
from metricstore.catalogue import FieldValue
from metricstore.catalogue.journey import STEPS, WAITING
from metricstore.catalogue.model import DATE, INSTANT
from metricstore.point import Point

_MOST_IDS = 100
_DETAIL = 300
_TOPIC = 500


def placed(trails: Sequence[Trail]) -> list[Trail]:
    """The same, which are sorted by their keys, given their points' times and in that order. A calendar item's point has
    the item's own timestamp."""
    slots = Slots(SECOND)
    for trail in trails:
        base, trail.time_kind = _base(trail)
        if trail.item is not None:
            slots.occupy(_line(trail), base, trail.key)
    for trail in trails:
        base, _ = _base(trail)
        trail.time = base if trail.item is not None else slots.take(_line(trail), base - base % SECOND, trail.key)
    return sorted(trails, key=attrgetter("time"))


def journey_point(trail: Trail, world: World) -> tuple[Point, Standing]:
    """A trail's point, with what it was made of."""
    stands = standing(trail, world)
    tags = {"platform": trail.platform, "time_kind": trail.time_kind}
    return Point("post_journey", trail.time, tags, _fields(trail, stands, world)), stands


def _base(trail: Trail) -> tuple[int, str]:
    """What its point's time begins with, and the kind of it."""
    if trail.item is not None:
        return trail.item.stored, INSTANT if trail.item.timed else DATE
    row = min(trail.imported, key=lambda one: (one.time, one.row_id), default=None)
    if trail.anchor == "import" and row is not None and not row.timed:
        return stored_date(row.day), DATE
    return own_time(trail), INSTANT


def _line(trail: Trail) -> str:
    """Posts that may not share a timestamp."""
    return f"{trail.platform} {trail.time_kind}"


def own_time(trail: Trail) -> int:
    """What a post without calendar item stands at: sent or due, else the first that is told of it."""
    remote = min(trail.remotes, key=lambda one: (not one.by_service, one.time, one.post_id), default=None)
    if remote is not None:
        return remote.time
    told = _moments(trail)
    return min((one.due for one in trail.queued), default=told[0])


def post_id(trail: Trail) -> str:
    return trail.item.post_id if trail.item is not None else short_hash(trail.key)


def _fields(trail: Trail, stands: Standing, world: World) -> dict[str, FieldValue]:
    proof, moments = stands.evidence, _moments(trail)
    found: dict[str, FieldValue | None] = {
        "post_id": post_id(trail), "step": stands.step, "state": stands.state, "cause": stands.cause,
        "cause_detail": stands.detail[:_DETAIL], "topic": trail.topic[:_TOPIC], "anchor": trail.anchor,
        "sources": " + ".join(proof.sources), "unmatched": trail.unmatched, "sent_by": proof.sent_by,
        "since": iso(stands.since), "impressions": proof.impressions, "interactions": proof.interactions,
        "tries": len(trail.attempts) or None, "copies": sum(one.by_service for one in trail.remotes) or None,
        "first_told": iso(moments[0]), "last_told": iso(moments[-1]),
    }  # fmt: skip
    if stands.state in ("moving", "stuck") and stands.since is not None:
        found["waiting"] = WAITING[waiting_step(world.now - stands.since)]
    found |= {step: iso(moment) for step, moment in proof.times.items()}
    if "due" in found and proof.due_day is not None:
        found["due"] = proof.due_day.isoformat()
    found |= _durations(proof.times)
    found |= {f"{kind}_match": rule for kind, rule in trail.rules.items()}
    found |= _places(trail)
    return {name: value for name, value in found.items() if value is not None and value != ""}


def _durations(times: dict[str, int]) -> dict[str, FieldValue | None]:
    """Between neighbours that are both known and in order."""
    found: dict[str, FieldValue | None] = {}
    for step, after in pairwise(STEPS):
        if step in times and after in times and times[after] >= times[step]:
            found[f"{step}_seconds"] = (times[after] - times[step]) / SECOND
    if "generated" in times and "sent" in times and times["sent"] >= times["generated"]:
        found["lead_seconds"] = (times["sent"] - times["generated"]) / SECOND
    return found


def _places(trail: Trail) -> dict[str, FieldValue | None]:
    """Where every record of it is found again."""
    told = [
        *((one.source, one.post_id) for one in trail.remotes),
        *((one.source, one.post_id) for one in trail.figures),
    ]
    scheduled = [*(one.item_id for one in trail.queued), *(one.item_id for one in trail.delivered)]
    found: dict[str, FieldValue | None] = {
        "attempt_places": _joined(f"{one.file}:{one.line}" for one in trail.attempts),
        "item_ids": _joined(scheduled),
        "service_post_ids": _joined(f"{source}:{name}" for source, name in told),
        "platform_post_ids": _joined(one.platform_id for one in trail.remotes if one.platform_id),
        "row_ids": _joined(one.row_id for one in trail.imported),
    }
    if trail.finished is not None:
        found |= {"file": trail.finished.file, "line": trail.finished.line}
    if trail.item is not None:
        found |= {"calendar_place": trail.item.place, "excerpt": trail.item.excerpt.decode()}
    return found


def _joined(names: Iterable[str]) -> str:
    """Each once, in order; `|` does not occur in ids."""
    return "|".join(sorted({name for name in names if name and "|" not in name})[:_MOST_IDS])


def _moments(trail: Trail) -> list[int]:
    """Times of all records, in order; never empty."""
    kinds = (trail.attempts, trail.delivered, trail.remotes, trail.imported)
    found: list[int] = [one.time for kind in kinds for one in kind]
    found += [moment for one in trail.figures for moment in (one.first, one.last)]
    found += [one.due for one in trail.queued]
    if trail.item is not None:
        found += [trail.item.time, *(moment for moment, _ in trail.item.changes)]
    if trail.finished is not None:
        found.append(trail.finished.time)
    return sorted(found)
