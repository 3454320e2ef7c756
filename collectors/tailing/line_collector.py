"""What collectors of a file that grows by lines share: each line is read once, whatever is rotated, cut back or half written.

A collector of one's own says what its lines are and what a line means (`parse`); see `collectors/ai_usage/collector.py`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from collectors.base import WARNINGS, Batch, Checkpoint, DeadLetter, Problem, Progress, warnings_in
from collectors.isolation import Place, isolated
from collectors.reading import digits
from collectors.redaction import redact
from collectors.relied_on import Relied
from collectors.source import Source
from collectors.tailing.json_lines import BadLine
from collectors.tailing.line_counts import LineCounts
from collectors.tailing.positions import Position
from collectors.tailing.stream import MARKS_KEPT, Cut, Span, Stream
from metricstore.point import Point
from metricstore.store import Store

_SECOND = 1_000_000_000
_EXCERPT = 500


@dataclass
class _Taken:
    """What a block gave."""

    last: int
    lines: int
    bytes: int
    end: int
    end_line: int
    bad: list[tuple[int, str]] = field(default_factory=list)
    """Lines that can't be used, with the reason."""
    points: list[Point] = field(default_factory=list)
    letters: list[DeadLetter] = field(default_factory=list)


@dataclass
class _Known:
    """What the checkpoint keeps."""

    position: Position | None
    done: list[Position]
    last: int
    """Time of the latest point so far."""
    warnings: list[str]
    counts: LineCounts

    @classmethod
    def from_json(cls, data: Checkpoint) -> _Known:
        done = [mark for each in data.get("done", ()) if (mark := Position.from_json(each)) is not None]
        return cls(
            Position.from_json(data.get("position")), done, int(data.get("last", 0)), list(warnings_in(data)),
            LineCounts.from_json(data.get("counts")),
        )  # fmt: skip

    def finish(self, span: Span, *, cut: bool = False, failed: bool = False) -> None:
        """A file that nothing more is expected of."""
        if span.final or failed:
            end = span.finished(cut=cut, failed=failed)
            self.done = [*(mark for mark in self.done if mark is not span.begun and mark != end), end][-MARKS_KEPT:]


