"""What reading a log gives: lines, and places to read on from. Pure data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from collectors.tailing.encodings import EIGHT_BIT


@dataclass(frozen=True)
class Block:
    """Lines in file order, decoded, without their line ends.

    A line ends with a line feed, a carriage return or both, or where a hole of NUL bytes begins. `offsets`: the byte
    each begins at. `numbers`: the line each is in as an editor counts, from 1; several may share one, behind the
    carriage returns of a progress bar.
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


@dataclass(frozen=True)
class Place:
    """A byte at which a line begins, and what must be known to read on from there."""

    offset: int = 0
    line: int = 0
    """Line ends before it."""
    encoding: str = EIGHT_BIT
    returns: bool = False
    """Whether carriage returns alone count as line ends, as in files that have no other."""
