"""Where the running application listens for commands: a loopback port, its key in a file only its owner can read."""

from __future__ import annotations

import json
import os
import secrets
from dataclasses import asdict, dataclass
from pathlib import Path

FILE = "control.json"


@dataclass(frozen=True)
class Address:
    """`key` proves both sides to each other (HMAC challenge); it never crosses the line.

    `demo`: the process shows made-up data, which is kept apart from what is measured.
    """

    port: int
    key: str
    pid: int
    demo: bool = False

    @classmethod
    def new(cls, port: int, key: str, *, demo: bool = False) -> Address:
        return cls(port, key, os.getpid(), demo)

    def save(self, data_dir: Path) -> None:
        """Replace the file in one step, readable by its owner alone from the first moment."""
        part = data_dir / f"{FILE}.{self.pid}"
        part.unlink(missing_ok=True)
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            json.dump(asdict(self), file)
        part.replace(data_dir / FILE)

    @classmethod
    def load(cls, data_dir: Path) -> Address | None:
        """The address written last; None when there is none (its process may have ended since)."""
        try:
            found = json.loads((data_dir / FILE).read_text(encoding="utf-8"))
            return cls(int(found["port"]), str(found["key"]), int(found["pid"]), bool(found.get("demo")))
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def forget(self, data_dir: Path) -> None:
        if self.load(data_dir) == self:
            (data_dir / FILE).unlink(missing_ok=True)


def new_key() -> str:
    return secrets.token_urlsafe(32)
