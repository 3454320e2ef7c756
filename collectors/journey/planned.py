"""To posts what the log and the observed scheduler tell of them until they are handed over. Pure."""

from __future__ import annotations

from datetime import date
from functools import cached_property

from collectors.journey.records import Attempt, Item, Records
from collectors.journey.trails import BEFORE, NEAR, SLACK, Names, Trail, Trails, index


def match_planned(records: Records, trails: Trails, names: Names) -> None:
    found = _Planned(records, trails, names)
    found.finished()
    found.queue()
    found.attempts()


class _Planned:
    def __init__(self, records: Records, trails: Trails, names: Names) -> None:
        self._records = records
        self._trails = trails
        self._names = names
        self._by_item_id: dict[str, Trail] = {}

    def finished(self) -> None:
        """By the calendar its batch wrote (`outcomes` tells) and its place in it."""
        calendars = index(self._trails.items, lambda item: (item.platform, item.revision))
        for calendar, claims in index(self._records.finished, lambda one: (one.platform, one.revision)).items():
            places = index(calendars.get(calendar, ()), lambda item: item.position)
            for place, claimants in index(claims, lambda one: one.position).items():
                there = places.get(place, []) if calendar[1] and place is not None else []
                if len(there) == len(claimants) == 1:
                    trail = self._trails.of(there[0])
                    trail.finished = claimants[0]
                    trail.note("log", "batch_position")
                    continue
                why = "ambiguous" if there else "item_missing" if calendar[1] else "calendar_not_seen"
                for one in claimants:
                    self._trails.own(f"log {one.platform} {one.time}", one.platform, "log", "log", why).finished = one

    def queue(self) -> None:
        """By number, topic and day; a retry may fall on the next day. What it delivered goes by the scheduler's id."""
        for one in sorted(self._records.queued, key=lambda one: (one.due, one.item_id)):
            found = self._of_day(one.platform, one.number, one.topic, one.day)
            if len(found) == 1:
                trail = self._trails.of(found[0])
                trail.note("scheduler", "number_topic_day")
            else:
                why = "ambiguous" if found else "no_calendar_item"
                name = f"queue {one.platform} {one.number} {one.topic} {one.day}"
                trail = self._trails.own(name, one.platform, "scheduler", "scheduler", why)
            trail.queued += (one,)
            self._by_item_id[one.item_id] = trail
        for end in sorted(self._records.delivered, key=lambda one: (one.time, one.item_id)):
            there = self._by_item_id.get(end.item_id)
            if there is None:
                name = f"delivered {end.platform} {end.item_id}"
                there = self._trails.own(name, end.platform, "scheduler", "scheduler", "no_queue_item")
                self._by_item_id[end.item_id] = there
            there.delivered += (end,)

    def _of_day(self, platform: str, number: int | None, topic: str, day: date) -> list[Item]:
        if not topic or number is None:
            return []
        near = [item for item in self._by_topic.get((platform, number, topic), ()) if abs((item.day - day).days) <= 1]
        return [item for item in near if item.day == day] or near

    def attempts(self) -> None:
        """By the scheduler's id, else by number and topic in the calendar that was the latest when it was tried."""
        for one in sorted(self._records.attempts, key=lambda one: (one.time, one.line)):
            if one.item_id:
                trail = self._by_item_id.get(one.item_id)
                rule, why = "item_id", "no_queue_item"
            else:
                found = self._loaded(one)
                trail = self._trails.of(found[0]) if len(found) == 1 else None
                rule, why = "number_topic", "ambiguous" if found else "no_calendar_item"
            if trail is None:
                name = one.item_id or f"{one.file} {one.line} {one.number} {one.topic or one.time}"
                trail = self._trails.own(f"attempt {one.platform} {name}", one.platform, "log", "attempts", why)
            else:
                trail.note("attempts", rule)
            trail.attempts += (one,)
            if one.service_id:
                self._names.service[trail.platform].setdefault(one.service_id, trail)

    def _loaded(self, one: Attempt) -> list[Item]:
        """Items with the attempt's number and topic in the newest calendar that was there already."""
        if not one.topic or one.number is None:
            return []
        there = [
            item
            for item in self._by_topic.get((one.platform, one.number, one.topic), ())
            if -NEAR <= item.time - one.time <= BEFORE and self._made(item) <= one.time + SLACK
        ]
        newest = max((self._made(item) for item in there), default=0)
        return [item for item in there if self._made(item) == newest]

    def _made(self, item: Item) -> int:
        """When it came into its calendar: by the log, else by the file's time, which a copied file has lost."""
        finished = self._trails.of(item).finished
        return finished.time if finished is not None else item.written or item.time

    @cached_property
    def _by_topic(self) -> dict[tuple[str, int | None, str], list[Item]]:
        return index(self._trails.items, lambda item: (item.platform, item.number, item.topic))
