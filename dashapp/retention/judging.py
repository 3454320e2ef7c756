"""Whether what is older than it is kept is deleted now, by the clock: only what was announced a day before, and never nearly all.

The clock of a machine may be wrong, and a setting may be mistyped: neither may cost what can't be had again. So
- what a setting says that is new or shorter is announced, and carried out a day later at the earliest;
- so is a limit that has moved on by more than some days at once: after a long pause, or because the clock was put forward;
- what would leave nothing newer, or less than half of the points, is left to people: `dashapp retention --apply`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from dashapp.retention.standing import Standing
from metricstore.quantities import quantity

NOTICE = timedelta(days=1)
USUAL_STEP = timedelta(days=3)
"""A machine that is off over a weekend announces nothing anew."""
BY_HAND = "dashapp retention --apply"


@dataclass(frozen=True)
class Memory:
    """What is remembered of a measurement between runs."""

    days: int | None = None
    """As long as it was kept when points were deleted last, or could have been."""
    limit: datetime | None = None
    """Of then."""
    announced: datetime | None = None
    """When a deletion that is still to come was announced first…"""
    announced_days: int | None = None
    """…and how long it was to be kept."""
    begun: datetime | None = None
    """The limit of a deletion that was begun: it is carried on, wherever it was broken off."""

    @classmethod
    def read(cls, kept: object) -> Memory:
        """From a checkpoint; what can't be used is forgotten, and so announced again."""
        if not isinstance(kept, dict):
            return cls()
        try:
            moments = {name: _moment(kept.get(name)) for name in ("limit", "announced", "begun")}
            numbers = {name: None if kept.get(name) is None else int(kept[name]) for name in ("days", "announced_days")}
        except (TypeError, ValueError):
            return cls()
        return cls(**moments, **numbers)  # type: ignore[arg-type]

    def written(self) -> dict[str, Any]:
        found = {name: getattr(self, name) for name in self.__dataclass_fields__}
        return {
            name: value.isoformat() if isinstance(value, datetime) else value
            for name, value in found.items()
            if value is not None
        }


@dataclass(frozen=True)
class Judgement:
    """`delete`: now. `sentence`: what people are to know of what isn't deleted yet; empty where all goes its usual way."""

    delete: bool
    sentence: str
    memory: Memory


def judged(stands: Standing, memory: Memory, now: datetime) -> Judgement:
    """By the clock."""
    if memory.begun is not None and memory.begun <= stands.limit:
        return Judgement(True, "", memory)
    memory = replace(memory, begun=None)
    if not stands.older:
        return Judgement(False, "", _as_usual(stands, memory))
    if stands.nothing_newer:
        return Judgement(False, _left(stands, "all there is"), memory)
    if _is_usual(stands, memory):
        return Judgement(True, "", done(stands, memory))
    if stands.most:
        return Judgement(False, _left(stands, "more than half of it"), memory)
    if memory.announced is None or memory.announced_days != stands.days or memory.announced > now:
        memory = replace(memory, announced=now, announced_days=stands.days)
    assert memory.announced is not None
    due = memory.announced + NOTICE
    if due <= now:
        return Judgement(True, "", done(stands, memory))
    return Judgement(False, _announcement(stands, due), memory)


def done(stands: Standing, memory: Memory) -> Memory:
    """When what is older than it is kept now has been deleted."""
    return replace(
        memory,
        days=stands.days,
        limit=stands.limit,
        announced=None,
        announced_days=None,
        begun=None,
    )


def _is_usual(stands: Standing, memory: Memory) -> bool:
    """Whether it is what was agreed to, a day or a few later."""
    if memory.days is None or memory.limit is None or stands.days < memory.days:
        return False
    return stands.limit - memory.limit <= USUAL_STEP


def _as_usual(stands: Standing, memory: Memory) -> Memory:
    """With nothing to delete only an agreement goes on; a new one isn't made without anybody having been asked."""
    memory = replace(memory, announced=None, announced_days=None)
    return done(stands, memory) if _is_usual(stands, memory) else memory


def _announcement(stands: Standing, due: datetime) -> str:
    """Everybody may read it: so it says nothing of how much there is."""
    return (
        f"{_what(stands)} will be deleted from {due:%Y-%m-%d %H:%M} UTC on, as DASHAPP_RETENTION keeps it for "
        f"{quantity(stands.days, 'days')}; `dashapp retention` says how much that is and what follows"
    )


def _left(stands: Standing, why: str) -> str:
    return (
        f"{_what(stands)} is older than DASHAPP_RETENTION keeps it ({quantity(stands.days, 'days')}), but that is {why}, and a clock or "
        f"a setting may be wrong: it is deleted only by hand, with `{BY_HAND}`"
    )


def _what(stands: Standing) -> str:
    return f"{stands.measurement}: what is dated before {stands.limit:%Y-%m-%d} (UTC)"


def _moment(text: object) -> datetime | None:
    if text is None:
        return None
    found = datetime.fromisoformat(str(text))
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def memories(checkpoint: Mapping[str, Any]) -> dict[str, Memory]:
    """By measurement."""
    kept = checkpoint.get("kept")
    return {name: Memory.read(one) for name, one in kept.items()} if isinstance(kept, dict) else {}
