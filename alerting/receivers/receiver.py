"""What a receiver is: data, nothing else. Words are those of docs/alerts.md."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import Literal, get_args

from alerting.receivers.secret import Secret
from alerting.rule import Severity
from metricstore.windows import zone

Kind = Literal[
    "mail", "webhook", "alertmanager", "slack", "teams", "discord", "ntfy", "telegram", "pagerduty", "apprise"
]
KINDS: tuple[Kind, ...] = get_args(Kind)
SEPARATE: frozenset[Kind] = frozenset({"alertmanager", "pagerduty"})
"""Kinds that group by themselves: they get every alert on its own, at once."""
DIGEST = time(9)


@dataclass(frozen=True)
class Receiver:
    name: str
    """Stable: rules name it in `notify`."""
    kind: Kind
    to: tuple[str, ...] = ()
    """Mail addresses; of Telegram the one chat; else nothing."""
    url: str = ""
    """Where it is, a mail server too; empty where the address is a secret."""
    sender: str = ""
    """Of mail: `from`."""
    user: str = ""
    secrets: Mapping[str, Secret] = field(default_factory=dict)
    """By their word in the file: `password`, `token`, `secret`, `key`, `url`."""
    fallback: str = ""
    """Name of the receiver that gets what this one can't be given."""
    digest: time | None = DIGEST
    """When messages of severity `info` are sent, all of a day as one; None: at once."""
    timezone: str = "UTC"
    """Of `digest`."""
    file: str = ""
    line: int = 0

    @property
    def place(self) -> str:
        return f"{self.file}:{self.line}"

    @property
    def recipients(self) -> tuple[str, ...]:
        """Whom `sending.send` gives an outcome for: each mail address, the chat, else the receiver by its name."""
        return self.to or (self.name,)

    def due(self, severity: Severity, now: datetime) -> datetime | None:
        """When a message is to be sent; None: as soon as may be."""
        if severity != "info" or self.digest is None or self.kind in SEPARATE:
            return None
        place = zone(self.timezone)
        today = now.astimezone(place).date()
        moments = (datetime.combine(today + timedelta(days=more), self.digest, place) for more in range(2))
        return next(moment for moment in moments if moment > now)

    def secret(self, word: str) -> str:
        """The value; empty where none was declared. Raises SecretMissing where one was and is not there."""
        return self.secrets[word].read() if word in self.secrets else ""

    def address(self) -> str:
        """`url`, from wherever it is kept. Raises SecretMissing."""
        return self.secret("url") or self.url
