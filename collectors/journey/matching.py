"""Records of all sources to posts, by rules in the order of how far they can be trusted. Pure.

Every record ends in exactly one trail. A rule applies only where it leaves a single post to choose; where it leaves
several, the record stays by itself and says `ambiguous`. The order in which records are given does not matter.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable
from datetime import date
from functools import cached_property
from typing import TypeVar

from collectors.journey.records import (
    SERVICES,
    Attempt,
    Item,
    Records,
    Remote,
    Trail,
)
from metricstore.catalogue.journey import RULES

SECOND = 1_000_000_000
DAY = 86_400 * SECOND
NEAR = 45 * DAY
"""So far from the date it is meant for a post's copies at services are looked for…"""
BEFORE = 120 * DAY
"""…and so long before it the log's word of it: a batch of 80 covers 80 days."""
_SLACK = 60 * SECOND
"""Clocks of one machine, records written a little late."""
_SAME_MOMENT = 120 * SECOND
_HANDED_OVER = (600 * SECOND, 3600 * SECOND)
"""The log tells all results of a run at its end: so long after and before it a post came to the service."""

Thing = TypeVar("Thing")
Key = TypeVar("Key", bound=Hashable)


def matched(records: Records) -> list[Trail]:
    """Every record in one trail, sorted by the trails' keys."""
    found = _Matching(records)
    found.run()
    return sorted(found.trails.values(), key=lambda trail: trail.key)


