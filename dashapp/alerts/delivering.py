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
    """One message of all that go out together; of one the message itself. `page`: where all alerts are."""
    again, batch = claimed[0].attempts > 0, f"batch/{claimed[0].batch}"
    parts = _worth_sending([one.message for one in claimed])
    if len(parts) == 1:
        return replace(parts[0], sent_before=again)
    alerts = len({part.thread for part in parts})
    whole = _of_one(parts) if alerts == 1 else replace(_of_several(parts), thread=batch, link=page)
    return replace(
        whole, key=batch, value="", limit="", figures=_lines(parts), missing="", sent_before=again, gathered=alerts, picture_link="",
    )  # fmt: skip


def _of_one(parts: Sequence[Message]) -> Message:
    last = parts[-1]
    how = "now over" if last.ended else "still open"
    return replace(last, sentence=f"{len(parts)} messages of one alert, {how}. The first: {parts[0].sentence}")


def _of_several(parts: Sequence[Message]) -> Message:
    latest = {part.thread: part for part in parts}
    opened = [part for part in parts if not latest[part.thread].ended]
    head = min(opened or latest.values(), key=lambda part: SEVERITIES.index(part.severity))
    still = len({part.thread for part in opened})
    over = len(latest) - still
    count = ", ".join(filter(None, (f"{still} open" if still else "", f"{over} over" if over else "")))
    titles = _titles(parts)
    more = f" and {len(titles) - _MOST_TITLES} more" if len(titles) > _MOST_TITLES else ""
    return replace(
        head, title=f"{count}: {'; '.join(titles[:_MOST_TITLES])}{more}", labels={}, acknowledge_link="", silence_link="",
        sentence=f"{len(latest)} alerts, {count}. The first: {head.sentence}", since=min(part.since for part in parts),
        runbook=head.runbook if len({part.runbook for part in parts}) == 1 else "",
    )  # fmt: skip


def _worth_sending(messages: Sequence[Message]) -> list[Message]:
    """All that name records, and of each alert the latest: of what fired and ended meanwhile its end. A reminder adds nothing to records."""
    listing = {one.thread for one in messages if one.lists_records}
    latest = {one.thread: one for one in messages if one.subject != "repeated" or one.thread not in listing}
    return [one for one in messages if one.lists_records or one is latest[one.thread]]


def _titles(parts: Sequence[Message]) -> list[str]:
    return list(dict.fromkeys(part.title for part in parts))


def _lines(parts: Sequence[Message]) -> tuple[Figure, ...]:
    more, alone = len(parts) - MOST_WINDOWS, len(_titles(parts)) == 1
    lines = [_line(part, alone=alone) for part in parts[: MOST_WINDOWS - (more > 0)]]
    return (*lines, *((Figure("…", f"and {more + 1} more, on the page Alerts"),) if more > 0 else ()))


def _line(part: Message, *, alone: bool) -> Figure:
    """`provider openai` and `30 %, limit > 20 %`; with the rule's title before it unless all are of one rule (`alone`). Where there is
    no figure, or records are named, what the sentence says of it."""
    group = ", ".join(f"{name.replace('_', ' ')} {value or 'none'}" for name, value in part.labels.items())
    name = f"{part.title} ({group})" if group else part.title
    figures = (part.value, f"limit {part.limit}" if part.limit else "")
    figure = "" if part.lists_records else ", ".join(filter(None, figures))
    said = ": ".join(filter(None, (STATES[part.subject], figure))) if part.ended else figure
    return Figure(group if alone and group else name, said or part.sentence.removeprefix(name).lstrip(" –:,"))
