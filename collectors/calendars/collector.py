"""Calendars: every item one `post` however often its file is rewritten, every change of status one `post_transition`.

What is known of posts is read back from the store, not from the checkpoint: whatever of an interrupted run was
stored is found again and completed. The checkpoint remembers only which file state was dealt with. Files that did not
change since a run of this very process ended well are not looked into again, unless a post they hold asks for it.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from collectors.base import FAILURES, WARNINGS, Batch, Checkpoint, Problem
from collectors.calendars.comparison import Comparison
from collectors.calendars.files import (
    VERSION,
    Files,
    Shifted,
    any_changed,
    failures_of,
    is_older,
    read_files,
    warnings_of,
)
from collectors.calendars.points import POSTS, TRANSITIONS
from collectors.calendars.warnings import HINT
from collectors.places import is_there
from collectors.platform_moves import respelled
from collectors.relied_on import Relied
from collectors.source import Source
from collectors.time_kinds import converted
from metricstore.deletions import limits_of_writing
from metricstore.store import Store

_BATCH_POINTS = 500


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
            if not is_there(path)
        ] + [Problem(text, HINT) for text in warnings_of(self.source, read_files(self.source, {}).memory)]

    def watched(self) -> list[Path]:
        return [*self.source.calendars] or [self.source.outputs, self.source.root / "production_content_calendar.json"]

    def relied_on(self, checkpoint: Checkpoint) -> Relied:
        """Each calendar that is named; of those that are found one is enough, since people put old ones away."""
        read = [self.source.path_of(name) for name, kept in checkpoint.get("files", {}).items() if "posts" in kept]
        if self.source.calendars:
            return Relied([path for path in self.source.calendars if path in read])
        usual = [path for path in read if path.parent in (self.source.root, self.source.outputs)]
        there = [path for path in usual if is_there(path)]
        return Relied(there or usual)

    def collect(self, checkpoint: Checkpoint, store: Store) -> Iterator[Batch]:
        """What is new, transitions first, and last of all what posts that have moved leave behind."""
        if not any_changed(self.source, checkpoint):
            return
        trusting = _digest(checkpoint) == self._sure
        self._sure = None
        if checkpoint.get("version") != VERSION and store.bounds("post") is not None:
            yield from converted(store, "post", self.source.zone, checkpoint)
            written = [
                name for kept in read_files(self.source, {}).memory.values() for name in kept.get("platforms", ())
            ]
            for kind in (TRANSITIONS, POSTS):
                yield from respelled(checkpoint, store, kind, written)
        files, run = self._compared(checkpoint, store, trusting=trusting)
        warnings = warnings_of(self.source, files.memory)
        after: dict[str, Any] = {"files": files.memory, "version": VERSION, WARNINGS: warnings}
        if failures := failures_of(self.source, files.memory):
            after[FAILURES] = failures
        if run is not None:
            yield from _batches(run, checkpoint, after)
        elif after != checkpoint or files.letters:
            yield Batch(after, dead_letters=files.letters)
        self._sure = _digest(after)

    def _compared(self, checkpoint: Checkpoint, store: Store, *, trusting: bool) -> tuple[Files, Comparison | None]:
        """The calendars, and what is new in them; None when nothing is."""
        files = read_files(self.source, checkpoint, trusting=trusting)
        if not files.changed:
            return files, None
        kept_from = limits_of_writing(store, self.source.retention, time.time_ns()).get("post")
        run = Comparison(files, store, self.source.zone, kept_from, rereading=is_older(checkpoint))
        try:
            run.compare()
        except Shifted:
            return self._compared(checkpoint, store, trusting=False)
        return files, run


def _batches(run: Comparison, before: Checkpoint, after: Checkpoint) -> Iterator[Batch]:
    """Points are made as they are taken: those of a year's calendars need not be there at once."""
    files, points = run.files, run.points()
    while len(some := list(islice(points, _BATCH_POINTS))) == _BATCH_POINTS:
        yield Batch(before, some)
    read = [one for one in files.read if one.name in files.changed]
    outdated = [some for some in (run.left_transitions, run.outdated) if some]
    yield Batch(
        before if outdated else after, some, dead_letters=files.letters,
        records=sum(one.size for one in read), bytes=sum(one.stamp.size for one in read),
    )  # fmt: skip
    for place, gone in enumerate(outdated, 1):
        yield Batch(after if place == len(outdated) else before, deleted=gone)


def _digest(checkpoint: Checkpoint) -> bytes:
    """The same for what is remembered and for what is read again."""
    return hashlib.sha256(json.dumps(checkpoint, sort_keys=True).encode()).digest()
