"""To posts their copies at services and on platforms. Pure."""

from __future__ import annotations

from collections import Counter
from datetime import date
from functools import cached_property

from collectors.journey.records import SERVICES, Item, Remote
from collectors.journey.thresholds import SECOND
from collectors.journey.trails import NEAR, SLACK, Names, Trail, Trails, index

_SAME_MOMENT = 120 * SECOND
_HANDED_OVER = (600 * SECOND, 3600 * SECOND)
"""The log tells all results of a run at its end: so long after and before it a post came to the service."""


def match_copies(remotes: list[Remote], trails: Trails, names: Names) -> None:
    """Network by network, so that only one's texts are looked up at a time."""
    items = index(trails.items, lambda item: item.platform)
    for platform, there in index(remotes, lambda one: one.platform).items():
        found = _Copies(platform, items.get(platform, []), trails, names)
        # services first: platforms' posts are then known by what those tell of them
        services = [one for one in there if one.by_service]
        found.match(sorted(services, key=lambda one: (SERVICES.index(one.source), one.time, one.post_id)), "service")
        shown = [one for one in there if not one.by_service]
        found.match(sorted(shown, key=lambda one: (one.source, one.time, one.post_id)), "platform")


class _Copies:
    """Of one network."""

    def __init__(self, platform: str, items: list[Item], trails: Trails, names: Names) -> None:
        self._platform = platform
        self._items = items
        self._trails = trails
        self._by_platform_id = names.platform[platform]
        self._by_service_id = names.service[platform]
        self._by_remote = names.remote
        self._texts: dict[str, tuple[Item, ...]] = {}
        """Most are of one item."""
        for item in items:
            for text in dict.fromkeys(item.texts):
                self._texts[text] = (*self._texts.get(text, ()), item)

    def match(self, remotes: list[Remote], kind: str) -> None:
        left: list[tuple[Remote, str]] = []
        for one in remotes:
            trail, rule = self._named(one)
            why = "no_calendar_item"
            if trail is None:
                same = self._texts.get(one.text, ())
                alike = [item for item in same if abs(item.time - _when(one)) <= NEAR]
                item, rule = self._alike(one, alike)
                trail = self._trails.of(item) if item else None
                why = "ambiguous" if alike else why
            if trail is None:
                left.append((one, why))
            else:
                self._give(one, trail, kind, rule)
        weak = self._weak([one for one, why in left if why != "ambiguous"], kind)
        for one, why in left:
            # several sources of a platform may tell of the same post
            trail, rule = weak.get((one.source, one.post_id)) or self._named(one)
            if trail is None:
                name = f"{one.platform} {one.platform_id}" if one.platform_id else f"{one.source} {one.post_id}"
                trail, rule = self._trails.own(f"{kind} {name}", one.platform, kind, kind, why), "own"
            self._give(one, trail, kind, rule)

    def _named(self, one: Remote) -> tuple[Trail | None, str]:
        """By ids: nothing can be surer."""
        if one.platform_id and (trail := self._by_platform_id.get(one.platform_id)):
            return trail, "platform_id"
        if one.by_service and (trail := self._by_service_id.get(one.post_id)):
            return trail, "service_id"
        return None, ""

    def _alike(self, one: Remote, alike: list[Item]) -> tuple[Item | None, str]:
        """Of items with its text: the only one, else the only one of its day, else the one handed over just then."""
        if len(alike) == 1:
            return alike[0], "text"
        of_day = [item for item in alike if item.day == one.day]
        if len(of_day) == 1:
            return of_day[0], "text_day"
        handed = [item for item in of_day or alike if self._handed_over(item, one)]
        return (handed[0], "text_time") if len(handed) == 1 else (None, "")

    def _handed_over(self, item: Item, one: Remote) -> bool:
        after, before = _HANDED_OVER
        return one.created is not None and any(
            attempt.accepted and attempt.time - before <= one.created <= attempt.time + after
            for attempt in self._trails.of(item).attempts
        )

    def _weak(self, left: list[Remote], kind: str) -> dict[tuple[str, str], tuple[Trail | None, str]]:
        """Where neither id nor text tells: times, and only where on both sides there is one choice."""
        pairs: dict[tuple[str, str], list[tuple[Trail, str]]] = {}
        rule = self._by_due if kind == "service" else self._by_sent
        for one in left:
            pairs[one.source, one.post_id] = rule(one)
        wanted = Counter(trail for choices in pairs.values() for trail, _ in choices)
        return {
            name: choices[0]
            for name, choices in pairs.items()
            if len(choices) == 1 and wanted[choices[0][0]] == 1
        }  # fmt: skip

    def _by_due(self, one: Remote) -> list[tuple[Trail, str]]:
        """Items without a copy at the service that are due at its minute, else those of its day that were handed over."""
        there = self._days.get(one.day, ())
        day = [(item, self._trails.of(item)) for item in there if not self._trails.of(item).remotes]
        exact = [
            trail for item, trail in day if item.timed and one.due is not None and abs(item.time - one.due) < SLACK
        ]
        if exact:
            return [(trail, "due_time") for trail in exact]
        return [(trail, "day_attempt") for item, trail in day if item.day == one.day and self._handed_over(item, one)]

    def _by_sent(self, one: Remote) -> list[tuple[Trail, str]]:
        """Posts of services that were sent just then and don't know their platform's id."""
        if one.sent is None:
            return []
        second = one.sent // _SAME_MOMENT
        found: list[tuple[Trail, str]] = []
        for bucket in (second - 1, second, second + 1):
            for trail, other in self._sent_at.get(bucket, ()):
                if abs((other.sent or 0) - one.sent) <= _SAME_MOMENT:
                    found.append((trail, "sent_time"))
        return found

    @cached_property
    def _sent_at(self) -> dict[int, list[tuple[Trail, Remote]]]:
        pairs = [
            (trail, remote)
            for trail in self._trails
            for remote in trail.remotes
            if trail.platform == self._platform
            if remote.by_service and remote.sent is not None and not remote.platform_id
        ]
        return index(pairs, lambda pair: (pair[1].sent or 0) // _SAME_MOMENT)

    @cached_property
    def _days(self) -> dict[date, list[Item]]:
        return index(self._items, lambda item: item.day)

    def _give(self, one: Remote, trail: Trail, kind: str, rule: str) -> None:
        trail.remotes += (one,)
        trail.note(kind, rule)
        self._by_remote[one.source, one.platform][one.post_id] = trail
        if one.platform_id:
            self._by_platform_id.setdefault(one.platform_id, trail)


def _when(one: Remote) -> int:
    return next(moment for moment in (one.due, one.sent, one.time) if moment is not None)
