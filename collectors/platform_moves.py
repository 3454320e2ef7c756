"""Stored points whose platform is written otherwise now: moved, because a platform is part of a point's identity."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta

from collectors.base import Batch, Checkpoint
from collectors.platforms import identity_name, platform_named, unresolved
from collectors.recall import Known, recall, recalled
from collectors.slots import Slots
from metricstore.catalogue import measurement
from metricstore.point import Point
from metricstore.query import Filter
from metricstore.store import Store

_PORTION = 1_000


@dataclass(frozen=True)
class Kind:
    """A measurement whose points are told apart by the last digits of their time."""

    name: str
    modulus: int
    """See Slots."""
    identity: Callable[[Known], str]
    """What the digits are made of."""

    @property
    def columns(self) -> tuple[str, ...]:
        return measurement(self.name).columns


def moved(store: Store, kind: Kind, rows: list[Known], platform_of: Callable[[Known], str]) -> list[Point]:
    """`rows` with their new platforms, at their own times or the next ones that no other point has.

    The same points come out however often it is asked, also when some of them are stored already.
    """
    if not rows:
        return []
    slots = Slots(kind.modulus)
    times = [row.time for row in rows]
    span = (min(times) - kind.modulus, max(times) + kind.modulus)
    where = (Filter("platform", "any", tuple(sorted({platform_of(row) for row in rows}))),)
    for there in recalled(store, kind.name, where=where, span=span):
        slots.occupy(_series(there, there.text("platform")), there.time, kind.identity(there))
    return [_at(row, platform_of(row), slots, kind) for row in rows]


def respelled(checkpoint: Checkpoint, store: Store, kind: Kind, written: Iterable[str] = ()) -> Iterator[Batch]:
    """Batches that move what an older version stored under another spelling of a network's name, such as `ig`.

    `written`: names of no known network as the source has them; older versions stored them in small letters. A point is
    written in its new place before it goes from the old one.
    """
    names = respellings(store, kind.name, written)
    if not names:
        return
    rows = recall(store, kind.name, where=(Filter("platform", "any", tuple(sorted(names))),))
    for begin in range(0, len(rows), _PORTION):
        some = rows[begin : begin + _PORTION]
        yield Batch(checkpoint, moved(store, kind, some, lambda row: names[row.text("platform")]))
        yield Batch(checkpoint, deleted=[row.point for row in some])


def respelled_fields(store: Store, name: str, where: tuple[Filter, ...] = ()) -> Iterator[list[Point]]:
    """The same for a measurement whose platform is a field: points keep their places and get the network's name."""
    names = respellings(store, name)
    if not names:
        return
    chosen = (*where, Filter("platform", "any", tuple(sorted(names))))
    rows = recall(store, name, (*measurement(name).tag_names, "platform"), chosen)
    for begin in range(0, len(rows), _PORTION):
        yield [
            Point(name, row.time, row.point.tags, {"platform": names[row.text("platform")]})
            for row in rows[begin : begin + _PORTION]
        ]


def respellings(store: Store, name: str, written: Iterable[str] = ()) -> dict[str, str]:
    """Platforms stored in a measurement that are another spelling of a name, and that name."""
    stored = stored_platforms(store, name)
    unknown = {identity_name(platform): platform for platform in sorted(written, reverse=True)}
    named = {
        platform: unknown.get(platform, platform) if unresolved(network) else network
        for platform in stored
        if (network := platform_named(platform)) is not None
    }
    return {old: new for old, new in named.items() if new != old}


def stored_platforms(store: Store, name: str) -> list[str]:
    """All that a measurement has points of."""
    bounds = store.bounds(name)
    return [] if bounds is None else store.values(name, "platform", bounds[0], bounds[1] + timedelta(milliseconds=1))


def _at(row: Known, platform: str, slots: Slots, kind: Kind) -> Point:
    declared = measurement(kind.name).tag_names
    tags = {name: row.values[name] for name in declared if name in row.values} | {"platform": platform}
    fields = {name: value for name, value in row.values.items() if name not in declared}
    return Point(kind.name, slots.take(_series(row, platform), row.time, kind.identity(row)), tags, fields)


def _series(row: Known, platform: str) -> str:
    """Points that may not share a time: those with the same tags."""
    others = [row.text(name) for name in measurement(row.measurement).tag_names if name != "platform"]
    return "\n".join((platform, *others))
