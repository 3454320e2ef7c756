"""What a receiver is: data, nothing else. Words are those of docs/alerts.md."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, get_args

from alerting.receivers.secret import Secret

Kind = Literal[
    "mail", "webhook", "alertmanager", "slack", "teams", "discord", "ntfy", "telegram", "pagerduty", "apprise"
]
KINDS: tuple[Kind, ...] = get_args(Kind)


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
    file: str = ""
    line: int = 0

    @property
    def place(self) -> str:
        return f"{self.file}:{self.line}"

    @property
    def recipients(self) -> tuple[str, ...]:
        """Whom `sending.send` gives an outcome for: each mail address, the chat, else the receiver by its name."""
        return self.to or (self.name,)

    def secret(self, word: str) -> str:
        """The value; empty where none was declared. Raises SecretMissing where one was and is not there."""
        return self.secrets[word].read() if word in self.secrets else ""

    def address(self) -> str:
        """`url`, from wherever it is kept. Raises SecretMissing."""
        return self.secret("url") or self.url
