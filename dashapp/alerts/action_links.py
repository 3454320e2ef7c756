"""Links in messages by which their reader takes or silences the alert without an account: signed, for one alert, for a week.

Who has the link may do that and nothing else. It names its receiver, which is in the audit log then.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from itsdangerous import BadData, URLSafeSerializer

from alerting.measuring import Labels
from alerting.message import Message
from alerting.receivers.receiver import Receiver
from dashapp.alerts.states import labels_key

LASTS = timedelta(days=7)
PATH = "/alert-link/"
RENEWED = "alertmanager"
"""Kind of receivers that keep the links to the page: they get an alert again and again, and its annotations may not change."""
Sign = Callable[[Receiver, Message, datetime], Message]


class WrongLink(ValueError):
    """The text is for whoever opened it."""


@dataclass(frozen=True)
class Action:
    """What a link is for."""

    rule: str
    key: str
    """Of the group's labels, as `states.labels_key` makes it."""
    number: int
    receiver: str

    @property
    def by(self) -> str:
        """As whom its user stands in the audit log."""
        return f"link of receiver {self.receiver}"[:64]


class ActionLinks:
    """`secret`: the application's key."""

    def __init__(self, base: str, secret: str) -> None:
        self._base = base
        self._serializer = URLSafeSerializer(
            secret, salt="alert-link", signer_kwargs={"key_derivation": "hmac", "digest_method": hashlib.sha256}
        )

    def signed(self, receiver: Receiver, message: Message, written: datetime) -> Message:
        """The message with links for this receiver; as it is where it has none. The same message, written at the same
        moment, always gets the same ones."""
        if not (self._base and message.acknowledge_link) or receiver.kind == RENEWED:
            return message
        labels: Labels = tuple(message.labels.values())
        number = int(message.thread.rpartition("/")[2])
        until = int((written + LASTS).timestamp())
        token = self._serializer.dumps([message.rule, labels_key(labels), number, receiver.name, until])
        link = f"{self._base}{PATH}{token}"
        return replace(message, acknowledge_link=f"{link}#acknowledge", silence_link=f"{link}#silence")

    def read(self, token: str, now: datetime) -> Action:
        """WrongLink says what is wrong with it."""
        try:
            rule, key, number, receiver, until = self._serializer.loads(token)
        except (BadData, ValueError, TypeError):
            raise WrongLink("This link is not right: it was changed, or cut off where it was copied.") from None
        if now >= datetime.fromtimestamp(until, UTC):
            raise WrongLink(f"This link has expired: it was good for {LASTS.days} days.")
        return Action(rule, key, number, receiver)