class LineCollector(ABC):
    """Follows one file and its rotated copies; a line is a point or a dead letter."""

    name: str
    interval_seconds: float = 15.0
    lines_are: str
    """What its lines are, in the plural: `AI calls`."""
    understood: str
    """How a line is written, for people."""
    version: int = 1
    """Of what is made of a line: when it moves on, `brought_up_to_date` is asked once."""

    def __init__(self, source: Source, path: Path) -> None:
        self.source = source
        self._stream = Stream(path, source.code_page)

    @abstractmethod
    def parse(self, text: str, file: str, line: int) -> tuple[Point, str]:
        """The line's point, and what had to be left out of it ("" for nothing). BadLine says why it can't be used."""

    def brought_up_to_date(self, store: Store) -> Iterator[list[Point]]:
        """What an older version stored, as this one would."""
        return iter(())

    def validate(self) -> list[Problem]:
        return [Problem(text, f"Write {self.understood}.") for text in self._warnings(self._looked_into())]

    def watched(self) -> list[Path]:
        return [self._stream.path]

    def relied_on(self, checkpoint: Checkpoint) -> Relied:
        return Relied([self._stream.path] if checkpoint.get("position") else [])

    def collect(self, checkpoint: Checkpoint, store: Store) -> Iterator[Batch]:
        """Whole lines from the checkpoint on; a half-written last line waits until it is whole."""
        if checkpoint.get("version", 1) != self.version:
            yield from self._moved_on(checkpoint, store)
        known = _Known.from_json(checkpoint)
        spans = self._stream.spans(known.position, known.done)
        known.done = self._stream.left(known.position, spans, known.done)
        for span in spans:
            if span.begin.offset == 0:
                known.counts = LineCounts(self.source.name_of(span.file.path))
            try:
                for taken in self._blocks(span, known.last):
                    known.position, known.last = span.at(taken.end, taken.end_line), taken.last
                    known.counts.add(len(taken.points) + len(taken.bad), taken.bad)
                    yield Batch(
                        self._kept(known), taken.points, [], taken.letters, taken.lines, taken.bytes,
                        Progress(taken.end, max(taken.end, span.file.size)),
                    )  # fmt: skip
                known.finish(span)
            except FileNotFoundError:
                break  # it vanished after it was listed
            except Cut as cut:
                if span.still_written():
                    break  # a copy that is being compressed: read on at the next run
                known.finish(span, cut=True)
                yield Batch(self._kept(known), dead_letters=[self._cut_off(cut, span, known.last)])
            except OSError as error:
                if span.file.path == self._stream.path:
                    raise
                self._stream.broke_off(span, error)
                known.finish(span, failed=True)
        known.warnings = self._stream.warnings(known.done, self.source.name_of)
        kept = self._kept(known)
        if kept != checkpoint and (spans or warnings_in(kept) != warnings_in(checkpoint)):
            yield Batch(kept, bookkeeping=True)
        if self._stream.survey.live is not None:
            raise self._stream.survey.live

    def _moved_on(self, checkpoint: Checkpoint, store: Store) -> Iterator[Batch]:
        """To this version."""
        yield from (Batch(checkpoint, points) for points in self.brought_up_to_date(store))
        if checkpoint:
            yield Batch({**checkpoint, "version": self.version}, bookkeeping=True)

    def _kept(self, known: _Known) -> dict[str, Any]:
        """The checkpoint."""
        texts = [*known.warnings, *self._warnings(known.counts)]
        return {
            "position": known.position.to_json() if known.position is not None else None,
            "done": [mark.to_json() for mark in known.done], "last": known.last, "version": self.version,
            "counts": known.counts.to_json(), **({WARNINGS: texts} if texts else {}),
        }  # fmt: skip

    def _warnings(self, counts: LineCounts) -> list[str]:
        return counts.warnings(self.lines_are, self.understood)

    def _looked_into(self) -> LineCounts:
        """The first lines of the file, for those who ask before any run."""
        path = self._stream.path
        counts = LineCounts(self.source.name_of(path))
        spans = Stream(path, self.source.code_page).spans(None, [])
        try:
            for span in (span for span in spans if span.file.path == path):
                taken = next(self._blocks(span, 0), None)
                if taken is not None:
                    counts.add(len(taken.points) + len(taken.bad), taken.bad)
        except (OSError, Cut):
            pass  # what a run says of it
        return counts

    def _cut_off(self, cut: Cut, span: Span, last: int) -> DeadLetter:
        line, text = (cut.rest.numbers[-1], cut.rest.lines[-1]) if cut.rest else (0, "")
        reason = f"the compressed copy can't be read to its end: {cut}"
        return _letter(
            self.source.name_of(span.file.path), line, reason, text, last or int(span.file.modified) * _SECOND
        )

    def _blocks(self, span: Span, last: int) -> Iterator[_Taken]:
        """What each block of a span holds; `last` is the time of the latest point so far."""
        name, begin = self.source.name_of(span.file.path), span.begin.offset
        for block in span.blocks():
            half = block.partial and not span.final
            whole = len(block.lines) - half
            end = block.offsets[-1] if half else block.end
            taken = _Taken(last=last, lines=whole, bytes=end - begin, end=end, end_line=block.end_line)
            for index, text in enumerate(block.lines[:whole]):
                self._take(taken, text.strip().lstrip("\ufeff"), name, block.numbers[index], span, block.cut.get(index))
            begin, last = end, taken.last
            if whole:
                yield taken

    def _take(self, taken: _Taken, text: str, file: str, line: int, span: Span, cut: int | None) -> None:
        if not text:
            return
        near = taken.last or int(span.file.modified) * _SECOND
        bad: list[DeadLetter] = []
        with isolated(bad, Place(file, line, near)):
            point, remark = self._read(text, file, line, cut)
            if remark:
                (bad if point is None else taken.letters).append(_letter(file, line, remark, text, near))
            if point is not None:
                taken.last = max(taken.last, point.time)
                taken.points.append(point)
        taken.bad.extend((line, letter.reason) for letter in bad)
        taken.letters.extend(_letter(file, line, letter.reason, text, near) for letter in bad)

    def _read(self, text: str, file: str, line: int, cut: int | None) -> tuple[Point | None, str]:
        """The point, and what was left out of it; None with the reason for a line that can't be used."""
        try:
            if cut is not None:
                raise BadLine(f"a line of {len(text.encode('utf-8', 'surrogatepass')) + cut:,} bytes")
            return self.parse(text, file, line)
        except (BadLine, OverflowError) as reason:
            return None, str(reason)


def _letter(file: str, line: int, reason: str, text: str, near: int) -> DeadLetter:
    """Its time is near the points around it; the last digits say which line it is, so that it is counted once."""
    time = near // _SECOND * _SECOND + digits(f"{file} {line} {text}", _SECOND)
    return DeadLetter(file, line, reason, redact(text[: 2 * _EXCERPT])[:_EXCERPT], time)
