"""What is said about an alert, before any receiver gives it its own form."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, NamedTuple

from alerting.rule import Severity

Subject = Literal["fired", "raised", "added", "repeated", "resolved", "quiet", "gone", "corrected", "test"]
ENDED: frozenset[Subject] = frozenset({"resolved", "quiet", "gone", "corrected"})
AGAIN: frozenset[Subject] = frozenset({"added", "repeated"})
"""What may be said of an alert any number of times."""
MOST_WINDOWS = 12


class Figure(NamedTuple):
    """A line of a message's table."""

    window: str
    """Its beginning on the rule's clock: `Thu 26 Nov 14:00`."""
    value: str
    """With its unit, or the kind of nothing in words."""


@dataclass(frozen=True)
class Message:
    """All texts are plain, never escaped, and may hold anything a source wrote."""

    key: str
    """The same each time this very message is sent: receivers that know ids drop a repetition by it."""
    thread: str
    """The same for all messages of one alert, from firing to its end: `rule/labels/episode`."""
    subject: Subject
    rule: str
    """Its id."""
    title: str
    severity: Severity
    sentence: str
    """Everything in one sentence, for those who read no further."""
    at: datetime
    """When it happened: the end of the window that decided it, with a zone."""
    since: datetime
    """When the alert fired, with a zone."""
    timezone: str
    labels: Mapping[str, str] = field(default_factory=dict)
    value: str = ""
    """`24 %`; empty where there is no figure."""
    limit: str = ""
    """`> 20 %`."""
    missing: str = ""
    """What nobody knows, as a sentence; usually empty."""
    figures: tuple[Figure, ...] = ()
    """The latest windows, the newest last, at most MOST_WINDOWS; of one that gathers several alerts a line each."""
    link: str = ""
    """To the view as it was, or to all alerts; empty without a public address. So are all other links."""
    acknowledge_link: str = ""
    silence_link: str = ""
    picture_link: str = ""
    """To a PNG that needs no login."""
    runbook: str = ""
    picture: bytes = b""
    """PNG for receivers that take a file; empty where there is none."""
    lists_records: bool = False
    """Whether it names records that no other message of its alert names."""
    gathered: int = 0
    """How many alerts it is about, where it gathers several messages."""
    sent_before: bool = False
    """Whether it may have been received already: receivers that know no ids say so."""

    @property
    def ended(self) -> bool:
        return self.subject in ENDED
