"""From the outbox to the receivers: claimed, sent, and marked by what came of it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime

from alerting.message import MOST_WINDOWS, Figure, Message
from alerting.receivers.bodies.said import STATES
from alerting.receivers.outcome import Outcome
from alerting.receivers.receiver import SEPARATE, Receiver
from alerting.receivers.sending import send
from alerting.rule import SEVERITIES, Rule
from dashapp.alerts.action_links import Sign
from dashapp.alerts.outbox import Outbox, Waiting
from dashapp.alerts.picturing import Pictures
from dashapp.alerts.rulebook import Book

log = logging.getLogger(__name__)

PICTURED = frozenset({"mail", "discord", "telegram", "ntfy"})
"""Kinds of receivers that take a picture as a file."""
_MOST_TITLES = 3
Send = Callable[[Receiver, Message, datetime, Sequence[str]], list[Outcome]]


def _send(receiver: Receiver, message: Message, now: datetime, only: Sequence[str]) -> list[Outcome]:
    return send(receiver, message, now, only=only)


class Delivery:
    """`step` sends what is due, one recipient at a time; any number of processes may do so."""

    def __init__(
        self, outbox: Outbox, send: Send = _send, pictures: Pictures | None = None, sign: Sign | None = None, page: str = "",
    ) -> None:  # fmt: skip
        """`page`: address of the page of all alerts; empty where there is none."""
        self._outbox = outbox
        self._send = send
        self._pictures = pictures
        self._sign = sign
        self._page = page

    def step(self, book: Book, now: datetime) -> bool:
        """Whether there was something to send."""
        claimed = self._outbox.claim(now)
        if not claimed:
            return False
        receiver = book.receivers.get(claimed[0].receiver)
        if receiver is None:
            text = "this receiver is no longer declared"
            self._outbox.failed(claimed, now, text, permanent=True, retry_after=None)
        elif receiver.kind in SEPARATE:
            for one in claimed:
                self._one(book, receiver, [one], now)
        else:
            rule = book.rule(claimed[0].message.rule) if len(claimed) == 1 else None
            self._one(book, receiver, claimed, now, rule)
        return True

    def _one(
        self, book: Book, receiver: Receiver, claimed: Sequence[Waiting], now: datetime, rule: Rule | None = None
    ) -> None:  # fmt: skip
        message = gathered(claimed, self._page)
        if self._sign is not None:
            message = self._sign(receiver, message, claimed[0].created)
        if rule is not None and self._pictures is not None and receiver.kind in PICTURED:
            message = replace(message, picture=self._pictures.png(rule, message))
        outcome = self._send(receiver, message, now, [claimed[0].recipient])[0]
        if outcome.delivered:
            self._outbox.sent(claimed, now, outcome.answer)
            return
        log.warning("alert %s was not taken by %s: %s", message.key, receiver.name, outcome.answer)
        self._outbox.failed(
            claimed, now, outcome.answer, permanent=outcome.permanent, retry_after=outcome.retry_after,
            instead=instead(book, receiver, claimed, outcome.answer),
        )  # fmt: skip


def instead(
    book: Book, receiver: Receiver, claimed: Sequence[Waiting], answer: str
) -> list[tuple[str, str, Message]]:  # fmt: skip
    """The same for the receiver's fallback, with the reason; nothing where it has none. Keys stay as they are, so that
    nobody gets an event twice and two that stand in for each other do not go round."""
    fallback = book.receivers.get(receiver.fallback)
    if fallback is None:
        return []
    why = f"You get this because {receiver.name} could not be given it ({answer})."
    parts = [replace(one.message, sentence=f"{one.message.sentence} {why}") for one in claimed]
    return [(fallback.name, recipient, part) for part in parts for recipient in fallback.recipients]


def gathered(claimed: Sequence[Waiting], page: str) -> Message:
    """One message of all that go out together: of one the message itself, and of what fired and ended meanwhile its end. `page`: where
    all alerts are."""
    again = claimed[0].attempts > 0
    parts = list({one.message.thread: one.message for one in claimed}.values())
    if len(parts) == 1:
        return replace(parts[0], sent_before=again)
    opened = [part for part in parts if not part.ended]
    head = min(opened or parts, key=lambda part: SEVERITIES.index(part.severity))
    counts = [
        f"{len(opened)} open" if opened else "",
        f"{len(parts) - len(opened)} over" if len(opened) < len(parts) else "",
    ]
    count, titles = ", ".join(filter(None, counts)), list(dict.fromkeys(part.title for part in parts))
    named = "; ".join(titles[:_MOST_TITLES]) + (
        f" and {len(titles) - _MOST_TITLES} more" if len(titles) > _MOST_TITLES else ""
    )
    more = len(parts) - MOST_WINDOWS
    lines = [_line(part, alone=len(titles) == 1) for part in parts[: MOST_WINDOWS - (more > 0)]]
    if more > 0:
        lines.append(Figure("…", f"and {more + 1} more, on the page Alerts"))
    return replace(
        head, key=f"batch/{claimed[0].batch}", thread=f"batch/{claimed[0].batch}", title=f"{count}: {named}", labels={}, value="", limit="",
        sentence=f"{len(parts)} alerts, {count}. The first: {head.sentence}", figures=tuple(lines), missing="", sent_before=again,
        gathered=len(parts), link=page, acknowledge_link="", silence_link="", since=min(part.since for part in parts), picture_link="",
        runbook=head.runbook if len({part.runbook for part in parts}) == 1 else "",
    )  # fmt: skip


def _line(part: Message, *, alone: bool) -> Figure:
    """`provider openai` and `30 %, limit > 20 %`; with the rule's title before it unless all are of one rule (`alone`). Where there is
    no figure, what the sentence says of it."""
    group = ", ".join(f"{name.replace('_', ' ')} {value or 'none'}" for name, value in part.labels.items())
    name = f"{part.title} ({group})" if group else part.title
    figure = ", ".join(filter(None, (part.value, f"limit {part.limit}" if part.limit else "")))
    said = ": ".join(filter(None, (STATES[part.subject], figure))) if part.ended else figure
    return Figure(group if alone and group else name, said or part.sentence.removeprefix(name).lstrip(" –:,"))
