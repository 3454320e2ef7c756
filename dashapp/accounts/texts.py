"""Texts that people type: one line, nothing that can't be shown or stored."""

from __future__ import annotations

import unicodedata

from dashapp.accounts.user import AccountError

_UNWRITABLE = ("Cc", "Cs")
"""Control characters (PostgreSQL stores no NUL) and halves of characters."""


def one_line(text: str, what: str, most: int) -> str:
    """Line ends and tabs become blanks; AccountError for what is no character at all, or longer than `most`."""
    line = " ".join(text.split())
    if any(unicodedata.category(letter) in _UNWRITABLE for letter in line):
        raise AccountError(f"{what} holds a character that can't be written")
    if len(line) > most:
        raise AccountError(f"{what} has at most {most} characters")
    return line
