"""Reads `outputs/ai_usage.ndjson`, which the observed system appends a line to for each AI call."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

from collectors.ai_usage.line_counts import UNDERSTOOD, LineCounts
from collectors.ai_usage.parse import BadCall, Call, parse_call
from collectors.base import WARNINGS, Batch, Checkpoint, DeadLetter, Problem, Progress, warnings_in
from collectors.isolation import Place, isolated
from collectors.platform_moves import respelled_fields
from collectors.prices import PriceError, PriceTable, load_prices, nano_usd
from collectors.reading import decoded, digits
from collectors.redaction import redact
from collectors.relied_on import Relied
from collectors.source import Source
from collectors.tailing.positions import Position
from collectors.tailing.stream import MARKS_KEPT, Cut, Span, Stream
from metricstore.point import Point, nanoseconds
from metricstore.query import Filter
from metricstore.store import Store

_MILLISECOND = 1_000_000
_SECOND = 1_000_000_000
_EXCERPT = 500
_LOOKED_INTO = 64 * 1024
"""Bytes of the file that `validate` looks into."""
_OWN = (Filter("source", "any", ("app",)),)
VERSION = 2
"""Of what is made of a line: when it moves on, what is stored is brought up to date."""


@dataclass
class _Taken:
    """What a block gave."""

    last: int
    lines: int
    bytes: int
    end: int
    end_line: int
    bad: list[tuple[int, str]] = field(default_factory=list)
    """Lines that aren't calls, with the reason."""
    points: list[Point] = field(default_factory=list)
    letters: list[DeadLetter] = field(default_factory=list)


@dataclass
class _Known:
    """What the checkpoint keeps."""

    position: Position | None
    done: list[Position]
    last: int
    """Time of the latest call so far."""
    warnings: list[str]
    counts: LineCounts

    @classmethod
    def from_json(cls, data: Checkpoint) -> _Known:
        done = [mark for each in data.get("done", ()) if (mark := Position.from_json(each)) is not None]
        return cls(
            Position.from_json(data.get("position")), done, int(data.get("last", 0)), list(warnings_in(data)),
            LineCounts.from_json(data.get("counts")),
        )  # fmt: skip

    def to_json(self) -> dict[str, Any]:
        texts = [*self.warnings, *self.counts.warnings]
        warnings = {WARNINGS: texts} if texts else {}
        position = self.position.to_json() if self.position is not None else None
        return {
            "position": position, "done": [mark.to_json() for mark in self.done], "last": self.last, "version": VERSION,
            "counts": self.counts.to_json(), **warnings,
        }  # fmt: skip

    def finish(self, span: Span, *, cut: bool = False, failed: bool = False) -> None:
        """A file that nothing more is expected of."""
        if span.final or failed:
            end = span.finished(cut=cut, failed=failed)
            self.done = [*(mark for mark in self.done if mark is not span.begun and mark != end), end][-MARKS_KEPT:]


