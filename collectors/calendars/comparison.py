"""The calendars compared with what the store knows: which item is which post, and what is to be written and removed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from collectors.calendars.files import Files, Read
from collectors.calendars.known import holders_of, line, remembered
from collectors.calendars.parse import Item
from collectors.calendars.points import (
    TRANSITIONS,
    Last,
    Sighting,
    differs,
    last_transitions,
    post_fields,
    post_slots,
    status_moment,
    transition,
    transition_slots,
)
from collectors.calendars.recognition import Recogniser
from collectors.local_time import SECOND
from collectors.platform_moves import moved
from collectors.recall import Known, recall, recall_named
from collectors.slots import Slots
from metricstore.catalogue import measurement
from metricstore.point import Point
from metricstore.query import Filter
from metricstore.store import Store

_KEPT_COLUMNS = tuple(name for name in measurement("post").columns if name != "content")
_TRANSITION_COLUMNS = ("platform", "post_id", "to_status", "ordinal")
_Change = tuple[str, str, str, str, int, tuple[str, int]]
"""platform, post id, topic, status after, time, (file, line)"""
_CURRENT = (Filter("presence", "any", ("current",)),)


@dataclass(frozen=True)
class Standing:
    """Where an item stands."""

    read: Read
    place: int

    @property
    def item(self) -> Item:
        return self.read.items[self.place]


@dataclass
class Comparison:
    """One look at all of them."""

    files: Files
    store: Store
    zone: ZoneInfo
    """The source's."""
    kept_from: int | None = None
    """What of `post` is dated before (nanoseconds) is older than posts are kept."""
    rereading: bool = False
    """Whether what is stored was made by an older version, of the very files that are here."""
    left_transitions: list[Point] = field(default_factory=list)
    """Where the transitions of posts with another platform were. Known when all `points` have been made."""
    outdated: list[Point] = field(default_factory=list)
    """Known when all `points` have been made."""
    known: dict[str, list[Known]] = field(default_factory=dict)
    """Stored points by post id; more than one only between a move and the deletion of the old place."""
    holders: dict[str, dict[str, str]] = field(default_factory=dict)
    """By post id: the files that hold it, each with the revision it came in."""
    slots: Slots = field(default_factory=post_slots)
    winners: dict[str, Standing] = field(default_factory=dict)
    """By post id: the item whose word counts, of posts that need a look."""
    gone: list[str] = field(default_factory=list)
    doubles: list[str] = field(default_factory=list)
    """Posts that another post stands for."""

    def compare(self) -> None:
        """Raises Shifted."""
        for one in recall(self.store, "post", _KEPT_COLUMNS, _CURRENT):
            self.known.setdefault(one.text("post_id"), []).append(one)
        current = set(self.known)
        named = self._name_items()
        winners = {
            name: one
            for name, one in named.items()
            if not (self._as_stored(name, one.read) or self._is_too_old(name, one.item))
        }
        homeless = {name: one.item for name, one in winners.items() if not self._there(name, one.item)}
        self._recall_neighbours(homeless, current)
        claimed = self._claimed_by_unready(winners)
        self.winners = {name: winner for name, winner in winners.items() if name not in claimed}
        gone = current - set(self.holders)
        if self.rereading and gone:
            # copies whose networks an older version took for different ones are one post
            keys = {one.item.key for one in named.values()}
            self.doubles = sorted(
                name for name in gone if remembered(name, self.known[name][-1], self.zone).key in keys
            )
        self.gone = sorted(gone - set(self.doubles))

    def points(self) -> Iterator[Point]:
        """What is to be written."""
        yield from self._moved_transitions()
        yield from self._transitions(self.winners, self.gone)
        yield from self._posts(self.winners, self.gone)

    def _name_items(self) -> dict[str, Standing]:
        """Give every item its post; where files share a post, the first file's word counts."""
        recogniser = Recogniser([remembered(name, rows[-1], self.zone) for name, rows in self.known.items()])
        winners: dict[str, Standing] = {}
        readable = {one.name for one in self.files.read}
        stored = {name: holders_of(rows[-1]) for name, rows in self.known.items()}
        held: dict[str, list[tuple[str, str]]] = {}
        for name, places in stored.items():  # nothing is known against files that can't be read now or have vanished
            elsewhere = {file: since for file, since in places.items() if file not in readable}
            if elsewhere:
                self.holders[name] = elsewhere
            for file, since in places.items():
                held.setdefault(file, []).append((name, since))
        for read in self.files.read:
            kept = self.files.memory[read.name]
            since = read.digest[:8]
            # what an interrupted run stored of this very revision was not there before
            before = {name for name, earlier in held.get(read.name, ()) if self.rereading or earlier != since}
            names = list(kept.get("posts", ()))
            if read.name in self.files.changed or len(names) != read.size:
                names = recogniser.name(read.items, before)
            kept["posts"] = names
            for place, name in enumerate(names):
                known = stored.get(name, {})
                self.holders.setdefault(name, {}).setdefault(read.name, known.get(read.name, since))
                winners.setdefault(name, Standing(read, place))
        return winners

    def _as_stored(self, name: str, read: Read) -> bool:
        """Whether a post of a file that is as it was needs no second look."""
        rows = self.known.get(name, [])
        if read.looked_into or len(rows) != 1:
            return False
        return rows[0].text("file") == read.name and holders_of(rows[0]) == self.holders[name]

    def _is_too_old(self, name: str, item: Item) -> bool:
        """Whether it was deleted because of its age, or never stored: its statuses are no news either."""
        return self.kept_from is not None and name not in self.known and item.stored_second < self.kept_from

    def _recall_neighbours(self, homeless: dict[str, Item], current: set[str]) -> None:
        """For posts that have no point yet: replaced ones that return, and the timestamps others have."""
        if not homeless:
            return
        for one in recall_named(self.store, "post", "post_id", sorted(set(homeless) - current), _KEPT_COLUMNS):
            self.known.setdefault(one.text("post_id"), []).append(one)
        seconds = [item.stored_second for item in homeless.values()]
        for one in recall(self.store, "post", _KEPT_COLUMNS, (), (min(seconds), max(seconds) + SECOND)):
            self.slots.occupy(line(one.text("platform"), one.text("time_kind")), one.time, one.text("post_id"))

    def _claimed_by_unready(self, winners: dict[str, Standing]) -> set[str]:
        """Posts whose word belongs to a calendar that is half-written just now."""
        return {
            name for name in winners if name in self.known and self.known[name][-1].text("file") in self.files.unready
        }

    def _moved_transitions(self) -> Iterator[Point]:
        """Those of posts whose platform is written otherwise now."""
        platforms = {
            name: one.item.platform for name, one in self.winners.items()
            if any(row.text("platform") != one.item.platform for row in self.known.get(name, ()))
        }  # fmt: skip
        stored = recall_named(self.store, "post_transition", "post_id", sorted(platforms), TRANSITIONS.columns)
        rows = [row for row in stored if row.text("platform") != platforms[row.text("post_id")]]
        doubled = recall_named(self.store, "post_transition", "post_id", self.doubles, TRANSITIONS.columns)
        self.left_transitions = [row.point for row in (*rows, *doubled)]
        yield from moved(self.store, TRANSITIONS, rows, lambda row: platforms[row.text("post_id")])

    def _transitions(self, winners: dict[str, Standing], gone: list[str]) -> Iterator[Point]:
        aims = {name: one.item.status for name, one in winners.items()} | dict.fromkeys(gone, "replaced")
        pending = sorted(name for name, status in aims.items() if status != self._status(name))
        stored = recall_named(self.store, "post_transition", "post_id", pending, _TRANSITION_COLUMNS)
        last = last_transitions(stored)
        modified = {one.name: one.stamp.mtime_ns for one in self.files.read}
        wanted: list[_Change] = []
        for name in pending:
            if name in last and last[name].status == aims[name]:
                continue  # written by a run that was interrupted before the post
            if name in winners:
                read, item = winners[name].read, winners[name].item
                before = last.get(name)
                time = status_moment(
                    item, self._sighting(read), first=before is None, after=before.time if before else None
                )
                wanted.append((item.platform, name, item.topic, item.status, time, (read.name, item.line)))
            else:
                row = self.known[name][-1]
                place = (row.text("file"), int(row.values.get("line", 0)))
                wanted.append((row.text("platform"), name, row.text("topic"), "replaced", modified[place[0]], place))
        return self._numbered(wanted, last)

    def _numbered(self, wanted: list[_Change], last: dict[str, Last]) -> Iterator[Point]:
        if not wanted:
            return
        slots = transition_slots()
        times = [time for _, _, _, _, time, _ in wanted]
        span = (min(times) - SECOND, max(times) + SECOND)
        for one in recall(self.store, "post_transition", _TRANSITION_COLUMNS, (), span):
            slots.occupy(one.text("platform"), one.time, f"{one.text('post_id')}/{one.values.get('ordinal', 0)}")
        for platform, name, topic, status, time, place in wanted:
            yield transition(platform, name, topic, status, time, place, last.get(name), slots)

    def _there(self, name: str, item: Item) -> list[Known]:
        """The stored points of a post that are at its time."""
        return [
            row
            for row in self.known.get(name, [])
            if row.time - row.time % SECOND == item.stored_second
            and (row.text("platform"), row.text("time_kind")) == (item.platform, item.time_kind)
        ]

    def _status(self, name: str) -> str | None:
        if name not in self.known:
            return None
        row = self.known[name][-1]
        return row.text("status") if row.text("presence") == "current" else "replaced"

    def _posts(self, winners: dict[str, Standing], gone: list[str]) -> Iterator[Point]:
        for name, one in sorted(winners.items()):
            read, item = one.read, one.item
            rows = self.known.get(name, [])
            there = self._there(name, item)
            series = line(item.platform, item.time_kind)
            time = there[-1].time if there else self.slots.take(series, item.stored_second, name)
            before = (there or rows)[-1].values if rows else {}
            fields = post_fields(name, item, self._sighting(read), self.holders[name], before)
            if not there or differs(fields, before):
                yield Point("post", time, {"platform": item.platform, "time_kind": item.time_kind}, fields)
            self.outdated.extend(row.point for row in rows if row not in there[-1:])
        self.outdated.extend(row.point for name in self.doubles for row in self.known[name])
        for name in gone:
            for row in self.known[name]:
                yield Point("post", row.time, row.point.tags, {"post_id": name, "presence": "replaced"})

    def _sighting(self, read: Read) -> Sighting:
        return Sighting(
            read.name, read.digest, read.modified, read.stamp.mtime_ns, read.size,
            datetime.now(UTC).isoformat(timespec="milliseconds"),
        )  # fmt: skip
