"""Receivers as a file declares them, read as in the product."""

from __future__ import annotations

from datetime import UTC, datetime

from alerting.receivers.receiver import Receiver
from alerting.receivers.receiver_file import read_receivers


def declared(kind: str, **words: object) -> Receiver:
    """One receiver; `from` is written `from_`."""
    chosen = {"name": "ops", "kind": kind, **{word.rstrip("_"): value for word, value in words.items()}}
    text = "[[receiver]]\n" + "\n".join(f"{word} = {_toml(value)}" for word, value in chosen.items())
    (found,), wrong = read_receivers(text, "alerts.toml")
    assert wrong == []
    return found


def _toml(value: object) -> str:
    return f"[{', '.join(map(_toml, value))}]" if isinstance(value, list) else f'"{value}"'


def now() -> datetime:
    return datetime.now(UTC)
