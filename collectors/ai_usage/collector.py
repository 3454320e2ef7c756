"""Reads `outputs/ai_usage.ndjson`, which the observed system appends a line to for each AI call."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

from collectors.ai_usage.parse import BadCall, Call, parse_call
from collectors.base import Batch, Checkpoint, DeadLetter, Problem, Progress
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
        position = Position.from_json(checkpoint.get("position"))
        done = [mark for data in checkpoint.get("done", ()) if (mark := Position.from_json(data)) is not None]
        last = int(checkpoint.get("last", 0))
        spans = self._stream.spans(position, done)
        if position is not None and spans and spans[0].begun is not position:
            done = [*done, position.finished()]
        for span in spans:
            offset, line = span.begin.offset, span.begin.line
            try:
                for taken in self._blocks(span, last):
                    offset, line, last = taken.end, taken.end_line, taken.last
                    yield Batch(
                        _state(span.at(offset, line), done, last), taken.points, [],
                        taken.letters, taken.lines, taken.bytes, Progress(offset, max(offset, span.file.size)),
                    )  # fmt: skip
            except Cut:
                return  # a copy that is still being compressed: read on at the next run
            if span.final:
                done = [*(mark for mark in done if mark is not span.begun), span.end().finished()][-MARKS_KEPT:]
                yield Batch(_state(span.at(offset, line), done, last))

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


def _state(position: Position, done: list[Position], last: int) -> dict[str, Any]:
    return {"position": position.to_json(), "done": [mark.to_json() for mark in done], "last": last}


def _letter(file: str, line: int, reason: str, text: str, near: int) -> DeadLetter:
    """Its time is near the calls around it; the last digits say which line it is, so that it is counted once."""
    time = near // _SECOND * _SECOND + digits(f"{file} {line} {text}", _SECOND)
    return DeadLetter(file, line, reason, redact(text)[:_EXCERPT], time)