class _Matching:
    def __init__(self, records: Records) -> None:
        self.records = records
        self.trails: dict[str, Trail] = {}
        self.items = sorted(records.items, key=lambda item: (item.time, item.post_id))
        for item in self.items:
            self.trails[_item_key(item)] = Trail(_item_key(item), item.platform, "calendar", item)
        self.by_topic = _index(self.items, lambda item: (item.platform, item.number, item.topic))
        self.by_item_id: dict[str, Trail] = {}
        self.by_service_id: dict[tuple[str, str], Trail] = {}
        """Ids that the log read from the service's answers."""
        self.by_remote: dict[tuple[str, str, str], Trail] = {}
        self.by_platform_id: dict[tuple[str, str], Trail] = {}

    def run(self) -> None:
        self._finished()
        self._queue()
        self._attempts()
        services = [remote for remote in self.records.remotes if remote.by_service]
        self._remotes(sorted(services, key=lambda one: (SERVICES.index(one.source), one.time, one.post_id)), "service")
        platforms = [remote for remote in self.records.remotes if not remote.by_service]
        self._remotes(sorted(platforms, key=lambda one: (one.source, one.time, one.post_id)), "platform")
        self._figures()
        self._imported()

    # -- log ----------------------------------------------------------------------------------------------------

    def _finished(self) -> None:
        """By the calendar its batch wrote (`outcomes` tells) and its place in it."""
        places = _index(self.items, lambda item: (item.platform, item.revision, item.position))
        claims = _index(self.records.finished, lambda one: (one.platform, one.revision, one.position))
        for place, claimants in claims.items():
            there = places.get(place, []) if place[1] and place[2] is not None else []
            if len(there) == len(claimants) == 1:
                trail = self._of(there[0])
                trail.finished = claimants[0]
                _note(trail, "log", "batch_position")
                continue
            why = "ambiguous" if there else "item_missing" if place[1] else "calendar_not_seen"
            for one in claimants:
                self._own(f"log {one.platform} {one.time}", one.platform, "log", "log", why).finished = one

    def _attempts(self) -> None:
        """By the scheduler's id, else by number and topic in the calendar that was the latest when it was tried."""
        for one in sorted(self.records.attempts, key=lambda one: (one.time, one.line)):
            if one.item_id:
                trail = self.by_item_id.get(one.item_id)
                rule, why = "item_id", "no_queue_item"
            else:
                found = self._loaded(one)
                trail = self._of(found[0]) if len(found) == 1 else None
                rule, why = "number_topic", "ambiguous" if found else "no_calendar_item"
            if trail is None:
                name = one.item_id or f"{one.file} {one.line} {one.number} {one.topic or one.time}"
                trail = self._own(f"attempt {one.platform} {name}", one.platform, "log", "attempts", why)
            else:
                _note(trail, "attempts", rule)
            trail.attempts.append(one)
            if one.service_id:
                self.by_service_id.setdefault((trail.platform, one.service_id), trail)

    def _loaded(self, one: Attempt) -> list[Item]:
        """Items with the attempt's number and topic in the newest calendar that was there already."""
        if not one.topic or one.number is None:
            return []
        there = [
            item
            for item in self.by_topic.get((one.platform, one.number, one.topic), ())
            if -NEAR <= item.time - one.time <= BEFORE and self._made(item) <= one.time + _SLACK
        ]
        newest = max((self._made(item) for item in there), default=0)
        return [item for item in there if self._made(item) == newest]

    def _made(self, item: Item) -> int:
        """When it came into its calendar: by the log, else by the file's time, which a copied file has lost."""
        finished = self._of(item).finished
        return finished.time if finished is not None else item.written or item.time

    # -- the observed scheduler ---------------------------------------------------------------------------------

    def _queue(self) -> None:
        """By number, topic and day; a retry may fall on the next day. What it delivered goes by the scheduler's id."""
        for one in sorted(self.records.queued, key=lambda one: (one.due, one.item_id)):
            found = self._of_day(one.platform, one.number, one.topic, one.day)
            if len(found) == 1:
                trail = self._of(found[0])
                _note(trail, "scheduler", "number_topic_day")
            else:
                why = "ambiguous" if found else "no_calendar_item"
                name = f"queue {one.platform} {one.number} {one.topic} {one.day}"
                trail = self._own(name, one.platform, "scheduler", "scheduler", why)
            trail.queued.append(one)
            self.by_item_id[one.item_id] = trail
        for end in sorted(self.records.delivered, key=lambda one: (one.time, one.item_id)):
            there = self.by_item_id.get(end.item_id)
            if there is None:
                name = f"delivered {end.platform} {end.item_id}"
                there = self._own(name, end.platform, "scheduler", "scheduler", "no_queue_item")
                self.by_item_id[end.item_id] = there
            there.delivered.append(end)

    def _of_day(self, platform: str, number: int | None, topic: str, day: date) -> list[Item]:
        if not topic or number is None:
            return []
        near = [item for item in self.by_topic.get((platform, number, topic), ()) if abs((item.day - day).days) <= 1]
        return [item for item in near if item.day == day] or near

    # -- services and platforms ---------------------------------------------------------------------------------

    def _remotes(self, remotes: list[Remote], kind: str) -> None:
        texts = _index(((text, item) for item in self.items for text in dict.fromkeys(item.texts)),
                       lambda pair: (pair[1].platform, pair[0]))  # fmt: skip
        left: list[tuple[Remote, str]] = []
        for one in remotes:
            trail, rule = self._named(one)
            why = "no_calendar_item"
            if trail is None:
                alike = [
                    item for _, item in texts.get((one.platform, one.text), ()) if abs(item.time - _when(one)) <= NEAR
                ]
                item, rule = self._alike(one, alike)
                trail = self._of(item) if item else None
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
                trail, rule = self._own(f"{kind} {name}", one.platform, kind, kind, why), "own"
            self._give(one, trail, kind, rule)

    def _named(self, one: Remote) -> tuple[Trail | None, str]:
        """By ids: nothing can be surer."""
        if one.platform_id and (trail := self.by_platform_id.get((one.platform, one.platform_id))):
            return trail, "platform_id"
        if one.by_service and (trail := self.by_service_id.get((one.platform, one.post_id))):
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
            for attempt in self._of(item).attempts
        )

    def _weak(self, left: list[Remote], kind: str) -> dict[tuple[str, str], tuple[Trail | None, str]]:
        """Where neither id nor text tells: times, and only where on both sides there is one choice."""
        pairs: dict[tuple[str, str], list[tuple[Trail, str]]] = {}
        rule = self._by_due if kind == "service" else self._by_sent
        for one in left:
            pairs[one.source, one.post_id] = rule(one)
        wanted: dict[str, int] = defaultdict(int)
        for choices in pairs.values():
            for trail, _ in choices:
                wanted[trail.key] += 1
        return {
            name: choices[0]
            for name, choices in pairs.items()
            if len(choices) == 1 and wanted[choices[0][0].key] == 1
        }  # fmt: skip

    def _by_due(self, one: Remote) -> list[tuple[Trail, str]]:
        """Items without a copy at the service that are due at its minute, else those of its day that were handed over."""
        there = self._days.get((one.platform, one.day), ())
        day = [(item, self._of(item)) for item in there if not self._of(item).remotes]
        exact = [
            trail for item, trail in day if item.timed and one.due is not None and abs(item.time - one.due) < _SLACK
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
            for trail, other in self._sent_at.get((one.platform, bucket), ()):
                if abs((other.sent or 0) - one.sent) <= _SAME_MOMENT:
                    found.append((trail, "sent_time"))
        return found

    @cached_property
    def _sent_at(self) -> dict[tuple[str, int], list[tuple[Trail, Remote]]]:
        pairs = [
            (trail, remote)
            for trail in self.trails.values()
            for remote in trail.remotes
            if remote.by_service and remote.sent is not None and not remote.platform_id
        ]
        return _index(pairs, lambda pair: (pair[1].platform, (pair[1].sent or 0) // _SAME_MOMENT))

    @cached_property
    def _days(self) -> dict[tuple[str, date], list[Item]]:
        return _index(self.items, lambda item: (item.platform, item.day))

    def _give(self, one: Remote, trail: Trail, kind: str, rule: str) -> None:
        trail.remotes.append(one)
        _note(trail, kind, rule)
        self.by_remote[one.source, one.platform, one.post_id] = trail
        if one.platform_id:
            self.by_platform_id.setdefault((one.platform, one.platform_id), trail)

    # -- figures ------------------------------------------------------------------------------------------------

    def _figures(self) -> None:
        """By the source's own id, else by the platform's."""
        for one in sorted(self.records.figures, key=lambda one: (one.source, one.post_id)):
            trail, rule = self.by_remote.get((one.source, one.platform, one.post_id)), "service_id"
            if trail is None:
                trail, rule = self.by_platform_id.get((one.platform, one.post_id)), "platform_id"
            if trail is None:
                name = f"platform {one.platform} {one.post_id}"
                trail, rule = self._own(name, one.platform, "platform", "figures", "no_such_post"), "own"
            trail.figures.append(one)
            _note(trail, "figures", rule)

    def _imported(self) -> None:
        """By number, topic and day; where rows or items have no numbers by topic and day."""
        topics = _index(self.items, lambda item: (item.platform, item.topic[:_TOPIC]))
        for one in sorted(self.records.imported, key=lambda one: (one.time, one.row_id)):
            near = [item for item in topics.get((one.platform, one.topic), ()) if abs((item.day - one.day).days) <= 1] if one.topic else []  # fmt: skip
            numbered = one.number is not None and any(item.number is not None for item in near)
            if numbered:
                near = [item for item in near if item.number == one.number]
            found = [item for item in near if item.day == one.day] or near
            if len(found) == 1:
                trail, rule = self._of(found[0]), "number_topic_day" if numbered else "topic_day"
            else:
                why = "ambiguous" if found else "no_calendar_item"
                name = f"import {one.platform} {one.row_id}"
                trail, rule = self._own(name, one.platform, "import", "figures", why), "own"
            trail.imported.append(one)
            _note(trail, "figures", rule)

    # -- trails -------------------------------------------------------------------------------------------------

    def _of(self, item: Item) -> Trail:
        return self.trails[_item_key(item)]

    def _own(self, key: str, platform: str, anchor: str, kind: str, why: str) -> Trail:
        """The trail of records that belong to no other."""
        trail = self.trails.get(key)
        if trail is None:
            trail = self.trails[key] = Trail(key, platform, anchor, unmatched=why)
            trail.rules[kind] = "own"
        return trail


_TOPIC = 200
"""What imported rows keep of a topic."""


def _item_key(item: Item) -> str:
    return f"calendar {item.post_id}"


def _when(one: Remote) -> int:
    return next(moment for moment in (one.due, one.sent, one.time) if moment is not None)


def _index(things: Iterable[Thing], key: Callable[[Thing], Key]) -> dict[Key, list[Thing]]:
    found: dict[Key, list[Thing]] = defaultdict(list)
    for thing in things:
        found[key(thing)].append(thing)
    return dict(found)


def _note(trail: Trail, kind: str, rule: str) -> None:
    """The weakest rule is what a match must be judged by."""
    before = trail.rules.get(kind)
    if before is None or before == "own" or (rule != "own" and RULES.index(rule) > RULES.index(before)):
        trail.rules[kind] = rule
