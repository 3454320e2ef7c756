"""Reads `outputs/ai_usage.ndjson`, which the observed system appends a line to for each AI call."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

from collectors.ai_usage.line_counts import UNDERSTOOD, LineCounts
from collectors.ai_usage.parse import BadCall, Call, parse_call
from collectors.base import WARNINGS, Batch, Checkpoint, DeadLetter, Problem, Progress
from collectors.following import MARKS_KEPT, Position, Span, Stream, mark, read
from collectors.isolation import Place, isolated
from collectors.platform_moves import respelled_fields
from collectors.prices import PriceError, PriceTable, load_prices, nano_usd
from collectors.reading import decoded, digits
from collectors.redaction import redact
from collectors.source import Source
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
    bad: list[tuple[int, str]] = field(default_factory=list)
    """Lines that aren't calls, with the reason."""
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
        return [Problem(text, f"Write {UNDERSTOOD}.") for text in self._looked_into().warnings]

    def _looked_into(self) -> LineCounts:
        """The first lines of the file, for those who ask before any run."""
        counts = LineCounts(self._source.name_of(self._source.ai_usage_path()))
        try:
            with self._source.ai_usage_path().open("rb") as file:
                data = file.read(_LOOKED_INTO)
        except OSError:
            return counts
        for number, raw in enumerate(data[: data.rfind(b"\n") + 1].splitlines(), 1):
            if text := decoded(raw).strip().lstrip("\ufeff"):
                point, reason = self._read(text, "", number, None)
                counts.add(1, [] if point else [(number, reason)])
        return counts

    def watched(self) -> list[Path]:
        return [self._source.ai_usage_path()]

    def collect(self, checkpoint: Checkpoint, store: Store) -> Iterator[Batch]:
        """Whole lines from the checkpoint on; a half-written last line waits until it is whole."""
        if checkpoint.get("version") != VERSION:
            for points in respelled_fields(store, "gen_ai_request", _OWN):
                yield Batch(checkpoint, points)
            if checkpoint:
                checkpoint = {**checkpoint, "version": VERSION}
                yield Batch(checkpoint, bookkeeping=True)
        position = Position.from_json(checkpoint.get("position"))
        done: list[Mapping[str, Any]] = list(checkpoint.get("done", ()))
        last = int(checkpoint.get("last", 0))
        counts = LineCounts.from_json(checkpoint.get("counts"))

        def state(at: Position) -> Checkpoint:
            return {
                "position": at.to_json(), "done": done, "last": last, "version": VERSION, "counts": counts.to_json(),
                WARNINGS: counts.warnings,
            }  # fmt: skip

        for span in self._stream.spans(position, done):
            offset, line = span.offset, span.line
            if offset == 0:
                counts = LineCounts(self._source.name_of(span.file.path))
            try:
                for taken in self._blocks(span, last):
                    offset, line, last = offset + taken.bytes, line + taken.lines, taken.last
                    counts.add(len(taken.points) + len(taken.bad), taken.bad)
                    yield Batch(
                        state(span.at(offset, line)), taken.points, [], taken.letters, taken.lines, taken.bytes,
                        Progress(offset, max(offset, span.file.size)),
                    )  # fmt: skip
            except (EOFError, zlib.error):
                return  # a copy that is still being compressed: read on at the next run
            if span.final:
                done = [*done, mark(span.file, offset, line)][-MARKS_KEPT:]
                yield Batch(state(span.at(offset, line)))

    def _blocks(self, span: Span, last: int) -> Iterator[_Taken]:
        """What each block of a span holds; `last` is the time of the latest call so far."""
        name, number = self._source.name_of(span.file.path), span.line
        for block in read(span):
            half = block.partial and not span.final
            whole = len(block.lines) - half
            taken = _Taken(last=last, lines=whole, bytes=whole - (block.partial and not half))
            for place, raw in enumerate(block.lines[:whole]):
                taken.bytes += block.lengths.get(place, len(raw))
                self._take(taken, decoded(raw).strip().lstrip("\ufeff"), name, number + place + 1, span,
                           block.lengths.get(place))  # fmt: skip
            number, last = number + whole, taken.last
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
                raise BadCall(f"a line of {cut:,} bytes")
            call = parse_call(text, self._source.zone, datetime.now(UTC))
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


def _letter(file: str, line: int, reason: str, text: str, near: int) -> DeadLetter:
    """Its time is near the calls around it; the last digits say which line it is, so that it is counted once."""
    time = near // _SECOND * _SECOND + digits(f"{file} {line} {text}", _SECOND)
    return DeadLetter(file, line, reason, redact(text[: 2 * _EXCERPT])[:_EXCERPT], time)