class AiUsageCollector:
    """AI calls with tokens, latency, outcome and cost."""

    name = "ai_usage"
    interval_seconds = 15.0

    def __init__(self, source: Source) -> None:
        self.source = source
        self._stream = Stream(source.ai_usage_path(), source.code_page)

    @cached_property
    def _prices(self) -> PriceTable:
        return load_prices(self.source.price_table)

    def validate(self) -> list[Problem]:
        try:
            load_prices(self.source.price_table)
        except PriceError as error:
            return [Problem(str(error), "mend the file or unset DASHAPP_PRICE_TABLE", fatal=True)]
        return [Problem(text, f"Write {UNDERSTOOD}.") for text in self._looked_into().warnings]

    def _looked_into(self) -> LineCounts:
        """The first lines of the file, for those who ask before any run."""
        counts = LineCounts(self.source.name_of(self.source.ai_usage_path()))
        try:
            with self.source.ai_usage_path().open("rb") as file:
                data = file.read(_LOOKED_INTO)
        except OSError:
            return counts
        for number, raw in enumerate(data[: data.rfind(b"\n") + 1].splitlines(), 1):
            if text := decoded(raw).strip().lstrip("\ufeff"):
                point, reason = self._read(text, "", number, None)
                counts.add(1, [] if point else [(number, reason)])
        return counts

    def watched(self) -> list[Path]:
        return [self.source.ai_usage_path()]

    def relied_on(self, checkpoint: Checkpoint) -> Relied:
        return Relied([self.source.ai_usage_path()] if checkpoint.get("position") else [])

    def collect(self, checkpoint: Checkpoint, store: Store) -> Iterator[Batch]:
        """Whole lines from the checkpoint on; a half-written last line waits until it is whole."""
        if checkpoint.get("version") != VERSION:
            yield from _brought_up_to_date(checkpoint, store)
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
                        known.to_json(), taken.points, [], taken.letters, taken.lines, taken.bytes,
                        Progress(taken.end, max(taken.end, span.file.size)),
                    )  # fmt: skip
                known.finish(span)
            except FileNotFoundError:
                break  # it vanished after it was listed
            except Cut as cut:
                if span.still_written():
                    break  # a copy that is being compressed: read on at the next run
                known.finish(span, cut=True)
                yield Batch(known.to_json(), dead_letters=[self._cut_off(cut, span, known.last)])
            except OSError as error:
                if span.file.path == self._stream.path:
                    raise
                self._stream.broke_off(span, error)
                known.finish(span, failed=True)
        known.warnings = self._stream.warnings(known.done, self.source.name_of)
        warnings = list(known.to_json().get(WARNINGS, ()))
        if known.to_json() != checkpoint and (spans or warnings != list(warnings_in(checkpoint))):
            yield Batch(known.to_json(), bookkeeping=True)
        if self._stream.survey.live is not None:
            raise self._stream.survey.live

    def _cut_off(self, cut: Cut, span: Span, last: int) -> DeadLetter:
        line, text = (cut.rest.numbers[-1], cut.rest.lines[-1]) if cut.rest else (0, "")
        reason = f"the compressed copy can't be read to its end: {cut}"
        return _letter(
            self.source.name_of(span.file.path), line, reason, text, last or int(span.file.modified) * _SECOND
        )

    def _blocks(self, span: Span, last: int) -> Iterator[_Taken]:
        """What each block of a span holds; `last` is the time of the latest call so far."""
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
        """The call, and what was left out of it; None with the reason for a line that isn't one."""
        try:
            if cut is not None:
                raise BadCall(f"a line of {len(text.encode('utf-8', 'surrogatepass')) + cut:,} bytes")
            call = parse_call(text, self.source.zone, datetime.now(UTC))
            return self._point(call, text, file, line), call.remark
        except (BadCall, OverflowError) as reason:
            return None, str(reason)

    def _point(self, call: Call, text: str, file: str, line: int) -> Point:
        """The same line is the same point: its last digits come from the call's id, else from the line."""
        identity = str(call.values.get("request_id") or text)
        time = nanoseconds(call.ended) // _MILLISECOND * _MILLISECOND + digits(identity, _MILLISECOND)
        fields = {**call.values, **self._cost(call), "file": file, "line": line}
        return Point(
            "gen_ai_request", time, {"source": "app", "provider": call.provider, "outcome": call.outcome}, fields
        )

    def _cost(self, call: Call) -> dict[str, str | int]:
        if call.cost_usd is not None:
            return {"cost_nano_usd": nano_usd(call.cost_usd), "pricing": "measured"}
        if call.outcome == "error" and call.tokens is None:
            return {}  # refused before anything was counted
        price = self._prices.find(call.provider, str(call.values.get("model", "")), call.ended)
        if price is None or call.tokens is None:
            return {"pricing": "unknown"}
        cost = nano_usd(price.usd(call.tokens))
        return {"cost_nano_usd": cost, "pricing": "estimated", "price_table": price.version}


def _brought_up_to_date(checkpoint: Checkpoint, store: Store) -> Iterator[Batch]:
    """What an older version stored gets the networks' names."""
    for points in respelled_fields(store, "gen_ai_request", _OWN):
        yield Batch(checkpoint, points)
    if checkpoint:
        yield Batch({**checkpoint, "version": VERSION}, bookkeeping=True)


def _letter(file: str, line: int, reason: str, text: str, near: int) -> DeadLetter:
    """Its time is near the calls around it; the last digits say which line it is, so that it is counted once."""
    time = near // _SECOND * _SECOND + digits(f"{file} {line} {text}", _SECOND)
    return DeadLetter(file, line, reason, redact(text[: 2 * _EXCERPT])[:_EXCERPT], time)
