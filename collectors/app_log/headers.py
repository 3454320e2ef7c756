"""How the lines of a log begin: time, level and other fields in any order, behind any prefix. Pure.

Nobody says how a log is laid out, so it is read from its lines. A line is a header where it has one certain time and one
level between separators; what stands behind the level belongs to the layout where its shape is unmistakable (Flask's
`in module:`, loguru's `name:function:line -`) or where what follows is a message that is known (see templates.py).

A layout is written down as a pattern, `[{time -_,}] {level} {place}`; see layouts.py for how the lines that follow are matched.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from collectors.app_log import logfmt, structured
from collectors.app_log.clock import LocalSeconds, Moments
from collectors.app_log.levels import LEVELS, SPELLED
from collectors.app_log.prefixes import DEEPEST, REGEXES, without_escapes
from collectors.app_log.templates import Template, begun_as
from collectors.app_log.times import EPOCH, STAMP, Undated, epoch_moments, moments_of, style_of, told_by

STANDARD = "{time -_,} - {level} - "
EXAMPLE = "2026-10-14 09:00:01,101 - INFO - Starting LinkedIn post generation."
"""A line everybody can compare theirs with."""

JSON = "{json}"
LOGFMT = "{logfmt}"
WRAPPED = "json-file"
"""A program's line inside an object that Docker or the journal made of it."""
WIDEST = 400
"""A header ends within so many characters."""
_ELEMENTS = 8
_LOOSE = 2
"""So many fields may stand between spaces alone: more are words of a sentence."""
_OPENERS = ("[", "(", "{", "<")
Instant = tuple[Moments, int] | None
"""A second and a millisecond."""
Received = tuple[Moments, int] | Undated | None
"""When a line was received."""


_CLOCK = re.compile(r"\d\d:\d\d:\d\d", re.ASCII)
_TIME = re.compile(STAMP, re.ASCII)
_EPOCH = re.compile(EPOCH, re.ASCII)
_EARLY_EPOCH = re.compile(rf"(?<![\w.-]){EPOCH}", re.ASCII)
_EARLY = 120
"""Characters within which a time that is only a number must begin: behind prefixes and a level."""
_LEVEL = re.compile(rf"(?:{SPELLED})(?![\w.-])")
_FIELD = re.compile(r"[^\s\[\](){}<>|,;]{0,99}[^\s\[\](){}<>|,;:–—-]")
_ENCLOSED = re.compile(r"[^\[\](){}<>|\n]{1,100}")
_OPENING = re.compile(r"[\[({<]*")
_BETWEEN = re.compile(r"[\])}> \t|:;,–—=-]*[\[({<]*")
_LAST = re.compile(
    r"(?:/[\w.-]+)?(?:[ \t]*[\])}>]+)*[ \t]*(?:(?:---?>?|->?|–|—|\||::?|=>|>|~)(?:[ \t]+|$|(?<=:))|[;,][ \t]*)?"
)
PLACE = re.compile(
    r"in [\w.$-]{1,100}: "
    r"|[\[(]?[\w.<>$/-]{1,150}:[\w.<>$-]{1,100}:\d+[\])]?(?: - | \| |: | )"
    r"|[\[(]?[\w./-]{1,150}\.py:\d+[\])]?(?: - | \| |: | )"
)
"""Where in the program it was logged: no message begins like that."""
_NAME = re.compile(
    r"([\w.-]{1,100}\[[\w.-]{1,60}\]): "
    r"|[\[({<]([^\[\](){}<>\n]{1,100})[\])}>](?: ?(?:-+|\||:))?[ \t]*"
    r"|([^\s:\[\](){}<>|,;]{1,100}):(?=\S)"
    r"|([^\s\[\](){}<>|,;]{0,99}[^\s\[\](){}<>|,;:-])(?:[ \t]+(?:-+|\||:|~)[ \t]+|[:;,][ \t]*|[ \t]+)"
)
"""What may be a logger's name, a process or a thread, where what stands behind it is known."""
_TAIL_FIELDS = 4


@dataclass(slots=True)
class Header:
    """What the first line of a record says. `head` is how it is laid out up to the level, `tail` what stands between
    that and the message; `template` is the one its message is of."""

    moments: Moments
    millisecond: int
    level: str
    message: str
    head: str
    tail: str = ""
    prefixes: tuple[str, ...] = ()
    template: Template | None = None

    @property
    def kind(self) -> str:
        """The layout it is of, whatever stands behind the level."""
        return ">".join((*self.prefixes, self.head))


def header_of(text: str, seconds: LocalSeconds) -> Header | None:
    """What a line without escape sequences says if a record begins with it, in whatever layout."""
    return _behind(text, seconds, (), None)


def _behind(text: str, seconds: LocalSeconds, prefixes: tuple[str, ...], received: Received) -> Header | None:
    if text[:1] == "{":
        return _in_json(text, seconds, prefixes, received)
    if logfmt.begins(text) and (header := _of_fields(logfmt.record_of(text), LOGFMT, seconds, prefixes)) is not None:
        return header
    if received is None and not (_CLOCK.search(text, 0, WIDEST) or _EARLY_EPOCH.search(text, 0, _EARLY)):
        return None
    if len(prefixes) < DEEPEST:
        for name, regex in REGEXES:
            if (match := regex.match(text)) is not None:
                at = received_at(match.groupdict().get("time"), seconds)
                at = received if at is None or (received is not None and isinstance(at, Undated)) else at
                if (found := _behind(text[match.end() :], seconds, (*prefixes, name), at)) is not None:
                    return found
    return _fields(text, seconds, prefixes, received) or _without_level(text, seconds, prefixes, received)


