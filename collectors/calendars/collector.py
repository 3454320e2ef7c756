"""Calendars: every item one `post` however often its file is rewritten, every change of status one `post_transition`.

What is known of posts is read back from the store, not from the checkpoint: whatever of an interrupted run was
stored is found again and completed. The checkpoint remembers only which file state was dealt with. Files that did not
change since a run of this very process ended well are not looked into again, unless a post they hold asks for it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

from collectors.base import Batch, Checkpoint, Problem
from collectors.calendars.files import Files, Read, Shifted, any_changed, read_anew, read_files
from collectors.calendars.known import holders_of, line, remembered
from collectors.calendars.parse import Item
from collectors.calendars.points import (
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
from collectors.recall import Known, recall, recall_named
from collectors.slots import Slots
from collectors.source import Source
from collectors.time_kinds import converted
from metricstore.catalogue import measurement
from metricstore.point import Point
from metricstore.query import Filter
from metricstore.store import Store

_KEPT_COLUMNS = tuple(name for name in measurement("post").columns if name != "content")
_TRANSITION_COLUMNS = ("platform", "post_id", "to_status", "ordinal")
_Change = tuple[str, str, str, str, int, tuple[str, int]]
"""platform, post id, topic, status after, time, (file, line)"""
_BATCH_POINTS = 500
_VERSION = 2
"""Of what is made of an item: files are read anew when it moves on. Since 2 a date is stored as a date."""
_CURRENT = (Filter("presence", "any", ("current",)),)


class CalendarsCollector:
    """Reads the calendars of a source; see README.md beside this file."""

    name = "calendars"
    interval_seconds = 30.0

    def __init__(self, source: Source) -> None:
        self.source = source
        self._sure: bytes | None = None
        """Of the checkpoint of the last run that ended well: all that it speaks of is stored. A year's posts are
        many objects, which would keep the memory around them from being given back."""

    def validate(self) -> list[Problem]:
        return [
            Problem(f"calendar {path} does not exist", "create it or take it out of the settings")
            for path in self.source.calendars
            if not path.exists()
        ]

    def watched(self) -> list[Path]:
        return [*self.source.calendars] or [self.source.outputs, self.source.root / "production_content_calendar.json"]

    def collect(self, checkpoint: Checkpoint, store: Store) -> Iterator[Batch]:
        """What is new, transitions first, and last of all what posts that have moved leave behind."""
        if checkpoint.get("version") != _VERSION:
            yield from converted(store, "post", self.source.zone, checkpoint)
            checkpoint = read_anew(checkpoint)
        if not any_changed(self.source, checkpoint):
            return
        trusting = _digest(checkpoint) == self._sure
        self._sure = None
        files, run = self._compared(checkpoint, store, trusting=trusting)
        after: Checkpoint = {"version": _VERSION, "files": files.memory}
        if run is not None:
            yield from _batches(run, checkpoint, after)
        elif after != checkpoint or files.letters:
            yield Batch(after, dead_letters=files.letters)
        self._sure = _digest(after)

    def _compared(self, checkpoint: Checkpoint, store: Store, *, trusting: bool) -> tuple[Files, _Run | None]:
        """The calendars, and what is new in them; None when nothing is."""
        files = read_files(self.source, checkpoint, trusting=trusting)
        if not files.changed:
            return files, None
        run = _Run(files, store, self.source)
        try:
            run.compare()
        except Shifted:
            return self._compared(checkpoint, store, trusting=False)
        return files, run


def _batches(run: _Run, before: Checkpoint, after: Checkpoint) -> Iterator[Batch]:
    """Points are made as they are taken: those of a year's calendars need not be there at once."""
    files, points = run.files, run.points()
    while len(some := list(islice(points, _BATCH_POINTS))) == _BATCH_POINTS:
        yield Batch(before, some)
    read = [one for one in files.read if one.name in files.changed]
    yield Batch(
        before if run.outdated else after, some, dead_letters=files.letters,
        records=sum(one.size for one in read), bytes=sum(one.stamp.size for one in read),
    )  # fmt: skip
    if run.outdated:
        yield Batch(after, deleted=run.outdated)


def _digest(checkpoint: Checkpoint) -> bytes:
    """The same for what is remembered and for what is read again."""
    return hashlib.sha256(json.dumps(checkpoint, sort_keys=True).encode()).digest()


@dataclass(frozen=True)
class _Place:
    """Where an item stands."""

    read: Read
    place: int

    @property
    def item(self) -> Item:
        return self.read.items[self.place]


