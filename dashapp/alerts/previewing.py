"""Whom a silence would mute: by what is open now, and by what was sent in the last seven days."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from alerting.measuring import Labels
from alerting.message import ENDED
from dashapp.alerts import phrases
from dashapp.alerts.muting import Silence
from dashapp.alerts.outbox import Outbox
from dashapp.alerts.rulebook import Book
from dashapp.alerts.states import Group
from metricstore.quantities import quantity

BACK = timedelta(days=7)


@dataclass(frozen=True)
class Preview:
    """Recipients as `ops-mail, ada@example.org`, with the number of messages."""

    alerts: tuple[str, ...]
    """Titles of those that are open and would be muted."""
    recipients: tuple[str, ...]
    """Who is written to about them."""
    past_alerts: int
    past: Mapping[str, int]
    """Messages of the last seven days that would not have been sent, by recipient."""

    def sentences(self) -> list[str]:
        """For people: one about now, one about the past."""
        now = "Now: no matching alert is open, so no message is held back."
        if self.alerts:
            whom = f"Not notified: {_joined(self.recipients)}" if self.recipients else "Nobody would be notified anyway"  # fmt: skip
            now = f"Open now: {_joined(self.alerts)}. {whom}."
        past = f"In the last {BACK.days} days: nothing would have been held back."
        if self.past:
            whom = _joined(f"{name} ({count})" for name, count in self.past.items())
            sent = f"{quantity(sum(self.past.values()), 'messages')} about {quantity(self.past_alerts, 'alerts')}"
            past = f"In the last {BACK.days} days: {sent} would have been held back, to {whom}."
        return [now, past]


def preview(
    rule: str, labels: Labels | None, book: Book, groups: Iterable[Group], outbox: Outbox, now: datetime, number: int = 0
) -> Preview:  # fmt: skip
    """Of a silence that begins now. `rule` "" for every rule, `labels` None for all groups, `number` for one alert."""
    silence = Silence(0, rule, labels, number, now - BACK, now + BACK, "", "")
    titles: list[str] = []
    recipients: list[str] = []
    for group in groups:
        opened, declared = group.memory.open, book.rule(group.rule)
        if opened and silence.covers(group.rule, group.labels, opened.number, now):
            named = declared is not None and len(declared.by) == len(group.labels)
            titles.append(
                f"{declared.title}{phrases.group(declared, group.labels)}" if declared and named else group.rule
            )
            recipients += [_named(*each) for each in book.addressees(declared)] if declared else []
    sent = [row for row in outbox.since(now - BACK) if _held_back(row, silence)]
    past = Counter(_named(row["receiver"], row["recipient"]) for row in sent)
    threads = {row["message"].thread for row in sent}
    return Preview(tuple(titles), tuple(dict.fromkeys(recipients)), len(threads), dict(past.most_common()))


def _held_back(row: Mapping[str, Any], silence: Silence) -> bool:
    """An end is sent in spite of a silence to those who got the beginning; without the beginning it would not have been."""
    message = row["message"]
    labels = tuple(message.labels.values())
    number = int(message.thread.rpartition("/")[2])
    return (
        message.subject not in ENDED
        and silence.rule in ("", message.rule)
        and silence.labels in (None, labels)
        and silence.number in (0, number)
    )


def _named(receiver: str, recipient: str) -> str:
    return receiver if recipient == receiver else f"{receiver}, {recipient}"


def _joined(parts: Iterable[str]) -> str:
    return "; ".join(parts)