def _fields(text: str, seconds: LocalSeconds, prefixes: tuple[str, ...], received: Received) -> Header | None:
    """Elements between separators until there is a time and a level."""
    stamp, level, loose, before = "", "", 0, _OPENING.match(text)[0]  # type: ignore[index]
    shape, at = [before], len(before)
    for _ in range(_ELEMENTS):
        if not stamp and (match := _TIME.match(text, at) or (_may_count(shape) and _EPOCH.match(text, at)) or None):
            stamp, element = match[0], f"{{time {style_of(match[0])}}}"
        elif not level and (match := _LEVEL.match(text, at)) and (match[0].isupper() or not loose):
            level, element = match[0], "{level}"
        elif match := (_ENCLOSED if before[-1:] in _OPENERS else _FIELD).match(text, at):
            element = "{field}"
        else:
            return None
        at = match.end()
        whole = bool(level and (stamp or received))
        after = (_LAST if whole else _BETWEEN).match(text, at)[0]  # type: ignore[index]
        if (not after and at < len(text)) or at > WIDEST:
            return None
        if element == "{field}" and not before.strip() and not after.strip():
            loose += 1
            if loose > _LOOSE or not (stamp or received):
                return None
        shape += element, after
        at += len(after)
        if whole:
            return _placed(text[at:], stamp, level, "".join(shape), seconds, prefixes, received)
        before = after
    return None


def _may_count(shape: list[str]) -> bool:
    """Whether a number that comes next may be a time: it stands first, or it and all before it are in brackets. Anywhere
    else it may be an id."""
    bracketed = all(part[-1:] in _OPENERS for part in shape[::2])
    return len(shape) == 1 or (bracketed and "{field}" not in shape)


def _without_level(text: str, seconds: LocalSeconds, prefixes: tuple[str, ...], received: Received) -> Header | None:
    """Only a time and a message: a record where the message is a known one, whose level is known with it."""
    before = _OPENING.match(text)[0]  # type: ignore[index]
    match = _TIME.match(text, len(before)) or _EPOCH.match(text, len(before))
    stamp, at, shape = "", 0, ""
    if match:
        after = _LAST.match(text, match.end())[0]  # type: ignore[index]
        stamp, at, shape = match[0], match.end() + len(after), f"{before}{{time {style_of(match[0])}}}{after}"
    elif received is None:
        return None
    template = begun_as(text[at:])
    if template is None:
        return None
    return _placed(text[at:], stamp, template.level, shape, seconds, prefixes, received)


def _placed(
    rest: str, stamp: str, level: str, shape: str, seconds: LocalSeconds, prefixes: tuple[str, ...], received: Received
) -> Header | None:
    instant = moment_of(stamp, seconds, received)
    if instant is None:
        return None
    tail, message, template = _told_apart(rest)
    moments, millisecond = instant
    return Header(moments, millisecond, LEVELS[level], message, _spaced(shape), tail, prefixes, template)


def received_at(stamp: str | None, seconds: LocalSeconds) -> Received:
    """What a prefix says of when its line was received."""
    if not stamp:
        return None
    return Undated(stamp) if stamp[0].isalpha() else moments_of(stamp, seconds)


def moment_of(stamp: str, seconds: LocalSeconds, received: Received) -> Instant:
    """When it was logged: its own time, else when the line was received. A local time behind an instant is told by it."""
    if isinstance(received, Undated):
        return moments_of(stamp, seconds) if stamp else received.moments(seconds)
    own = moments_of(stamp, seconds) if stamp else received
    if stamp and own and received and not style_of(stamp).endswith("z"):
        return told_by(received[0], own[0], own[1]), own[1]
    return own


def _told_apart(rest: str) -> tuple[str, str, Template | None]:
    """What stands behind the level: the layout's part of it, the message, and its template."""
    if template := begun_as(rest):
        return "", rest, template
    at, shape, firm, firm_shape = 0, "", 0, ""
    for _ in range(_TAIL_FIELDS):
        if match := PLACE.match(rest, at):
            shape += "{place}"
        elif match := _NAME.match(rest, at):
            begin, end = match.span(match.lastindex or 0)
            shape += _spaced(f"{rest[at:begin]}{{field}}{rest[end : match.end()]}")
        else:
            break
        at = match.end()
        if template := begun_as(rest[at:]):
            return shape, rest[at:], template
        if shape.endswith("{place}"):
            firm, firm_shape = at, shape
    return firm_shape, rest[firm:], None


def _spaced(shape: str) -> str:
    return re.sub(r" (?=[\])}>])", "", re.sub(r"[ \t]+", " ", shape))


def _in_json(text: str, seconds: LocalSeconds, prefixes: tuple[str, ...], received: Received) -> Header | None:
    if len(prefixes) < DEEPEST and (entry := structured.unwrapped(text)) is not None:
        within, line = (*prefixes, WRAPPED), without_escapes(entry.line)
        instant = moments_of(entry.time, seconds) or received
        if (header := _behind(line, seconds, within, instant)) is not None:
            return header
        if isinstance(instant, tuple) and entry.level:
            return Header(*instant, entry.level, line, "", "", within, begun_as(line.split("\n", 1)[0]))
    return _of_fields(structured.record_of(text), JSON, seconds, prefixes)


def _of_fields(
    found: tuple[str | float, str, str] | None, head: str, seconds: LocalSeconds, prefixes: tuple[str, ...]
) -> Header | None:
    """The header of a record that has names for its parts."""
    if found is None or found[1] not in LEVELS:
        return None
    stamp, level, message = found
    instant = moments_of(stamp, seconds) if isinstance(stamp, str) else epoch_moments(stamp)
    if instant is None:
        return None
    first = message.split("\n", 1)[0]
    return Header(*instant, LEVELS[level], message, head, "", prefixes, begun_as(first))
