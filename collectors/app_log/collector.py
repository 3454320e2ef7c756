"""Reads `app.log` and its rotated copies."""

from __future__ import annotations

import stat
import time
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from collectors.app_log.clock import Clock, LocalSeconds
from collectors.app_log.logs import Logs
from collectors.app_log.machine import MEANT, STATEFUL, Machine, Record
from collectors.app_log.parse import Raw, Recognised, recognised, records
from collectors.base import Batch, Checkpoint, DeadLetter, Problem, Progress
from collectors.redaction import redact
from collectors.source import Source
from collectors.tailing.blocks import Block
from collectors.tailing.stream import MARKS_KEPT, QUIET_SECONDS, Cut, Position, Span, Stream
from metricstore.catalogue import FieldValue
from metricstore.point import Point
from metricstore.store import Store

BATCH_POINTS = 10_000
MESSAGE_CHARACTERS = 32 << 10


class AppLogCollector:
    """Log records, finished posts, batches, AI requests and retries, scheduling attempts."""

    name = "app_log"
    interval_seconds = 15.0
    works_ahead = True

    def __init__(self, source: Source) -> None:
        self._source = source
        self._seconds = LocalSeconds(source.zone)
        self._streams: dict[Path, Stream] = {}

    def validate(self) -> list[Problem]:
        problems = []
        for path in self._source.log_paths():
            try:
                if stat.S_ISREG(path.stat().st_mode):
                    path.open("rb").close()
            except FileNotFoundError:
                continue
            except OSError as error:
                text = f"{path} can't be read: {error.strerror}"
                problems.append(Problem(text, "let the dashboard's user read it", fatal=True))
        return problems

    def watched(self) -> list[Path]:
        return self._source.log_paths()

    def collect(self, checkpoint: Checkpoint, store: Store) -> Iterator[Batch]:
        """Read on from the checkpoint, log after log. The last record of each is delivered at once and read again next
        time, since more of it may come; being the same point, it is only overwritten."""
        logs = Logs(checkpoint, self._source)
        paths = self._source.log_paths()
        self._streams = {path: self._streams.get(path) or Stream(path) for path in paths}
        failures = []
        for path, stream in self._streams.items():
            try:
                reading = _Reading(self._source, stream, self._seconds, logs.state(path))
                for batch in reading.batches():
                    yield logs.moved(path, batch)
                logs.warn(reading.warnings())
                failures += [stream.survey.live] if stream.survey.live is not None else []
            except OSError as error:
                logs.warn([f"{self._source.name_of(path)} isn't read on: {error.strerror or error}"])
                failures.append(error)
        yield from logs.settled()
        if failures and len(failures) == len(paths):
            raise failures[0]


@dataclass
class _Tail:
    """The last record as it was delivered: where it ended, its log_record, and what it did to clock and machine."""

    end: int = -1
    time: int = 0
    level: str = ""
    event: str = ""
    whole: bool = False
    moments: list[int] | None = None
    millisecond: int = 0
    values: Mapping[str, str] = field(default_factory=dict)
    file: str = ""
    line: int = 0

    def point(self) -> Point:
        return Point("log_record", self.time, {"level": self.level, "event": self.event}, {})

    def repeat(self, clock: Clock, machine: Machine) -> None:
        """It can't be read again (its file is gone or was cut): what follows must still come after it."""
        if self.whole:
            stamp = clock.stamp((self.moments[0], self.moments[1]), self.millisecond) if self.moments else clock.again()
            machine.feed(Record(stamp, self.event, self.values, self.file, self.line, ""))


@dataclass
class _Harvest:
    """What goes into the next batch."""

    points: list[Point] = field(default_factory=list)
    deleted: list[Point] = field(default_factory=list)
    letters: list[DeadLetter] = field(default_factory=list)
    records: int = 0
    bytes: int = 0


