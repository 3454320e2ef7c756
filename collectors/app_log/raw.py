"""A record as it stands in the file."""

from __future__ import annotations

from dataclasses import dataclass

from collectors.app_log.clock import Moments
from collectors.app_log.layouts import Known

RECORD_LIMIT = 8 << 20
"""Characters kept of one record; more is counted and set aside."""


@dataclass(slots=True)
class Raw:
    """A record as it stands in the file. `moments` None: it has no time of its own (text before the first record
    gets that of the first)."""

    moments: Moments | None
    millisecond: int
    level: str
    lines: list[str]
    offset: int
    line: int
    layouts: Known = ((), ())
    """Those the log was known to have before this record, and with it."""
    size: int = 0
    count: int = 1
    end: int = 0
    """Offset and line where the next one begins."""
    end_line: int = 0
    tail: bool = False
    """The last one so far: more of it may come."""
    partial: bool = False
    """Its last line has no line end yet."""
    cut: int = 0
    """Bytes that were too many to keep."""
    headed: bool = True
    """False for text that stands before the first record."""

    @property
    def text(self) -> str:
        return self.lines[0] if len(self.lines) == 1 else "\n".join(self.lines)
