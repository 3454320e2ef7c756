"""Alertmanager forgets an alert that is not sent again: open ones are, every few minutes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from alerting.message import Message
from alerting.receivers.bodies.alertmanager import SEND_AGAIN
from alerting.receivers.outcome import Outcome
from alerting.receivers.receiver import Receiver
from alerting.receivers.sending import send
from dashapp.accounts.database import Database
from dashapp.alerts import outbox
from dashapp.alerts.rulebook import Book
from dashapp.alerts.states import States
from dashapp.alerts.wording import thread_of

Send = Callable[[Receiver, Message, datetime], list[Outcome]]


class Renewal:
    """What was delivered once and is still open is sent again; nothing new is said."""

    def __init__(self, database: Database, send: Send = send) -> None:
        self._database = database
        self._states = States(database)
        self._send = send
        self._renewed: datetime | None = None

    def step(self, book: Book, now: datetime) -> int:
        """How many were sent again."""
        wanted = {name: each for name, each in book.receivers.items() if each.kind == "alertmanager"}
        if not wanted or (self._renewed is not None and now - self._renewed < SEND_AGAIN):
            return 0
        self._renewed = now
        count = 0
        for group in self._states.opened():
            opened = group.memory.open
            if opened is None or opened.told is None:
                continue
            with self._database.connection() as connection:
                sent = outbox.sent_of(connection, thread_of(group.rule, group.labels, opened.number))
            for (name, _), message in sent.items():
                if name in wanted and not message.ended:
                    self._send(wanted[name], message, now)
                    count += 1
        return count
