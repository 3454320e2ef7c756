"""Posts, each with the records that were found to be of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import chain
from typing import TypeVar

from collectors.journey.records import Attempt, Delivered, Figures, Finished, Imported, Item, Queued, Remote
from collectors.journey.thresholds import DAY, SECOND
from metricstore.catalogue.journey import RULES
from metricstore.catalogue.model import INSTANT

NEAR = 45 * DAY
"""So far from the date it is meant for a post's copies at services are looked for…"""
BEFORE = 120 * DAY
"""…and so long before it the log's word of it: a batch of 80 covers 80 days."""
SLACK = 60 * SECOND
"""Clocks of one machine, records written a little late."""

Rules = tuple[tuple[str, str], ...]
Thing = TypeVar("Thing")
Key = TypeVar("Key", bound=Hashable)


@dataclass(slots=True, eq=False)
class Trail:
    """A post: every record that was found to be of it, and by which rule each kind was found.

    All are held at once, and most have one record of a kind or none: hence tuples.
    """

    platform: str
    anchor: str
    item: Item | None = None
    name: str = ""
    """What it is known by where it has no calendar item."""
    finished: Finished | None = None
    attempts: tuple[Attempt, ...] = ()
    queued: tuple[Queued, ...] = ()
    delivered: tuple[Delivered, ...] = ()
    remotes: tuple[Remote, ...] = ()
    figures: tuple[Figures, ...] = ()
    imported: tuple[Imported, ...] = ()
    found_by: Rules = ()
    unmatched: str = ""
    time: int = 0
    """What its point stands at, once it has its place."""
    time_kind: str = INSTANT
    """What kind of time that is."""

    @property
    def key(self) -> str:
        return self.name if self.item is None else f"calendar {self.item.post_id}"

    @property
    def rules(self) -> dict[str, str]:
        """By kind (log, attempts, scheduler, service, platform, figures): the weakest rule that was needed."""
        return dict(self.found_by)

    @property
    def topic(self) -> str:
        told = (self.item, self.finished, *self.attempts, *self.queued, *self.delivered, *self.imported)
        return next((one.topic for one in told if one is not None and one.topic), "")

    def note(self, kind: str, rule: str) -> None:
        """That records of this kind were found by this rule."""
        self.found_by = _noted(self.found_by, kind, rule)


class Trails:
    """All of them: one for each calendar item, and those of records that belong to no item."""

    def __init__(self, items: Iterable[Item]) -> None:
        self.items = sorted(items, key=lambda item: (item.time, item.post_id))
        self._planned = {item.post_id: Trail(item.platform, "calendar", item) for item in self.items}
        self._own: dict[str, Trail] = {}

    def __iter__(self) -> Iterator[Trail]:
        return chain(self._planned.values(), self._own.values())

    def of(self, item: Item) -> Trail:
        return self._planned[item.post_id]

    def own(self, name: str, platform: str, anchor: str, kind: str, why: str) -> Trail:
        """The trail of records that belong to no other."""
        trail = self._own.get(name)
        if trail is None:
            trail = self._own[name] = Trail(platform, anchor, name=name, unmatched=why)
            trail.note(kind, "own")
        return trail


def _by_name() -> dict[str, dict[str, Trail]]:
    return defaultdict(dict)


@dataclass
class Names:
    """Trails by the ids that sources gave their posts, for each network."""

    service: dict[str, dict[str, Trail]] = field(default_factory=_by_name)
    """Services' ids that the log read from their answers."""
    platform: dict[str, dict[str, Trail]] = field(default_factory=_by_name)
    """The network's own."""
    remote: dict[tuple[str, str], dict[str, Trail]] = field(default_factory=lambda: defaultdict(dict))
    """For each source and network the source's own."""


def index(things: Iterable[Thing], key: Callable[[Thing], Key]) -> dict[Key, list[Thing]]:
    found: dict[Key, list[Thing]] = defaultdict(list)
    for thing in things:
        found[key(thing)].append(thing)
    return dict(found)


@lru_cache(maxsize=1024)
def _noted(found_by: Rules, kind: str, rule: str) -> Rules:
    """The weakest rule is what a match must be judged by. Posts share these: there are few that differ."""
    rules = dict(found_by)
    before = rules.get(kind)
    if before is None or before == "own" or (rule != "own" and RULES.index(rule) > RULES.index(before)):
        rules[kind] = rule
    return tuple(sorted(rules.items()))
