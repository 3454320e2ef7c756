"""Reads `app.log` and its rotated copies."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from collectors.app_log.clock import Clock, LocalSeconds
from collectors.app_log.machine import Machine, Record
from collectors.app_log.parse import Raw, Recognised, recognised, records
from collectors.base import Batch, Checkpoint, DeadLetter, Problem, Progress
from collectors.following import MARKS_KEPT, Position, Span, Stream, mark, read
from collectors.redaction import redact
from collectors.source import Source
from metricstore.catalogue import FieldValue
from metricstore.point import Point
from metricstore.store import Store

BATCH_POINTS = 5000
MESSAGE_CHARACTERS = 32 << 10
QUIET_SECONDS = 3.0
"""Text that looks unfinished is taken as it is once the file has not changed for so long."""
VERSION = 1


class AppLogCollector:
    """Log records, finished posts, batches, AI requests and retries, scheduling attempts."""

    name = "app_log"
    interval_seconds = 15.0

    def __init__(self, source: Source) -> None:
        self._source = source
        self._seconds = LocalSeconds(source.zone)
        self._stream = Stream(source.log_path())

    def validate(self) -> list[Problem]:
        path = self._source.log_path()
        try:
            with path.open("rb"):
                return []
        except FileNotFoundError:
            return []
        except OSError as error:
            return [Problem(f"{path} can't be read: {error.strerror}", "let the dashboard's user read it", fatal=True)]

    def watched(self) -> list[Path]:
        return [self._source.log_path()]

    def collect(self, checkpoint: Checkpoint, store: Store) -> Iterator[Batch]:
        """Read on from the checkpoint. The last record is delivered at once and read again next time,
        since more of it may come; being the same point, it is only overwritten."""
        path = self._source.log_path()
        if path != self._stream.path:
            self._stream = Stream(path)
        yield from _Reading(self._source, self._stream, self._seconds, checkpoint).batches()


@dataclass
class _Tail:
    """The last record when it was last delivered: where it ended and what its log_record was."""

    end: int = -1
    time: int = 0
    level: str = ""
    event: str = ""

    def point(self) -> Point:
        return Point("log_record", self.time, {"level": self.level, "event": self.event}, {})


@dataclass
class _Harvest:
    """What goes into the next batch."""

    points: list[Point] = field(default_factory=list)
    deleted: list[Point] = field(default_factory=list)
    letters: list[DeadLetter] = field(default_factory=list)
    records: int = 0
    bytes: int = 0


class _Reading:
    """One run."""

    def __init__(self, source: Source, stream: Stream, seconds: LocalSeconds, checkpoint: Checkpoint) -> None:
        known: Mapping[str, Any] = checkpoint if checkpoint.get("version") == VERSION else {}
        self._source, self._seconds = source, seconds
        self._position = Position.from_json(known.get("position"))
        self._done: list[dict[str, Any]] = list(known.get("done", ()))
        self._clock = Clock.from_json(known.get("clock", {}))
        self._machine = Machine.from_json(known.get("machine", {}))
        self._tail = _Tail(**known["tail"]) if known.get("tail") else None
        self._spans = stream.spans(self._position, self._done)
        self._total = sum(span.file.size - (0 if span.file.compressed else span.offset) for span in self._spans)
        self._read = 0
        self._checkpoint: Checkpoint = checkpoint
        self._harvest = _Harvest()
        self._first = True
        """The record the position points at, which may have been delivered before, is still to come."""
        self._name = ""

    def batches(self) -> Iterator[Batch]:
        for span in self._spans:
            self._name = self._source.name_of(span.file.path)
            yield from self._span(span)
        if not self._spans:
            self._settle(self._machine, self._machine)
        new = self._harvest.points or self._harvest.deleted or self._harvest.letters
        if new or (self._spans and self._state() != self._checkpoint):
            yield from self._flush()

    def _span(self, span: Span) -> Iterator[Batch]:
        before, self._position = self._position, span.at(span.offset, span.line)
        self._first = before is not None and before.offset == span.offset and before.head_bytes > 0
        quiet = span.final or time.time() - span.file.modified > QUIET_SECONDS
        raw = None
        for raw in records(self._blocks(span), self._seconds, span.line, keep_partial=quiet):
            if raw.tail and not span.final:
                self._deliver_tail(raw, quiet=quiet)
                break
            self._take(raw, self._clock, self._machine)
            self._position = span.at(raw.end, raw.end_line)
            self._tail = None
            if len(self._harvest.points) >= BATCH_POINTS - 100:
                yield from self._flush()
        else:
            if not span.final:
                self._settle(self._machine, self._machine)
        if span.final:
            self._finish(span)

    def _blocks(self, span: Span) -> Iterator[Any]:
        consumed = 0
        try:
            for block in read(span):
                self._read += block.consumed - consumed
                self._harvest.bytes += block.consumed - consumed
                consumed = block.consumed
                yield block
        except FileNotFoundError:
            return  # It vanished after it was listed; what is missing is found again when it returns.
        except EOFError:
            self._letter(0, "the compressed copy ends early", "", self._clock.last * 1_000_000)

    def _finish(self, span: Span) -> None:
        """A file that nothing more is expected of."""
        assert self._position is not None
        size = self._position.offset if span.file.compressed else span.file.size
        done = mark(span.file, size, self._position.line)
        self._done = [*(other for other in self._done if other["head"] != done["head"]), done][-MARKS_KEPT:]

    def _deliver_tail(self, raw: Raw, *, quiet: bool) -> None:
        """The last record, with copies of clock and machine: next time it is read again."""
        meaning = recognised(raw.lines)
        clock, machine = Clock.from_json(self._clock.to_json()), self._machine.copy()
        whole = raw.headed and not raw.partial and meaning.whole
        before = len(self._harvest.points)
        if whole or (quiet and raw.headed):
            known = self._tail
            fresh = known is None or known.end != raw.end or not self._first
            self._take(raw, clock, machine if whole else Machine(), provisional=True)
            delivered = self._harvest.points[before]
            self._tail = _Tail(raw.end, delivered.time, delivered.tags["level"], delivered.tags["event"])
            if not fresh:
                del self._harvest.points[before:]
                self._harvest.records -= 1
        self._settle(machine, self._machine)

    def _settle(self, machine: Machine, kept: Machine) -> None:
        """Tell how open batches stand; `kept` is the machine that goes into the checkpoint."""
        machine.expire(time.time_ns())
        self._harvest.points += machine.untold()
        if machine is not kept:
            told = {run.id: (run.told, run.outcome) for run in machine.runs}
            for run in kept.runs:
                run.told, outcome = told.get(run.id, (run.told, run.outcome))
                run.outcome = outcome if outcome == "abandoned" else run.outcome

    def _take(self, raw: Raw, clock: Clock, machine: Machine, *, provisional: bool = False) -> None:
        """Points of one record. `provisional`: it is only a look ahead, dead letters wait until it is certain."""
        harvest = self._harvest
        harvest.records += 1
        if not raw.headed or (raw.moments is None and clock.last < 0):
            self._letter(raw.line, "text before the first record", raw.text, self._undated(clock))
            return
        stamp = clock.again() if raw.moments is None else clock.stamp(raw.moments, raw.millisecond)
        meaning = recognised(raw.lines)
        text = raw.lines[0] if len(raw.lines) == 1 else raw.text
        harvest.points.append(self._log_record(raw, meaning, text, stamp))
        if self._first:
            self._forget_half(stamp, raw, meaning)
        if meaning.whole or not provisional:
            harvest.points += machine.feed(Record(stamp, meaning.event, meaning.values, self._name, raw.line, text))
        if provisional:
            return
        if raw.cut:
            self._letter(raw.line, f"too long: {raw.cut} bytes were cut off", text, stamp)
        if not meaning.whole and meaning.event.endswith("_results"):
            self._letter(raw.line, "scheduling results are cut off", text, stamp)

    def _log_record(self, raw: Raw, meaning: Recognised, text: str, stamp: int) -> Point:
        fields: dict[str, FieldValue] = {
            "message": redact(text[:MESSAGE_CHARACTERS]),
            "file": self._name,
            "line": raw.line,
            "lines": raw.count,
            "offset": raw.offset,
        }
        if raw.count > meaning.own_lines:
            fields["stray_lines"] = raw.count - meaning.own_lines
        return Point("log_record", stamp, {"level": raw.level, "event": meaning.event}, fields)

    def _forget_half(self, stamp: int, raw: Raw, meaning: Recognised) -> None:
        """Now that more of it is there it may be another event: the point written of its first half must go."""
        self._first, half = False, self._tail
        if half is not None and (half.time, half.level, half.event) != (stamp, raw.level, meaning.event):
            self._harvest.deleted.append(half.point())

    def _undated(self, clock: Clock) -> int:
        return max(clock.last, 0) * 1_000_000

    def _letter(self, line: int, reason: str, text: str, stamp: int) -> None:
        self._harvest.letters.append(DeadLetter(self._name, line, reason, redact(text[:500]), stamp))

    def _state(self) -> dict[str, Any]:
        return {
            "version": VERSION,
            "position": self._position.to_json() if self._position else None,
            "done": self._done,
            "clock": self._clock.to_json(),
            "machine": self._machine.to_json(),
            "tail": vars(self._tail) if self._tail else None,
        }

    def _flush(self) -> Iterator[Batch]:
        """What was gathered, in batches; the checkpoint moves with the last of them."""
        harvest, self._harvest = self._harvest, _Harvest()
        state = self._state()
        progress = Progress(min(self._read, self._total), self._total)
        while len(harvest.points) > BATCH_POINTS:
            yield Batch(self._checkpoint, harvest.points[:BATCH_POINTS], progress=progress)
            harvest.points = harvest.points[BATCH_POINTS:]
        self._checkpoint = state
        yield Batch(state, harvest.points, harvest.deleted, harvest.letters, harvest.records, harvest.bytes, progress)
