"""The scheduler service's queue: every item one `queue_item`, every end one `delivery`, every change a `queue_snapshot`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from collectors.base import WARNINGS, Batch, Checkpoint, DeadLetter, Problem
from collectors.dead_items import fresh_letters
from collectors.json_places import NotJson
from collectors.local_time import SECOND
from collectors.places import is_there
from collectors.reading import Unready, Whole, read_whole, remember, same_state, short_hash, stamp_of, unchanged
from collectors.recall import Known, recall
from collectors.relied_on import Relied
from collectors.scheduler_state.parse import HistoryEntry, NoState, QueueItem, Rejected, State, parse_state
from collectors.scheduler_state.points import deliveries, queue_fields, queue_slots, snapshot
from collectors.scheduler_state.respelling import DELIVERIES, respelled_state
from collectors.scheduler_state.warnings import HINT, of_state, of_trouble
from collectors.slots import Slots
from collectors.source import Source
from metricstore.catalogue import measurement
from metricstore.point import Point
from metricstore.query import Filter
from metricstore.store import Store

VERSION = 2
"""Of what is made of the file: when it moves on, the file is read anew."""
_COLUMNS = measurement("queue_item").columns


class SchedulerStateCollector:
    """Reads the state file of a source; see README.md beside this file."""

    name = "scheduler_state"
    interval_seconds = 30.0

    def __init__(self, source: Source) -> None:
        self.source = source

    def validate(self) -> list[Problem]:
        path = self.source.scheduler_state
        if path is not None and not is_there(path):
            hint = "start the scheduler once or correct the setting"
            return [Problem(f"scheduler state {path} does not exist", hint)]
        path = self.source.scheduler_state_path()
        whole = read_whole(path)
        if whole is None:
            return []
        return [Problem(text, HINT) for text in _warnings(self.source.name_of(path), _state(whole, self.source))]

    def watched(self) -> list[Path]:
        return [self.source.scheduler_state_path()]

    def relied_on(self, checkpoint: Checkpoint) -> Relied:
        path = self.source.scheduler_state_path()
        known = checkpoint.get("files", {}).get(self.source.name_of(path), {})
        return Relied([path] if "digest" in known else [])

    def collect(self, checkpoint: Checkpoint, store: Store) -> Iterator[Batch]:
        """One batch with what changed, a second one that removes items from where they were due before."""
        path = self.source.scheduler_state_path()
        name = self.source.name_of(path)
        kept: Mapping[str, Any] = checkpoint.get("files", {}).get(name, {})
        older, files_before = checkpoint.get("version") != VERSION, checkpoint.get("files")
        stamp = stamp_of(path)
        if stamp is None:
            yield from _without_file(checkpoint, store)
            return
        if not older and unchanged(kept, stamp):
            return
        whole = read_whole(path)
        if whole is None:
            return
        state = _state(whole, self.source)
        if not isinstance(state, State):
            yield from _reported(name, whole, state, kept, checkpoint)
            return
        assert isinstance(whole, Whole)
        if older:
            kept = _reported_only(kept)
            yield from respelled_state(checkpoint, store, [item.platform for item in state.items])
        letters, rejected = fresh_letters(name, whole.stamp, state.rejected, kept.get("rejected", {}))
        memory = {**kept, **remember(whole.stamp, whole.digest), "rejected": rejected, "history": _mark(state.history)}
        files = {**checkpoint.get("files", {}), name: memory}
        after: Checkpoint = {"files": files, "version": VERSION, WARNINGS: _warnings(name, state)}
        if same_state(kept, whole.stamp, whole.digest):
            if after != checkpoint:
                yield Batch(after)
            return
        run = _Run(state, store, name)
        run.compare()
        ends = deliveries(state.history, name, _skip(state.history, kept.get("history")))
        counts = snapshot(state.items, run.platforms, whole.stamp.mtime_ns)
        outdated = [*run.outdated, *(_delivered_elsewhere(store, name, ends) if older and files_before else [])]
        yield Batch(
            checkpoint if outdated else after, [*run.points, *ends, *counts], dead_letters=letters,
            records=len(state.items) + len(state.history), bytes=len(whole.data),
        )  # fmt: skip
        if outdated:
            yield Batch(after, deleted=outdated)


@dataclass
class _Run:
    """One comparison of the state file with the store."""

    state: State
    store: Store
    file: str
    points: list[Point] = field(default_factory=list)
    outdated: list[Point] = field(default_factory=list)
    platforms: set[str] = field(default_factory=set)
    slots: Slots = field(default_factory=queue_slots)

    def compare(self) -> None:
        known: dict[str, list[Known]] = {}
        for one in recall(self.store, "queue_item", _COLUMNS, (Filter("file", "any", (self.file,)),)):
            known.setdefault(one.text("item_id"), []).append(one)
            self.slots.occupy(one.text("platform"), one.time, one.text("item_id"))
            self.platforms.add(one.text("platform"))
        for item in sorted(self.state.items, key=lambda item: item.item_id):
            self._put(item, known.pop(item.item_id, []))
        for name, rows in known.items():
            # posted and failed are final; an item still waiting that is no longer there was lost
            if name not in self.state.unusable and rows[-1].text("status") not in ("posted", "failed", "gone"):
                self.points.extend(Point(r.measurement, r.time, r.point.tags, {"status": "gone"}) for r in rows)

    def _put(self, item: QueueItem, rows: list[Known]) -> None:
        second = item.due - item.due % SECOND
        there = [r for r in rows if r.time - r.time % SECOND == second and r.text("platform") == item.platform]
        time = there[-1].time if there else self.slots.take(item.platform, second, item.item_id)
        fields = queue_fields(item, self.file)
        before = there[-1].values if there else {}
        if any(before.get(name) != value for name, value in fields.items()):
            self.points.append(Point("queue_item", time, {"platform": item.platform}, fields))
        self.outdated.extend(row.point for row in rows if row not in there[-1:])


def _state(whole: Whole | Unready, source: Source) -> State | Rejected | None:
    """The state, or why it can't be had; None: wait."""
    if isinstance(whole, Unready):
        return Rejected(0, whole.reason, "") if whole.hopeless else None
    try:
        return parse_state(whole.text, source.zone)
    except NoState as error:
        return Rejected(1, f"it {error}", whole.text[:400])
    except NotJson as error:
        # a writer truncates first and streams then: broken is normal for a moment, and an empty file says nothing
        waiting = not whole.stamp.stale or not whole.data.strip()
        return None if waiting else Rejected(error.line, f"no complete JSON: {error.reason}", "")


