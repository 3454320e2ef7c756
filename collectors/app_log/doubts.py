"""Lines that look like the header of a record but may only be quoted in one. Pure.

Two kinds are in doubt. A line in a layout the log is not known to have: it is believed when three follow each other, or
when its time fits between its neighbours' and its message is a known one. And a line of the log's own layout that stands
in an open record (behind a traceback, or behind a line that ends with a colon) and is earlier than that record: it is
taken for quoted when the log then goes on from where it was. Neither place nor time is enough alone.

While in doubt, lines are kept with the record they follow, so that nothing is decided before it can be.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from collectors.app_log.headers import Header
from collectors.app_log.layouts import Layouts
from collectors.app_log.raw import RECORD_LIMIT, Raw

BELIEVED = 3
"""So many headers of one new layout in a row are the log's own."""
QUOTED_AT_MOST = 50
"""More headers without return are no quotation: the clock was set back."""
OUT_OF_ORDER_MS = 5_000
"""Programs that share a log may write so much out of order."""
_SLACK_MS = 1_000
_TRACEBACKS = ("Traceback (most recent call last)", "Stack (most recent call last)")


@dataclass(slots=True)
class _Pending:
    raw: Raw
    header: Header | None
    """None: of the log's own layout."""
    index: int
    """Which of the record's lines it is."""


class Doubts:
    """What of the current record may be records of their own."""

    def __init__(self, layouts: Layouts) -> None:
        self._layouts = layouts
        self.pending: list[_Pending] = []
        self._quoted = False

    def __bool__(self) -> bool:
        return bool(self.pending)

    def arises(self, current: Raw, begun: Raw, header: Header | None) -> bool:
        """Whether the line `begun` was read from is in doubt; `header` when it is not of the log's layout now."""
        if current.size >= RECORD_LIMIT:
            return False
        foreign = header is not None and not self._layouts.knows(header)
        quoted = self._seems_quoted(current, begun, foreign=foreign)
        if not foreign and not quoted:
            return False
        self._quoted = quoted or (self._quoted and bool(self.pending))
        self.pending.append(_Pending(begun, header if foreign else None, len(current.lines)))
        return True

    def _seems_quoted(self, current: Raw, begun: Raw, *, foreign: bool) -> bool:
        if current.moments is None or begun.moments is None:
            return False
        back = current.moments[0] + current.millisecond - begun.moments[1] - begun.millisecond
        if self.pending and self._quoted:
            return back > 0 or foreign
        if back <= 0 and not foreign:
            return False
        lines = current.lines[: self.pending[0].index] if self.pending else current.lines
        announced = (lines[-1].rstrip() if len(lines) > 1 else lines[-1]).endswith(":")
        traceback = any(line.startswith(_TRACEBACKS) for line in lines[1:])
        return announced or (traceback and back > OUT_OF_ORDER_MS)

    def believed(self) -> bool:
        """Whether so many are in doubt that they are records."""
        if self._quoted:
            return len(self.pending) >= QUOTED_AT_MOST
        kinds = [each.header.kind for each in self.pending[-BELIEVED:] if each.header is not None]
        return len(kinds) == BELIEVED and len(set(kinds)) == 1

    def fit(self, current: Raw, following: Raw) -> bool:
        """Whether those in doubt stand where records would, now that one follows that certainly is."""
        if self._quoted:
            return False
        times = [raw.moment for raw in (current, *(each.raw for each in self.pending), following)]
        known = [time for time in times if time is not None]
        in_order = all(later >= earlier - _SLACK_MS for earlier, later in pairwise(known))
        return in_order and any(
            each.header is not None and (each.header.template or each.header.message == current.lines[0])
            for each in self.pending
        )

    def forget(self) -> None:
        """They belong to the record."""
        self.pending, self._quoted = [], False

    def split(self, current: Raw) -> list[Raw]:
        """The record without them, and each of them with the lines behind it; the last one is not at its end yet."""
        pending, lines, count = self.pending, current.lines, current.count
        self.forget()
        whole = [current]
        for at, each in enumerate(pending):
            raw, end = each.raw, pending[at + 1].index if at + 1 < len(pending) else len(lines)
            before = self._layouts.state
            if each.header is not None:
                self._layouts.use(each.header)
            raw.layouts = (before, self._layouts.state)
            own = lines[each.index + 1 : end]
            raw.lines += map(self._layouts.text_of, own)
            raw.count = 1 + len(own)
            raw.size = sum(map(len, raw.lines))
            whole[-1].end, whole[-1].end_line = raw.offset, raw.line - 1
            whole.append(raw)
        first = pending[0].index
        current.lines, current.count = lines[:first], count - (len(lines) - first)
        current.size = sum(map(len, current.lines))
        whole[-1].partial = current.partial
        current.partial = False
        return whole
