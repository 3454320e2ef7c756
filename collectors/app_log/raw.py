"""A record as it stands in the file."""

from __future__ import annotations

from collectors.app_log.clock import Moments
from collectors.app_log.layouts import Known

RECORD_LIMIT = 8 << 20
"""Characters kept of one record; more is counted and set aside."""


class Raw:
    """A record as it stands in the file. `moments` None: it has no time of its own (text before the first record
    gets that of the first).

    Millions are made, and nearly all are as the class says: only what differs is kept with each.
    """

    layouts: Known = ((), ())
    """Those the log was known to have before this record, and with it."""
    count: int = 1
    """Its lines, those included that were too many to keep."""
    end: int = 0
    """Offset and line where the next one begins."""
    end_line: int = 0
    tail: bool = False
    """The last one so far: more of it may come."""
    partial: bool = False
    """Its last line has no line end yet."""
    cut: int = 0
    """Bytes that were too many to keep."""
    behind: tuple[int, int, int, int] = (-1, -1, 0, 0)
    """Where looking for repeated blocks stood before it, of records that were sorted (see repeats.py)."""
    headed: bool = True
    """False for text that stands before the first record."""

    def __init__(
        self, moments: Moments | None, millisecond: int, level: str, lines: list[str], offset: int, line: int, size: int
    ) -> None:
        self.moments, self.millisecond, self.level, self.lines = moments, millisecond, level, lines
        self.offset, self.line, self.size = offset, line, size

    @property
    def text(self) -> str:
        return self.lines[0] if len(self.lines) == 1 else "\n".join(self.lines)

    @property
    def moment(self) -> int | None:
        """UTC milliseconds, at the first of two times its clock shows."""
        return None if self.moments is None else self.moments[0] + self.millisecond