class _Reading:
    """One run over one log; `known` is its part of the checkpoint."""

    def __init__(self, source: Source, stream: Stream, seconds: LocalSeconds, known: Checkpoint) -> None:
        self._source, self._seconds, self._stream = source, seconds, stream
        self._position = Position.from_json(known.get("position"))
        self._at: tuple[Span, int, int] | None = None
        """Where reading stands: the span, bytes and lines into its file."""
        self._done = [mark for data in known.get("done", ()) if (mark := Position.from_json(data)) is not None]
        self._clock = Clock.from_json(known.get("clock", {}))
        self._machine = Machine.from_json(known.get("machine", {}))
        self._half = _Tail(**known["tail"]) if known.get("tail") else None
        """What was delivered of the record the position points at; None once that record was taken."""
        self._tail: _Tail | None = None
        self._spans = stream.spans(self._position, self._done)
        self._done = stream.left(self._position, self._spans, self._done)
        self._total = sum(span.file.size - (0 if span.file.compressed else span.begin.offset) for span in self._spans)
        self._read = 0
        self._checkpoint: Checkpoint = known
        self._harvest = _Harvest()
        self._begin = self._position
        self._first = False
        """Whether the next record is the one the position pointed at, which may have been delivered before."""
        self._torn = False
        """Whether the file of the span vanished or is still being written: nothing behind it is read for now."""
        self._cut = self._failed = False
        """Whether the file of the span ended early, or could not be read to its end."""
        self._name = ""

    def batches(self) -> Iterator[Batch]:
        for span in self._spans:
            self._name = self._source.name_of(span.file.path)
            yield from self._span(span)
            if self._torn:
                break
        new = self._harvest.points or self._harvest.deleted or self._harvest.letters
        if new or (self._spans and self._state() != self._checkpoint):
            yield from self._flush()

    def _span(self, span: Span) -> Iterator[Batch]:
        begin, self._at = self._begin, (span, span.begin.offset, span.begin.line)
        self._cut = self._failed = False
        self._first = begin is not None and span.goes_on(begin) and self._half is not None
        if self._half is not None and not self._first:
            self._half.repeat(self._clock, self._machine)
            self._half = None
        quiet = span.file.compressed or time.time() - span.file.modified > QUIET_SECONDS
        for raw in records(self._blocks(span), self._seconds, keep_partial=quiet):
            if raw.tail and (self._torn or not span.final):
                self._deliver_tail(raw, quiet=quiet and not self._torn)
                return
            self._take(raw, self._clock, self._machine)
            self._at = (span, raw.end, raw.end_line)
            if len(self._harvest.points) >= BATCH_POINTS - 100:
                yield from self._flush()
        if span.final and not self._torn:
            self._finish(span)
        elif not span.final:
            self._settle(self._machine, self._machine)

    def _blocks(self, span: Span) -> Iterator[Block]:
        consumed = 0
        try:
            for block in span.blocks():
                self._read += block.consumed - consumed
                self._harvest.bytes += block.consumed - consumed
                consumed = block.consumed
                yield block
        except FileNotFoundError:
            self._torn = True  # It vanished after it was listed; reading goes on here when it returns.
        except Cut as cut:
            if span.still_written():
                self._torn = True
            else:
                self._cut = True
                line, text = (cut.rest.numbers[-1], cut.rest.lines[-1]) if cut.rest else (0, "")
                stamp = max(self._clock.last, 0) * 1_000_000 or int(span.file.modified) * 10**9
                self._letter(line, f"the compressed copy can't be read to its end: {cut}", text, stamp)
        except OSError as error:
            if not span.final:
                raise
            self._failed = True
            self._stream.broke_off(span, error)

    def _finish(self, span: Span) -> None:
        """A file that nothing more is expected of; what could not be read of it is tried again."""
        done = span.finished(cut=self._cut, failed=self._failed)
        self._done = [*(other for other in self._done if other is not span.begun), done][-MARKS_KEPT:]

    def warnings(self) -> list[str]:
        """What is wrong with the log as it is now."""
        return self._stream.warnings(self._done, self._source.name_of)

    def _deliver_tail(self, raw: Raw, *, quiet: bool) -> None:
        """The last record, with copies of clock and machine: next time it is read again."""
        meaning = recognised(raw.lines)
        clock, machine = Clock.from_json(self._clock.to_json()), self._machine.copy()
        whole = raw.headed and not raw.partial and meaning.whole
        before = len(self._harvest.points)
        if whole or (quiet and raw.headed):
            fresh = not self._delivered(raw)
            self._take(raw, clock, machine if whole else Machine(), provisional=True)
            stamp = self._harvest.points[before].time
            values = meaning.values if meaning.event in STATEFUL else {}
            self._tail = _Tail(raw.end, stamp, raw.level, meaning.event, whole, list(raw.moments) if raw.moments else None, raw.millisecond,
                               values, self._name, raw.line)  # fmt: skip
            if not fresh:
                del self._harvest.points[before:]
                self._harvest.records -= 1
        elif self._first:
            self._tail = self._half
        self._settle(machine, self._machine)

    def _delivered(self, raw: Raw) -> bool:
        """Whether all of this record was delivered by an earlier run."""
        return self._first and self._half is not None and self._half.end == raw.end

    def _settle(self, machine: Machine, kept: Machine) -> None:
        """Tell how open batches stand; `kept` is the machine that goes into the checkpoint."""
        self._harvest.points += machine.roster.untold(time.time_ns())
        if machine is not kept:
            told = {run.id: run.told for run in machine.roster.runs}
            for run in kept.roster.runs:
                run.told = told.get(run.id, run.told)

    def _take(self, raw: Raw, clock: Clock, machine: Machine, *, provisional: bool = False) -> None:
        """Points of one record. `provisional`: it is only a look ahead, of half a record nothing is believed."""
        harvest, delivered = self._harvest, self._delivered(raw)
        harvest.records += 1
        if not raw.headed or (raw.moments is None and clock.last < 0):
            first = raw.moments[0] + raw.millisecond if raw.moments else 0
            self._letter(raw.line, "text before the first record", raw.text, first * 1_000_000)
            return
        stamp = clock.again() if raw.moments is None else clock.stamp(raw.moments, raw.millisecond)
        meaning = recognised(raw.lines)
        text = raw.lines[0] if len(raw.lines) == 1 else raw.text
        harvest.points.append(self._log_record(raw, meaning, text, stamp))
        if self._first:
            self._forget_half(stamp, raw, meaning)
        if meaning.whole or not provisional:
            if meaning.event in MEANT:
                harvest.points += machine.feed(Record(stamp, meaning.event, meaning.values, self._name, raw.line, text))
            if raw.cut and not delivered:
                self._letter(raw.line, f"too long: {raw.cut} bytes were cut off", text, stamp)
        if not meaning.whole and not provisional and meaning.event.endswith("_results"):
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
        half, self._first, self._half = self._half, False, None
        if half is not None and (half.time, half.level, half.event) != (stamp, raw.level, meaning.event):
            self._harvest.deleted.append(half.point())

    def _letter(self, line: int, reason: str, text: str, stamp: int) -> None:
        self._harvest.letters.append(DeadLetter(self._name, line, reason, redact(text[:500]), stamp))

    def _state(self) -> dict[str, Any]:
        if self._at is not None:
            span, offset, line = self._at
            self._position = span.at(offset, line)
        return {
            "position": self._position.to_json() if self._position else None,
            "done": [mark.to_json() for mark in self._done],
            "clock": self._clock.to_json(),
            "machine": self._machine.to_json(),
            "tail": asdict(tail) if (tail := self._tail or self._half) else None,
        }

    def _flush(self) -> Iterator[Batch]:
        """What was gathered, in batches; the checkpoint moves with the last of them."""
        harvest, self._harvest = self._harvest, _Harvest()
        harvest.points = _latest_batches(harvest.points)
        state = self._state()
        progress = Progress(min(self._read, self._total), self._total)
        while len(harvest.points) > BATCH_POINTS:
            yield Batch(self._checkpoint, harvest.points[:BATCH_POINTS], progress=progress)
            harvest.points = harvest.points[BATCH_POINTS:]
        self._checkpoint = state
        yield Batch(state, harvest.points, harvest.deleted, harvest.letters, harvest.records, harvest.bytes, progress)


def _latest_batches(points: list[Point]) -> list[Point]:
    """Of a batch that was told several times only the last word."""
    latest = {point.identity: point for point in points if point.measurement == "batch"}
    return [point for point in points if point.measurement != "batch"] + list(latest.values())
