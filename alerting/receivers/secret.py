"""A secret as a file of receivers names it: `env:NAME` or `file:/path`. Its value is read anew for each sending."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_MOST_BYTES = 65_536


class SecretMissing(Exception):
    """Where a secret should be is none; the text is a sentence."""


@dataclass(frozen=True)
class Secret:
    place: str
    """`env:NAME` or `file:/path`, never the secret itself."""

    @staticmethod
    def parse(text: str) -> Secret:
        """ValueError with a sentence; `text` may be a secret, so it is not repeated."""
        kind, _, where = text.strip().partition(":")
        if kind == "env" and _NAME.fullmatch(where):
            return Secret(f"env:{where}")
        if kind == "file" and where.startswith("/"):
            return Secret(f"file:{where}")
        raise ValueError(
            "a secret does not stand in this file: write 'env:NAME' or 'file:/path/to/it' and keep it there"
        )

    def read(self) -> str:
        """The secret, without spaces and line ends around it. Raises SecretMissing."""
        kind, _, where = self.place.partition(":")
        found = os.environ.get(where, "").strip() if kind == "env" else _content(where)
        if not found:
            raise SecretMissing(f"{where} is {'not set' if kind == 'env' else 'empty'}")
        if not found.isprintable():
            raise SecretMissing(f"{where} holds more than one line, or characters that no secret has")
        return found


def _content(path: str) -> str:
    try:
        with Path(path).open(encoding="utf-8") as file:
            return file.read(_MOST_BYTES).strip()
    except OSError as error:
        raise SecretMissing(f"{path} can't be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise SecretMissing(f"{path} can't be read: it is not UTF-8") from None
