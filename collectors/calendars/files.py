"""Calendar files as they are now, and what the checkpoint remembers of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from collectors.base import FAILURES, WARNINGS, Checkpoint, DeadLetter
from collectors.calendars.parse import Item, NoCalendar, Rejected, parse_calendar
from collectors.calendars.warnings import broken_file, incomplete_json, of_calendar, remembered, unusable_file
from collectors.dead_items import fresh_letters
from collectors.json_places import NotJson
from collectors.local_time import SECOND
from collectors.reading import Stamp, Unready, Whole, read_whole, remember, same_state, stamp_of, unchanged
from collectors.source import Source

_LEADING = ("content_calendar.json", "twitter_calendar.json", "instagram_calendar.json")
"""The calendars the web UI edits: their word on a post goes before that of copies."""


VERSION = 2
"""Of what is made of a calendar: when it moves on, all files are read anew. Since 2 a date is stored as a date, and
networks go by their names."""


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
        return parse_calendar(whole.text, self.name, self.zone, finished=self.stamp.stale).items

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
    if is_older(checkpoint) or warnings_of(source, memory) != checkpoint.get(WARNINGS, []):
        return True
    if failures_of(source, memory) != checkpoint.get(FAILURES, []):
        return True
    return any(not unchanged(memory.get(name), stamp_of(path)) for name, path in ordered(source))


def is_older(checkpoint: Checkpoint) -> bool:
    """Whether an older version wrote it: what it dealt with may be made otherwise now."""
    return bool(checkpoint.get("files")) and checkpoint.get("version") != VERSION


def warnings_of(source: Source, memory: Mapping[str, Any]) -> list[str]:
    """What is wrong with the calendars that are there, by what is remembered of them."""
    there = {name: memory[name] for name, _ in ordered(source) if name in memory}
    return remembered(there, map(source.name_of, source.foreign_calendar_paths()))


def failures_of(source: Source, memory: Mapping[str, Any]) -> list[str]:
    """The calendars that are there and can't be read at all, by what is remembered of them."""
    return [memory[name]["broken"] for name in sorted(name for name, _ in ordered(source)) if _is_broken(memory, name)]


def _is_broken(memory: Mapping[str, Any], name: str) -> bool:
    return "broken" in memory.get(name, {})


def memory_of(checkpoint: Checkpoint) -> dict[str, Any]:
    """What is remembered of each file: nothing but its dead letters where another version wrote the checkpoint."""
    kept: dict[str, dict[str, Any]] = checkpoint.get("files", {})
    if not is_older(checkpoint):
        return {name: dict(one) for name, one in kept.items()}
    return {name: {key: one[key] for key in ("rejected", "trouble") if key in one} for name, one in kept.items()}


def read_files(source: Source, checkpoint: Checkpoint, *, trusting: bool = False) -> Files:
    """Every calendar there is; when `trusting`, those in the state remembered are not looked into."""
    found = Files(memory=memory_of(checkpoint))
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
                _fail(found, name, unusable_file(name, whole.reason), 0, whole.reason)
            continue
        _parse(found, name, path, whole, source)
    return found


def _parse(found: Files, name: str, path: Path, whole: Whole, source: Source) -> None:
    kept = found.memory.get(name, {})
    try:
        calendar = parse_calendar(whole.text, name, source.zone, finished=whole.stamp.stale)
    except NotJson as error:
        found.unready.add(name)
        # a writer truncates first and streams then: broken is normal for a moment, and an empty file says nothing
        if whole.stamp.stale and whole.data.strip():
            _report(
                found, name, whole.stamp, whole.digest, Rejected(error.line, f"no complete JSON: {error.reason}", "")
            )
            _fail(found, name, incomplete_json(name, error), error.line, f"no complete JSON: {error.reason}")
        return
    except NoCalendar as error:
        if path in source.calendars:
            _report(found, name, whole.stamp, whole.digest, Rejected(1, f"ignored: {error}", whole.text[:500]))
        held = {key: value for key, value in found.memory.get(name, {}).items() if key not in ("posts", "platforms")}
        warning = unusable_file(name, str(error))
        found.memory[name] = {**held, **remember(whole.stamp, whole.digest), "warnings": [warning]}
        if path in source.calendars or path.name in _LEADING or "posts" in kept or "broken" in kept:
            _fail(found, name, warning, 1, str(error))
        found.unready.add(name)
        return
    if not same_state(kept, whole.stamp, whole.digest):
        found.changed.add(name)
    letters, rejected = fresh_letters(name, whole.stamp, calendar.rejected, kept.get("rejected", {}))
    found.letters.extend(letters)
    warnings, platforms = of_calendar(name, calendar)
    kept = {key: value for key, value in kept.items() if key != "broken"}
    found.memory[name] = {
        **kept, **remember(whole.stamp, whole.digest), "rejected": rejected, "warnings": warnings, "platforms": platforms,
    }  # fmt: skip
    read = Read(name, path, source.zone, whole.stamp, whole.digest, len(calendar.items))
    read.items = calendar.items
    found.read.append(read)


def _fail(found: Files, name: str, warning: str, line: int, reason: str) -> None:
    """A calendar that can't be read at all; what was read of it before stays as it is."""
    kept = found.memory.setdefault(name, {})
    kept["warnings"], kept["broken"] = [warning], broken_file(name, line, reason)


def _report(found: Files, name: str, stamp: Stamp, trouble: str, rejected: Rejected) -> None:
    """Set a file aside as a whole, once for each of its states."""
    kept = found.memory.setdefault(name, {})
    if kept.get("trouble") != trouble:
        kept["trouble"] = trouble
        found.letters.extend(fresh_letters(name, stamp, (rejected,), {})[0])
