"""The layouts a log is known to have: lines of the one it has now are matched by one regular expression. Pure.

A log keeps to its layout; that it has another one is believed when its lines show it (see parse.py).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from collectors.app_log import structured
from collectors.app_log.clock import LocalSeconds
from collectors.app_log.headers import JSON, LOGFMT, PLACE, STANDARD, WRAPPED, Header, header_of, moment_of, received_at
from collectors.app_log.levels import LEVELS, SPELLED
from collectors.app_log.prefixes import BY_NAME, WITHOUT_A_YEAR, without_escapes
from collectors.app_log.templates import begun_as
from collectors.app_log.times import pattern_of

KEPT = 8
"""So many layouts of one log are remembered, the latest used first."""

_TOKEN = re.compile(r"(\{time [^}]*\}|\{level\}|\{field\}|\{place\})")
_ENCLOSED = r"[^\[\](){}<>|\n]{1,100}?"
_OPENERS = ("[", "(", "{", "<")


@dataclass(frozen=True)
class Layout:
    """How the lines of a log begin. `tail` is what stands behind the level; None while no known message has shown it."""

    prefixes: tuple[str, ...]
    head: str
    tail: str | None

    @property
    def kind(self) -> str:
        return ">".join((*self.prefixes, self.head))

    def to_json(self) -> list[object]:
        return [list(self.prefixes), self.head, self.tail]

    @classmethod
    def from_json(cls, data: Sequence[object]) -> Layout:
        prefixes, head, tail = data
        assert isinstance(prefixes, list)
        return cls(tuple(prefixes), str(head), None if tail is None else str(tail))


@lru_cache(maxsize=64)
def _line_regex(layout: Layout) -> re.Pattern[str] | None:
    """Matches headers of this layout alone; None where no regular expression can."""
    if layout.tail is None or layout.head in (JSON, LOGFMT) or WRAPPED in layout.prefixes:
        return None
    timed = [name for name in layout.prefixes if "(?P<time>" in BY_NAME[name].pattern]
    timed.sort(key=lambda name: name not in WITHOUT_A_YEAR)
    parts = []
    for name in layout.prefixes:
        group = "(?P<received>" if timed and name == timed[-1] else "(?:"
        parts.append(BY_NAME[name].pattern.replace("(?P<time>", group))
    pieces = _TOKEN.split(layout.head + layout.tail)
    for before, piece in zip(["", *pieces], pieces, strict=False):
        parts.append(_piece_regex(piece, enclosed=before[-1:] in _OPENERS and bool(before)))
    try:
        return re.compile("".join(parts) + "(?P<message>.*)", re.DOTALL | re.ASCII)
    except re.error:
        return None


def _piece_regex(piece: str, *, enclosed: bool) -> str:
    if piece.startswith("{time "):
        return f"(?P<time>{pattern_of(piece[6:-1])})"
    if piece == "{level}":
        return rf"(?P<level>{SPELLED})(?![\w.-])"
    if piece == "{field}":
        return _ENCLOSED if enclosed else r"\S{1,100}?"
    if piece == "{place}":
        return f"(?:{PLACE.pattern})"
    return "".join(
        r"[ \t]+" if letter == " " else rf"[ \t]*{re.escape(letter)}" if letter in "])}>" else re.escape(letter)
        for letter in piece
    )


@lru_cache(maxsize=64)
def _prefix_regex(prefixes: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile("".join(BY_NAME[name].pattern.replace("(?P<time>", "(?:") for name in prefixes), re.ASCII)


Known = tuple[tuple[Layout, ...], tuple[Layout, ...]]
"""The layouts a log is known to have before and with one of its records."""


class Layouts:
    """Those of one log. `state` is plain and never changed in place, so it may be kept."""

    def __init__(self, state: Sequence[Layout] = ()) -> None:
        self.state: tuple[Layout, ...] = tuple(state)
        self._now: re.Pattern[str] | None = None
        self.unchanged: Known = ((), ())
        """For a record that tells nothing new."""
        self.standard = False
        """Whether the log is of the standard layout now."""
        self._settle()

    @classmethod
    def from_json(cls, data: Sequence[Sequence[object]]) -> Layouts:
        return cls([Layout.from_json(entry) for entry in data])

    @property
    def prefixes(self) -> tuple[str, ...]:
        """Those of the layout the log has now."""
        return self.state[0].prefixes if self.state else ()

    def knows(self, header: Header) -> bool:
        """Whether the log is known to have this layout."""
        return any(layout.kind == header.kind for layout in self.state)

    def use(self, header: Header) -> None:
        """The log has this layout now."""
        old = next((layout for layout in self.state if layout.kind == header.kind), None)
        tail = header.tail if header.template is not None else old.tail if old else None
        if old is not None and old is self.state[0] and old.tail == tail:
            return
        layout = Layout(header.prefixes, header.head, tail)
        self.state = (layout, *(other for other in self.state if other.kind != layout.kind))[:KEPT]
        self._settle()

    def restore(self, state: tuple[Layout, ...]) -> None:
        """As they were before."""
        self.state = state
        self._settle()

    def _settle(self) -> None:
        now = self.state[0] if self.state else None
        self.unchanged = (self.state, self.state)
        self.standard = now is not None and now.kind == STANDARD and now.tail == ""
        self._now = _line_regex(now) if now is not None and not self.standard else None

    def read(self, text: str, seconds: LocalSeconds) -> Header | None:
        """The header this line (without escape sequences) is, in the log's layout or in any other."""
        likely = None
        if self._now is not None and (match := self._now.match(text)) is not None:
            likely = _matched(match, self.state[0], seconds)
            if likely is not None and (likely.template is not None or likely.tail):
                return likely
        header = header_of(text, seconds)
        if header is None:
            return likely
        if header.template is None:
            self._shorten(header, text)
        return header

    def _shorten(self, header: Header, text: str) -> None:
        """Where known messages of this layout have shown what stands before them, that is no part of this one either."""
        layout = next((layout for layout in self.state if layout.kind == header.kind), None)
        regex = _line_regex(layout) if layout is not None else None
        if layout is not None and regex is not None and (match := regex.match(text)) is not None:
            header.message, header.tail = match["message"], layout.tail or ""

    def text_of(self, line: str) -> str:
        """A line that goes on with a record, without what is written before each line."""
        prefixes = self.prefixes
        if not prefixes:
            return line
        within = WRAPPED in prefixes
        before = prefixes[: prefixes.index(WRAPPED)] if within else prefixes
        match = _prefix_regex(before).match(line)
        text = line[match.end() :] if match else line
        entry = structured.unwrapped(text) if within else None
        return without_escapes(entry.line) if entry else line if within else text


def _matched(match: re.Match[str], layout: Layout, seconds: LocalSeconds) -> Header | None:
    groups = match.groupdict()
    received = received_at(groups.get("received"), seconds)
    instant = moment_of(groups.get("time") or "", seconds, received)
    if instant is None:
        return None
    message = groups["message"]
    template = begun_as(message)
    level = LEVELS[groups["level"]] if groups.get("level") else template.level if template else "INFO"
    return Header(*instant, level, message, layout.head, layout.tail or "", layout.prefixes, template)
