"""Reads `outputs/ai_usage.ndjson`, which the observed system appends a line to for each AI call."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

from collectors.ai_usage.parse import BadCall, Call, parse_call
from collectors.base import WARNINGS, Batch, Checkpoint, DeadLetter, Problem, Progress, warnings_in
from collectors.prices import PriceError, PriceTable, load_prices, nano_usd
from collectors.reading import digits
from collectors.redaction import redact
from collectors.source import Source
from collectors.tailing.stream import MARKS_KEPT, Cut, Position, Span, Stream
from metricstore.point import Point, nanoseconds
from metricstore.store import Store

_MILLISECOND = 1_000_000
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

    @classmethod
    def from_json(cls, data: Checkpoint) -> _Known:
        done = [mark for each in data.get("done", ()) if (mark := Position.from_json(each)) is not None]
        return cls(Position.from_json(data.get("position")), done, int(data.get("last", 0)), list(warnings_in(data)))

    def to_json(self) -> dict[str, Any]:
        warnings = {WARNINGS: self.warnings} if self.warnings else {}
        position = self.position.to_json() if self.position is not None else None
        return {"position": position, "done": [mark.to_json() for mark in self.done], "last": self.last, **warnings}

    def finish(self, span: Span, *, cut: bool = False, failed: bool = False) -> None:
        """A file that nothing more is expected of."""
        if span.final:
            end = span.finished(cut=cut, failed=failed)
            self.done = [*(mark for mark in self.done if mark is not span.begun), end][-MARKS_KEPT:]


class AiUsageCollector:
    """AI calls with tokens, latency, outcome and cost."""

    name = "ai_usage"
    interval_seconds = 15.0

    def __init__(self, source: Source) -> None:
        self._source = source
        self._stream = Stream(source.ai_usage_path())

    @cached_property
    def _prices(self) -> PriceTable:
        return load_prices(self._source.price_table)

    def validate(self) -> list[Problem]:
        try:
            load_prices(self._source.price_table)
        except PriceError as error:
            return [Problem(str(error), "mend the file or unset DASHAPP_PRICE_TABLE", fatal=True)]
        return []

    def watched(self) -> list[Path]:
        return [self._source.ai_usage_path()]

    def collect(self, checkpoint: Checkpoint, store: Store) -> Iterator[Batch]:
        """Whole lines from the checkpoint on; a half-written last line waits until it is whole."""
        known = _Known.from_json(checkpoint)
        spans = self._stream.spans(known.position, known.done)
        known.done = self._stream.left(known.position, spans, known.done)
        for span in spans:
            try:
                for taken in self._blocks(span, known.last):
                    known.position, known.last = span.at(taken.end, taken.end_line), taken.last
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
                if not span.final:
                    raise
                self._stream.broke_off(span, error)
                known.finish(span, failed=True)
        known.warnings = self._stream.warnings(known.done, self._source.name_of)
        if known.to_json() != checkpoint and (spans or known.warnings != list(warnings_in(checkpoint))):
            yield Batch(known.to_json(), bookkeeping=True)
        if self._stream.survey.live is not None:
            raise self._stream.survey.live

    def _cut_off(self, cut: Cut, span: Span, last: int) -> DeadLetter:
        line, text = (cut.rest.numbers[-1], cut.rest.lines[-1]) if cut.rest else (0, "")
        reason = f"the compressed copy can't be read to its end: {cut}"
        return _letter(
            self._source.name_of(span.file.path), line, reason, text, last or int(span.file.modified) * _SECOND
        )

    def _blocks(self, span: Span, last: int) -> Iterator[_Taken]:
        """What each block of a span holds; `last` is the time of the latest call so far."""
        name, begin = self._source.name_of(span.file.path), span.begin.offset
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
        try:
            if cut is not None:
                raise BadCall(f"a line of {len(text.encode()) + cut:,} bytes")
            point = self._point(parse_call(text, self._source.zone, datetime.now(UTC)), text, file, line)
        except (BadCall, OverflowError) as reason:
            near = taken.last or int(span.file.modified) * _SECOND
            taken.letters.append(_letter(file, line, str(reason), text, near))
        else:
            taken.last = max(taken.last, point.time)
            taken.points.append(point)

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


def _letter(file: str, line: int, reason: str, text: str, near: int) -> DeadLetter:
    """Its time is near the calls around it; the last digits say which line it is, so that it is counted once."""
    time = near // _SECOND * _SECOND + digits(f"{file} {line} {text}", _SECOND)
    return DeadLetter(file, line, reason, redact(text)[:_EXCERPT], time)
