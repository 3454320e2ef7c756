"""Calendar files as they are now, and what the checkpoint remembers of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from collectors.base import Checkpoint, DeadLetter
from collectors.calendars.parse import Item, NoCalendar, Rejected, parse_calendar
from collectors.dead_items import fresh_letters
from collectors.json_places import NotJson
from collectors.local_time import SECOND
from collectors.reading import Stamp, Unready, Whole, read_whole, remember, same_state, stamp_of, unchanged
from collectors.source import Source

_LEADING = ("content_calendar.json", "twitter_calendar.json", "instagram_calendar.json")
"""The calendars the web UI edits: their word on a post goes before that of copies."""

_REPORTED = ("rejected", "trouble")
"""What a checkpoint knows of dead letters."""


class Shifted(Exception):
    """A file that had not changed did so while it was looked at."""


@dataclass
class Read:
    """A calendar in a known state. Its items are read when they are first asked for, which raises Shifted when the file
    is not in that state any more."""

    name: str
    path: Path
    zone: ZoneInfo
    stamp: Stamp
    digest: str
    size: int
    """How many items it has."""

    @cached_property
    def items(self) -> tuple[Item, ...]:
        whole = read_whole(self.path)
        if not isinstance(whole, Whole) or whole.digest != self.digest:
            raise Shifted(self.name)
        return parse_calendar(whole.text, self.name, self.zone).items

    @property
    def looked_into(self) -> bool:
        return "items" in vars(self)

    @property
    def modified(self) -> str:
        """ISO time."""
        return datetime.fromtimestamp(self.stamp.mtime_ns / SECOND, UTC).isoformat(timespec="milliseconds")


@dataclass
class Files:
    """All calendars in the order of their authority."""

    read: list[Read] = field(default_factory=list)
    unready: set[str] = field(default_factory=set)
    """Half-written or unreadable ones: what they held stays as it is."""
    memory: dict[str, Any] = field(default_factory=dict)
    """What the checkpoint will remember, by file name."""
    letters: list[DeadLetter] = field(default_factory=list)
    changed: set[str] = field(default_factory=set)


def ordered(source: Source) -> list[tuple[str, Path]]:
    """Names and paths of the calendars, those of most authority first."""
    found = [(source.name_of(path), path) for path in source.calendar_paths()]
    rank = {name: place for place, name in enumerate(_LEADING)}
    return sorted(found, key=lambda one: (rank.get(one[1].name, len(rank)), one[0]))


def any_changed(source: Source, checkpoint: Checkpoint) -> bool:
    """Whether reading is worth while: only stamps are looked at."""
    memory = checkpoint.get("files", {})
    return any(not unchanged(memory.get(name), stamp_of(path)) for name, path in ordered(source))


def read_anew(checkpoint: Checkpoint) -> Checkpoint:
    """Of what is remembered only the dead letters, which are not reported again: every file has changed."""
    files = checkpoint.get("files", {})
    letters = {name: {key: kept[key] for key in _REPORTED if key in kept} for name, kept in files.items()}
    return {"files": letters} if letters else {}


def read_files(source: Source, checkpoint: Checkpoint, *, trusting: bool = False) -> Files:
    """Every calendar there is; when `trusting`, those in the state remembered are not looked into."""
    found = Files(memory={name: dict(kept) for name, kept in checkpoint.get("files", {}).items()})
    for name, path in ordered(source):
        kept, stamp = found.memory.get(name, {}), stamp_of(path)
        if trusting and stamp is not None and "posts" in kept and unchanged(kept, stamp):
            found.read.append(Read(name, path, source.zone, stamp, kept["digest"], len(kept["posts"])))
            continue
        whole = read_whole(path)
        if whole is None:
            continue  # vanished just now; it may return
        if isinstance(whole, Unready):
            found.unready.add(name)
            if whole.hopeless:
                _report(found, name, whole.stamp, whole.reason, Rejected(0, whole.reason, ""))
            continue
        _parse(found, name, path, whole, source)
    return found


def _parse(found: Files, name: str, path: Path, whole: Whole, source: Source) -> None:
    kept = found.memory.get(name, {})
    try:
        calendar = parse_calendar(whole.text, name, source.zone)
    except NotJson as error:
        found.unready.add(name)
        # a writer truncates first and streams then: broken is normal for a moment, and an empty file says nothing
        if whole.stamp.stale and whole.data.strip():
            _report(
                found, name, whole.stamp, whole.digest, Rejected(error.line, f"no complete JSON: {error.reason}", "")
            )
        return
    except NoCalendar as error:
        if path in source.calendars:
            _report(found, name, whole.stamp, whole.digest, Rejected(1, f"ignored: {error}", whole.text[:500]))
        held = {key: value for key, value in kept.items() if key != "posts"}
        found.memory[name] = held | remember(whole.stamp, whole.digest)
        found.unready.add(name)
        return
    if not same_state(kept, whole.stamp, whole.digest):
        found.changed.add(name)
    letters, rejected = fresh_letters(name, whole.stamp, calendar.rejected, kept.get("rejected", {}))
    found.letters.extend(letters)
    found.memory[name] = {**kept, **remember(whole.stamp, whole.digest), "rejected": rejected}
    read = Read(name, path, source.zone, whole.stamp, whole.digest, len(calendar.items))
    read.items = calendar.items
    found.read.append(read)


def _report(found: Files, name: str, stamp: Stamp, trouble: str, rejected: Rejected) -> None:
    """Set a file aside as a whole, once for each of its states."""
    kept = found.memory.setdefault(name, {})
    if kept.get("trouble") != trouble:
        kept["trouble"] = trouble
        found.letters.extend(fresh_letters(name, stamp, (rejected,), {})[0])
