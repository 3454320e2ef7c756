"""How much of a log was understood, and the sentences that say so where it is too little."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from collectors.app_log.headers import EXAMPLE
from collectors.app_log.levels import SPELLED
from collectors.app_log.parse import recognised
from collectors.app_log.raw import Raw
from collectors.app_log.templates import OTHER
from collectors.redaction import redact
from metricstore.quantities import quantity

FEWEST = 5
"""So many lines must be outside records before their share says anything."""
_LARGE_SHARE = 0.5
_LOOKALIKE_SHARE = 0.1
_EXCERPT = 120
_STRETCHES_KEPT = 3
_SAME_STRETCH = 200
"""Lines."""
_NOT_FREE = (" ", "\t", "}", "]", "Traceback (")
"""How lines begin that go on with something: rows of results, a traceback."""
_LOOKS_LIKE_A_RECORD = re.compile(rf"(?=.{{0,80}}?\d\d:\d\d:\d\d)(?=.{{0,160}}?\b(?:{SPELLED})\b)")


@dataclass(slots=True)
class Stretch:
    """Where records were counted once that stand there more often."""

    file: str
    first: int
    last: int
    dropped: int
    again: bool = False
    """Whether they are a block that stands there again."""


@dataclass
class Understanding:
    """Of one file."""

    file: str = ""
    lines: int = 0
    records: int = 0
    outside: int = 0
    """Lines that are no record's own text."""
    lookalikes: int = 0
    """Those of them with a time and a level."""
    indented: int = 0
    """Lines before the first record that begin as those do which go on with one."""
    first_line: int = 0
    first_text: str = ""
    undated_year: int = 0
    """Which one its times are taken for, where they have none and the file's date alone decides that."""
    stretches: list[Stretch] = field(default_factory=list)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Understanding:
        return cls(**{**data, "stretches": [Stretch(**each) for each in data.get("stretches", ())]}) if data else cls()

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    def copy(self) -> Understanding:
        return Understanding.from_json(self.to_json())

    def add(self, raw: Raw) -> None:
        """A record, or text before the first."""
        if raw.count == 1 and raw.headed:
            self.lines += 1
            self.records += 1
            return
        self.lines += raw.count
        self.records += raw.headed
        meaning = recognised(raw.lines) if raw.headed else None
        own = 0 if meaning is None else 1 if meaning.event == OTHER else meaning.own_lines
        number = raw.line + own
        for text in raw.lines[own:]:
            if text.strip() and not text.startswith(_NOT_FREE):
                self._outside(text, number)
            elif text.strip() and not self.records:
                self.indented += 1
                if not self.first_text:
                    self._show(text, number)
            number += 1

    def _outside(self, text: str, number: int) -> None:
        self.outside += 1
        lookalike = _LOOKS_LIKE_A_RECORD.match(text) is not None
        if self.outside == 1 or (lookalike and not self.lookalikes):
            self._show(text, number)
        self.lookalikes += lookalike

    def _show(self, text: str, number: int) -> None:
        self.first_line, self.first_text = number, redact(text[: 4 * _EXCERPT])[:_EXCERPT]

    def dropped(self, raw: Raw, *, again: bool) -> None:
        """A further copy of a record, which does not count; `again`: of a block."""
        self.lines += raw.count
        stretch = self.stretches[-1] if self.stretches else None
        if stretch is not None and stretch.again == again and 0 <= raw.line - stretch.last <= _SAME_STRETCH:
            stretch.last, stretch.dropped = raw.line + raw.count - 1, stretch.dropped + 1
        else:
            self.stretches.append(Stretch(self.file, raw.line, raw.line + raw.count - 1, 1, again))
            del self.stretches[:-_STRETCHES_KEPT]

    @property
    def unread(self) -> bool:
        """Whether the file holds nothing, or far less than it should, that is a record."""
        if not self.records:
            return self.outside + self.indented > 0
        return self.outside >= FEWEST and self.outside > _LARGE_SHARE * self.lines

    def sentences(self) -> Iterator[str]:
        """What people should know."""
        if self.unread:
            outside = self.outside if self.records else self.outside + self.indented
            are = "isn't a log record" if outside == 1 else "aren't log records"
            yield self._sentence(f"{outside:,} of {quantity(self.lines, 'lines')} {are} that can be read")
        elif self.lookalikes >= FEWEST and self.lookalikes > _LOOKALIKE_SHARE * self.lines:
            yield self._sentence(
                f"{self.lookalikes:,} of {quantity(self.lines, 'lines')} look like log records but can't be read"
            )
        if self.undated_year:
            yield (
                f"{self.file}: its times have no year; {self.undated_year} is the latest that the file's date leaves open, and is "
                "taken. Let the program write dates, or syslog RFC 5424"
            )
        yield from map(_counted_once, self.stretches)

    def _sentence(self, what: str) -> str:
        return f"{self.file}: {what}; the first is line {self.first_line:,}: '{self.first_text}'. A line that can be read: '{EXAMPLE}'"


def _counted_once(stretch: Stretch) -> str:
    lines = f"from line {stretch.first:,} to line {stretch.last:,}"
    if stretch.again:
        what = (
            f"{quantity(stretch.dropped, 'records')} {lines} {'stands' if stretch.dropped == 1 else 'stand'} in the log before, in the same order "
            "(a log appended to itself, or a handler that writes at exit)"
        )
    else:
        what = f"every record stands more than once {lines} (two log handlers, or the program's output is appended to its log)"
    return f"{stretch.file}: {what}; each is counted once, {quantity(stretch.dropped, 'copies')} {'is' if stretch.dropped == 1 else 'are'} left out"
