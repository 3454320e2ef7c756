"""One log read on from its checkpoint: spans to records to batches of points, and what the next run has to know."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Any

from collectors.app_log.clock import Clock, LocalSeconds
from collectors.app_log.copies import Copies
from collectors.app_log.guarded_machine import GuardedMachine
from collectors.app_log.headers import STANDARD
from collectors.app_log.interpretation import Delivered, Harvest, Interpretation, delivered_ahead, latest_batches
from collectors.app_log.layouts import Layouts
from collectors.app_log.likely import Likely
from collectors.app_log.machine import Machine
from collectors.app_log.parse import recognised, records
from collectors.app_log.raw import Raw
from collectors.app_log.roster import Identity
from collectors.app_log.understanding import Understanding
from collectors.base import Batch, Checkpoint, DeadLetter, Progress
from collectors.redaction import redact
from collectors.source import Source
from collectors.tailing.blocks import Block
from collectors.tailing.positions import Position
from collectors.tailing.stream import MARKS_KEPT, QUIET_SECONDS, Cut, Span, Stream
from metricstore.point import Point

BATCH_POINTS = 10_000
UNREAD_KEPT = 20


class Reading:
    """One run over one log; `known` is its part of the checkpoint."""

    def __init__(self, source: Source, stream: Stream, seconds: LocalSeconds, known: Checkpoint) -> None:
        self._source, self._seconds, self._stream = source, seconds, stream
        self._position = Position.from_json(known.get("position"))
        self._at: tuple[Span, int, int] | None = None
        """Where reading stands: the span, bytes and lines into its file."""
        self._done = [mark for data in known.get("done", ()) if (mark := Position.from_json(data)) is not None]
        self._clock = Clock.from_json(known.get("clock", {}))
        self._machine = GuardedMachine(Machine.from_json(known.get("machine", {})))
        self._interpretation = Interpretation(self._clock, self._machine)
        before = [[[], STANDARD, ""]] if known.get("position") else []
        self._layouts = Layouts.from_json(known.get("layouts", before))
        self._layouts_here = self._layouts.state
        """Those the log was known to have where the position points."""
        self._copies = Copies.from_json(known.get("doubles", {}), known.get("repeats", {}))
        self._understanding = Understanding.from_json(known.get("understanding", {}))
        """Of the file that is read, up to the position."""
        self._seen = self._understanding.copy()
        """The same, up to the end."""
        self._unread: dict[str, str] = dict(list(known.get("unread", {}).items())[-UNREAD_KEPT:])
        """What is said of rotated copies that hold nothing that could be read, by their names."""
        self._ahead = delivered_ahead(known, self._position.place.offset if self._position is not None else 0)
        """What was delivered of records from the position on, by where they begin: those are read again."""
        self._revises = any(delivered.held for delivered in self._ahead.values())
        """Whether what was told of batches may be taken back."""
        self._gone: set[Identity] = set()
        """What was taken back in this run."""
        self._certain: set[Identity] = set()
        """What is certain since this run: it is not taken back with records that said the same."""
        self._likely = Likely(known.get("likely", ()))
        self._spans = stream.spans(self._position, self._done)
        self._done = stream.left(self._position, self._spans, self._done)
        self._total = sum(span.file.size - (0 if span.file.compressed else span.begin.offset) for span in self._spans)
        self._read = 0
        self._checkpoint: Checkpoint = known
        self._harvest = Harvest()
        self._begin = self._position
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
        if (
            self._harvest.points
            or self._harvest.deleted
            or self._harvest.letters
            or (self._spans and self._state() != self._checkpoint)
        ):
            yield from self._flush()

    def _span(self, span: Span) -> Iterator[Batch]:
        begin, self._at = self._begin, (span, span.begin.offset, span.begin.line)
        self._cut = self._failed = False
        if not (begin is not None and span.goes_on(begin)):
            self._repeat_ahead()
            self._understanding = Understanding(self._name)
        self._understanding.file = self._name
        self._seconds.begin(span.file.modified, self._clock.last if span.begin.offset else -1)
        copies = self._copies
        quiet = span.file.compressed or time.time() - span.file.modified > QUIET_SECONDS
        passed, take, understanding = None, self._interpretation.take, self._understanding
        for raw in records(self._blocks(span), self._seconds, keep_partial=quiet, layouts=self._layouts):
            if raw.tail and (self._torn or not (span.final or self._failed)):
                self._stand_behind(span, passed)
                self._look_ahead(raw, quiet=quiet and not self._torn)
                return
            if not self._ahead and copies.passes(raw):
                understanding.add(raw)
                take(raw, self._name, self._harvest)
            else:
                self._take_all(copies.sort(raw))
            passed = raw
            if len(self._harvest.points) >= BATCH_POINTS - 100:
                self._stand_behind(span, passed)
                self._likely.now_certain(self._harvest.points)
                yield from self._flush()
        self._stand_behind(span, passed)
        if (span.final or self._failed) and not self._torn:
            self._take_all(copies.rest())
            for delivered in self._ahead.values():  # they turned out to be no records, or copies
                self._take_back(delivered.points())
            self._ahead, self._layouts_here = {}, self._layouts.state
            self._unread.pop(self._name, None)
            if self._understanding.unread:
                self._unread[self._name] = next(self._understanding.sentences())
            self._finish(span)
        elif not span.final:
            self._settle(self._machine.machine, self._machine.machine)
            self._seen = self._understanding.copy()

    def _stand_behind(self, span: Span, raw: Raw | None) -> None:
        """Reading stands behind that record, or before the first one that is held."""
        held, self._understanding.undated_year = self._copies.first_held, self._seconds.undated_year
        if held is not None:
            self._at, self._layouts_here = (span, held.offset, held.line - 1), held.layouts[0]
        elif raw is not None:
            self._at, self._layouts_here = (span, raw.end, raw.end_line), raw.layouts[1]

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
            if span.file.path == self._stream.path:
                raise
            self._failed = True
            self._stream.broke_off(span, error)

    def _finish(self, span: Span) -> None:
        """A file that nothing more is expected of; what could not be read of it is tried again."""
        done = span.finished(cut=self._cut, failed=self._failed)
        self._done = [*(other for other in self._done if other is not span.begun and other != done), done][-MARKS_KEPT:]

    def warnings(self) -> list[str]:
        """What is wrong with the log as it is now."""
        names = {self._source.name_of(file.path) for file in self._stream.survey.files}
        unread = [text for name, text in self._unread.items() if name in names]
        return [*self._stream.warnings(self._done, self._source.name_of), *unread, *self._seen.sentences()]

    def _repeat_ahead(self) -> None:
        """What was delivered can't be read again."""
        for delivered in self._ahead.values():
            delivered.repeat(self._clock, self._machine)
        self._ahead = {}

    def _take_all(self, raws: Sequence[Raw]) -> None:
        """Records that count, and copies that do not."""
        if dropped := self._copies.take_dropped():
            self._drop(dropped)
        for raw in raws:
            self._understanding.add(raw)
            if not self._ahead:
                self._interpretation.take(raw, self._name, self._harvest)
                continue
            delivered = self._ahead.pop(raw.offset, None)
            before = len(self._harvest.points)
            fresh = delivered is None or delivered.end != raw.end
            self._interpretation.take(raw, self._name, self._harvest, fresh=fresh)
            certain = self._harvest.points[before:]
            if delivered is not None:
                self._take_back(delivered.replaced(certain, end=raw.end))
            self._certain.update(point.identity for point in certain)

    def _drop(self, dropped: Sequence[tuple[Raw, bool]]) -> None:
        for raw, again in dropped:
            self._understanding.dropped(raw, again=again)
            if (delivered := self._ahead.pop(raw.offset, None)) is not None:
                self._take_back(delivered.points())

    def _look_ahead(self, tail: Raw, *, quiet: bool) -> None:
        """The last record, and those before it that are held back: delivered now, and read again next time."""
        self._layouts_here = (self._copies.first_held or tail).layouts[0]
        copies, ahead, self._seen = self._copies.copy(), self._interpretation.copy(), self._understanding.copy()
        certain = copies.sort(tail)
        raws = [*certain, *copies.rest()]
        held = len(raws) > 1 or not certain
        for raw, again in copies.take_dropped():
            self._seen.dropped(raw, again=again)
        delivered, self._ahead = self._ahead, {}
        before, changed = len(self._harvest.points), False
        for raw in raws:
            self._seen.add(raw)
            earlier = delivered.pop(raw.offset, None)
            changed |= self._deliver(raw, earlier, ahead, wait=not quiet and raw is tail, held=held)
        for each in delivered.values():
            self._take_back(each.points())
        for each in self._ahead.values():
            each.leave(self._certain)
        if not changed and not self._gone:
            # As they were delivered before, but that batches under way were told of anew since.
            points = self._harvest.points
            points[before:] = [point for point in points[before:] if ahead.is_older_batch(point)]
        self._settle(ahead.machine.machine, self._machine.machine)

    def _deliver(self, raw: Raw, earlier: Delivered | None, ahead: Interpretation, *, wait: bool, held: bool) -> bool:
        """Whether it says anything new. `wait`: what is not whole yet may be so in a moment."""
        now = None
        if raw.headed and not (wait and (raw.partial or not recognised(raw.lines).whole)):
            before = len(self._harvest.points)
            fresh = earlier is None or earlier.end != raw.end
            now = ahead.look(raw, self._name, self._harvest, fresh=fresh, held=held)
            if earlier is not None and now is not None and (fresh or earlier.digest != now.digest):
                self._take_back(earlier.replaced(self._harvest.points[before:], end=raw.end))
        if (kept := now or earlier) is not None:
            self._ahead[raw.offset] = kept
        return now is not None and (earlier is None or earlier.end != raw.end or earlier.digest != now.digest)

    def _take_back(self, points: list[Point]) -> None:
        points = [point for point in points if point.identity not in self._certain]
        self._harvest.deleted += points
        self._gone.update(point.identity for point in points)

    def _settle(self, machine: Machine, kept: Machine) -> None:
        """Tell how open batches stand; `kept` is the machine that goes into the checkpoint."""
        ahead = (point for delivered in self._ahead.values() for point in delivered.points())
        others = chain(ahead, self._harvest.points)
        new, outdated = self._likely.settle(time.time_ns(), machine.roster, kept.roster, others, self._gone)
        self._harvest.points += new
        self._harvest.deleted += outdated
        if machine is not kept:
            told = {run.id: run.told for run in machine.roster.runs}
            for run in kept.roster.runs:
                run.told = told.get(run.id, run.told)

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
            "layouts": [layout.to_json() for layout in self._layouts_here],
            **self._copies.to_json(),
            "understanding": self._understanding.to_json(),
            "unread": self._unread,
            "ahead": [delivered.to_json() for delivered in self._ahead.values()],
            "likely": self._likely.to_json(),
        }

    def _flush(self) -> Iterator[Batch]:
        """What was gathered, in batches; the checkpoint moves with the last of them."""
        harvest, self._harvest = self._harvest, Harvest()
        harvest.points = latest_batches(harvest.points)
        if self._revises:  # writing leaves fields a batch has no more
            batches = (point for point in harvest.points if point.measurement == "batch")
            harvest.deleted += [Point("batch", point.time, point.tags, {}) for point in batches]
        state = self._state()
        progress = Progress(min(self._read, self._total), self._total)
        while len(harvest.points) > BATCH_POINTS:
            yield Batch(self._checkpoint, harvest.points[:BATCH_POINTS], harvest.deleted, progress=progress)
            harvest.points, harvest.deleted = harvest.points[BATCH_POINTS:], []
        self._checkpoint = state
        yield Batch(state, harvest.points, harvest.deleted, harvest.letters, harvest.records, harvest.bytes, progress)