def _reported(
    name: str, whole: Whole | Unready, trouble: Rejected | None, kept: Mapping[str, Any], checkpoint: Checkpoint
) -> Iterator[Batch]:
    """Set an unusable file aside, once for each of its states."""
    if trouble is None:
        return
    state = short_hash(f"{trouble.reason}{whole.stamp}")
    if kept.get("trouble") == state:
        return
    letters: list[DeadLetter] = fresh_letters(name, whole.stamp, (trouble,), {})[0]
    files = {**checkpoint.get("files", {}), name: {**kept, "trouble": state}}
    yield Batch({**checkpoint, "files": files, WARNINGS: of_trouble(name, trouble)}, dead_letters=letters)


def _without_file(checkpoint: Checkpoint, store: Store) -> Iterator[Batch]:
    """The file is away: what it held stays, and nothing is wrong with it."""
    files = checkpoint.get("files", {})
    if files and checkpoint.get("version") != VERSION:
        yield from respelled_state(checkpoint, store, [])
        yield Batch({"files": {name: _reported_only(kept) for name, kept in files.items()}, "version": VERSION})
    elif checkpoint.get(WARNINGS):
        yield Batch({**checkpoint, WARNINGS: []})


def _reported_only(kept: Mapping[str, Any]) -> dict[str, Any]:
    """Of what is remembered of a file only its dead letters, so that it is read anew."""
    return {key: kept[key] for key in ("rejected", "trouble") if key in kept}


def _warnings(name: str, state: State | Rejected | None) -> list[str]:
    if isinstance(state, State):
        return of_state(name, state)
    return [] if state is None else of_trouble(name, state)


def _delivered_elsewhere(store: Store, name: str, ends: list[Point]) -> list[Point]:
    """Deliveries as an older version stored them, where they have another network now."""
    now = {(str(end.fields["item_id"]), end.time // 1000): end.identity for end in ends}
    rows = recall(store, "delivery", DELIVERIES.columns, (Filter("file", "any", (name,)),))
    keyed = ((row.point, now.get((row.text("item_id"), row.time // 1000))) for row in rows)
    return [point for point, identity in keyed if identity is not None and identity != point.identity]


def _mark(history: tuple[HistoryEntry, ...]) -> list[Any]:
    """How far the history, which only grows, has been stored: length and hash."""
    return [len(history), short_hash(repr(history))]


def _skip(history: tuple[HistoryEntry, ...], mark: list[Any] | None) -> int:
    if mark and mark[0] <= len(history) and _mark(history[: mark[0]]) == mark:
        return int(mark[0])
    return 0