@dataclass
class _Run:
    """One comparison of the calendars with the store."""

    files: Files
    store: Store
    source: Source
    outdated: list[Point] = field(default_factory=list)
    """Known when all `points` have been made."""
    known: dict[str, list[Known]] = field(default_factory=dict)
    """Stored points by post id; more than one only between a move and the deletion of the old place."""
    holders: dict[str, dict[str, str]] = field(default_factory=dict)
    """By post id: the files that hold it, each with the revision it came in."""
    slots: Slots = field(default_factory=post_slots)
    winners: dict[str, _Place] = field(default_factory=dict)
    """By post id: the item whose word counts, of posts that need a look."""
    gone: list[str] = field(default_factory=list)

    def compare(self) -> None:
        """Raises Shifted."""
        for one in recall(self.store, "post", _KEPT_COLUMNS, _CURRENT):
            self.known.setdefault(one.text("post_id"), []).append(one)
        current = set(self.known)
        winners = {name: one for name, one in self._name_items().items() if not self._as_stored(name, one.read)}
        homeless = {name: one.item for name, one in winners.items() if not self._there(name, one.item)}
        self._recall_neighbours(homeless, current)
        claimed = self._claimed_by_unready(winners)
        self.winners = {name: winner for name, winner in winners.items() if name not in claimed}
        self.gone = sorted(name for name in current - set(self.holders))

    def points(self) -> Iterator[Point]:
        """What is to be written."""
        yield from self._transitions(self.winners, self.gone)
        yield from self._posts(self.winners, self.gone)

    def _name_items(self) -> dict[str, _Place]:
        """Give every item its post; where files share a post, the first file's word counts."""
        recogniser = Recogniser([remembered(name, rows[-1], self.source.zone) for name, rows in self.known.items()])
        winners: dict[str, _Place] = {}
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
            before = {name for name, earlier in held.get(read.name, ()) if earlier != since}
            names = list(kept.get("posts", ()))
            if read.name in self.files.changed or len(names) != read.size:
                names = recogniser.name(read.items, before)
            kept["posts"] = names
            for place, name in enumerate(names):
                known = stored.get(name, {})
                self.holders.setdefault(name, {}).setdefault(read.name, known.get(read.name, since))
                winners.setdefault(name, _Place(read, place))
        return winners

    def _as_stored(self, name: str, read: Read) -> bool:
        """Whether a post of a file that is as it was needs no second look."""
        rows = self.known.get(name, [])
        if read.looked_into or len(rows) != 1:
            return False
        return rows[0].text("file") == read.name and holders_of(rows[0]) == self.holders[name]

    def _recall_neighbours(self, homeless: dict[str, Item], current: set[str]) -> None:
        """For posts that have no point yet: replaced ones that return, and the timestamps others have."""
        if not homeless:
            return
        for one in recall_named(self.store, "post", "post_id", sorted(set(homeless) - current), _KEPT_COLUMNS):
            self.known.setdefault(one.text("post_id"), []).append(one)
        seconds = [item.stored_second for item in homeless.values()]
        for one in recall(self.store, "post", _KEPT_COLUMNS, (), (min(seconds), max(seconds) + SECOND)):
            self.slots.occupy(line(one.text("platform"), one.text("time_kind")), one.time, one.text("post_id"))

    def _claimed_by_unready(self, winners: dict[str, _Place]) -> set[str]:
        """Posts whose word belongs to a calendar that is half-written just now."""
        return {
            name for name in winners if name in self.known and self.known[name][-1].text("file") in self.files.unready
        }

    def _transitions(self, winners: dict[str, _Place], gone: list[str]) -> Iterator[Point]:
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

    def _posts(self, winners: dict[str, _Place], gone: list[str]) -> Iterator[Point]:
        for name, one in sorted(winners.items()):
            read, item = one.read, one.item
            rows = self.known.get(name, [])
            there = self._there(name, item)
            time = (
                there[-1].time
                if there
                else self.slots.take(line(item.platform, item.time_kind), item.stored_second, name)
            )
            before = (there or rows)[-1].values if rows else {}
            fields = post_fields(name, item, self._sighting(read), self.holders[name], before)
            if not there or differs(fields, before):
                yield Point("post", time, {"platform": item.platform, "time_kind": item.time_kind}, fields)
            self.outdated.extend(row.point for row in rows if row not in there[-1:])
        for name in gone:
            for row in self.known[name]:
                yield Point("post", row.time, row.point.tags, {"post_id": name, "presence": "replaced"})

    def _sighting(self, read: Read) -> Sighting:
        return Sighting(
            read.name, read.digest, read.modified, read.stamp.mtime_ns, read.size,
            datetime.now(UTC).isoformat(timespec="milliseconds"),
        )  # fmt: skip
