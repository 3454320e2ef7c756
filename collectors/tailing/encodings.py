"""What the bytes of a log say as text."""

from __future__ import annotations


def decoded(line: bytes) -> str:
    """UTF-8, else the Windows code page; bytes undefined there are shown as U+FFFD."""
    try:
        return line.decode()
    except UnicodeDecodeError:
        return line.decode("cp1252", "replace")
