"""Bytes to lines, about a megabyte at a time, the same whether a log is read at once or piece by piece as it grows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate

from collectors.tailing.encodings import decoded

LINE_LIMIT = 1 << 20
"""Bytes; longer lines are cut here, so that memory stays bounded."""


@dataclass(frozen=True)
class Block:
    """Whole lines in file order, decoded, without their line ends.

    A line ends with a line feed, a carriage return, both, or where a hole of NUL bytes begins. `offsets`: the byte each begins at.
    `numbers`: the line each is in as an editor counts, from 1; several may be in one, behind the carriage returns of a progress bar.
    """

    lines: list[str]
    offsets: Sequence[int]
    numbers: Sequence[int]
    end: int
    """The byte behind the last line and its end."""
    end_line: int
    """Line ends before `end`."""
    cut: Mapping[int, int] = field(default_factory=dict)
    """Bytes that were cut off a line that is too long, by its index."""
    partial: bool = False
    """The last line has no line end yet."""
    consumed: int = 0
    """Bytes on disk read so far (for progress)."""


def split(chunks: Iterator[bytes], offset: int = 0, line: int = 0, line_limit: int = LINE_LIMIT) -> Iterator[Block]:
    """The lines of `chunks`, which begin at byte `offset`, behind `line` line ends."""
    carry, skipped = b"", 0
    for chunk in chunks:
        if skipped:
            rest, newline, chunk = chunk.partition(b"\n")
            skipped += len(rest)
            if not newline:
                continue
            end = offset + len(carry) + skipped + 1
            yield Block([decoded(carry)], [offset], [line + 1], end, line + 1, {0: skipped})
            offset, line, carry, skipped = end, line + 1, b"", 0
        data = carry + chunk
        whole = data.rfind(b"\n") + 1
        if whole:
            block = _block(data[:whole], offset, line, line_limit)
            yield block
            offset, line = block.end, block.end_line
        carry = data[whole:]
        if len(carry) > line_limit:
            carry, skipped = carry[:line_limit], len(carry) - line_limit
    if carry:
        yield Block(
            [decoded(carry)],
            [offset],
            [line + 1],
            offset + len(carry) + skipped,
            line,
            {0: skipped} if skipped else {},
            partial=True,
        )


def _block(data: bytes, offset: int, line: int, limit: int) -> Block:
    """Lines that all end in it."""
    raw = data.split(b"\n")
    raw.pop()
    try:
        lines = data.replace(b"\r\n", b"\n").decode().split("\n")
        lines.pop()
    except UnicodeDecodeError:
        lines = [decoded(each.removesuffix(b"\r")) for each in raw]
    offsets = list(accumulate((len(each) + 1 for each in raw), initial=offset))
    end = offsets.pop()
    cut = {index: len(each) - limit for index, each in enumerate(raw) if len(each) > limit}
    for index in cut:
        lines[index] = decoded(raw[index][:limit])
    return Block(lines, offsets, range(line + 1, line + 1 + len(lines)), end, line + len(lines), cut)
