"""A message in the pieces that all receivers show: lines of bounded length, in the order in which they are read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from typing import Literal, NamedTuple
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from alerting.message import MOST_WINDOWS, Figure, Message, Subject
from alerting.receivers.bodies.plain import one_line

STATES: dict[Subject, str] = {
    "fired": "Alert", "raised": "Raised", "added": "More", "repeated": "Still open", "resolved": "Resolved", "quiet": "Quiet",
    "gone": "Gone", "corrected": "Corrected", "test": "Test",
}  # fmt: skip
REPEATED = "Repeated: you may have this message already."
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_TITLE, _SENTENCE, _MISSING, _VALUE, _NAME, _WINDOW, _LABELS, _LINK = 120, 1000, 500, 120, 40, 80, 12, 1500


class Fact(NamedTuple):
    name: str
    value: str


class Link(NamedTuple):
    name: str
    url: str


@dataclass(frozen=True)
class Said:
    """All texts are one line each and not escaped."""

    headline: str
    """`Alert: AI requests fail (provider openai)`."""
    sentence: str
    facts: tuple[Fact, ...]
    missing: str
    figures: tuple[Figure, ...]
    heads: tuple[str, str]
    """Of the two columns of figures."""
    main: str
    """The address of what it is about; empty where there is none."""
    links: tuple[Link, ...]
    """The main one first."""
    picture: str
    """The address of a picture that needs no login."""
    repeated: str
    """For receivers that know no ids; empty the first time."""

    @property
    def further(self) -> tuple[Link, ...]:
        """All links but the main one."""
        return self.links[1:] if self.main else self.links

    @staticmethod
    def of(message: Message) -> Said:
        return Said(
            headline=_headline(message), sentence=one_line(message.sentence, _SENTENCE), facts=_facts(message),
            missing=one_line(message.missing, _MISSING),
            figures=tuple(Figure(one_line(each.window, _WINDOW), one_line(each.value, _VALUE)) for each in message.figures[-MOST_WINDOWS:]),
            heads=("Alert", "Figure") if message.gathered else ("Window", "Value"),
            main=_web(message.link), links=_links(message), picture=_web(message.picture_link), repeated=REPEATED if message.sent_before else "",
        )  # fmt: skip


def when(moment: datetime, timezone: str) -> str:
    """`Thu 26 Nov 2026, 14:00 (Europe/Berlin)`."""
    there = moment.astimezone(_zone(timezone))
    day = f"{_DAYS[there.weekday()]} {there.day} {_MONTHS[there.month - 1]} {there.year}"
    return f"{day}, {there:%H:%M} ({timezone if there.tzinfo is not UTC else 'UTC'})"


State = Literal["page", "ticket", "info", "well", "unknown"]


def state(message: Message) -> State:
    """How bad it is now. An alert that ended without a number that is right again is not well: nobody knows."""
    if message.ended:
        return "well" if message.subject in ("resolved", "corrected") else "unknown"
    return "page" if message.subject == "raised" else message.severity


def color(message: Message) -> str:
    """The same as six hexadecimal digits."""
    return {"page": "c62828", "ticket": "b26a00", "info": "1565c0", "well": "2e7d32", "unknown": "5f6b76"}[
        state(message)
    ]


def _zone(name: str) -> tzinfo:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return UTC


def _headline(message: Message) -> str:
    title = one_line(message.title or message.rule, _TITLE)
    whose = ", ".join(f"{name} {value}" for name, value in sorted(message.labels.items()))
    return f"{STATES[message.subject]}: {title}" + (f" ({one_line(whose, _TITLE)})" if whose else "")


def _facts(message: Message) -> tuple[Fact, ...]:
    since, at = when(message.since, message.timezone), when(message.at, message.timezone)
    found = [
        Fact("Value", message.value), Fact("Limit", message.limit), Fact("Since", since),
        Fact("Ended", at if message.ended else ""), Fact("As of", "" if message.ended or at == since else at),
        *(Fact(name, value) for name, value in sorted(message.labels.items())[:_LABELS]),
        Fact("Rule", "" if message.gathered > 1 else message.rule), Fact("Severity", message.severity),
        Fact("Runbook", "" if _web(message.runbook) else message.runbook),
    ]  # fmt: skip
    lines = (Fact(one_line(name, _NAME), one_line(value, _VALUE)) for name, value in found)
    return tuple(fact for fact in lines if fact.value)


def _links(message: Message) -> tuple[Link, ...]:
    found = (
        ("All alerts" if message.gathered > 1 else "View", message.link), ("Acknowledge", message.acknowledge_link), ("Silence", message.silence_link),
        ("Runbook", message.runbook),
    )  # fmt: skip
    return tuple(Link(name, url) for name, text in found if (url := _web(text)))


def _web(text: str) -> str:
    """`text` if it is an http(s) address; nothing else becomes a link."""
    if not text.isprintable() or any(each in text for each in " <>\"'`|\\") or len(text) > _LINK:
        return ""
    try:
        parts = urlsplit(text)
    except ValueError:
        return ""
    return text if parts.scheme in ("http", "https") and parts.netloc else ""


def as_text(said: Said, *, links: bool = True) -> str:
    """All of it, for receivers that show plain text."""
    parts = [
        said.repeated,
        said.sentence,
        as_columns(said.facts),
        said.missing,
        as_columns(said.figures),
        "\n".join(f"{link.name}: {link.url}" for link in said.links) if links else "",
    ]
    return "\n\n".join(part for part in parts if part)


def as_columns(rows: Sequence[tuple[str, str]]) -> str:
    """Two columns, for letters of one width."""
    wide = max((len(name) for name, _ in rows), default=0)
    return "\n".join(f"{name:<{wide}}  {value}" for name, value in rows)
