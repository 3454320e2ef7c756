"""What can go wrong with an answer, as a test scripts it."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, field
from email.utils import formatdate
from typing import Any


@dataclass(frozen=True)
class Fault:
    """Instead of the right answer: this status, headers and body. The rest spoils the right answer on its way.

    `delay` seconds pass before the answer; `cut` sends half of it and closes, with the whole length announced or,
    with `announced` False, without any; `reset` closes before answering; `drip` sends one byte at a time.
    """

    status: int | None = None
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    delay: float = 0.0
    cut: bool = False
    announced: bool = True
    reset: bool = False
    drip: bool = False
    times: int = 1

    @staticmethod
    def json(status: int, body: Any, **headers: str) -> Fault:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return Fault(status, {"Content-Type": "application/json"} | named, json.dumps(body).encode())

    @staticmethod
    def text(status: int, body: str, kind: str = "text/plain", **headers: str) -> Fault:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return Fault(status, {"Content-Type": kind} | named, body.encode())

    @staticmethod
    def page(status: int = 200) -> Fault:
        return Fault.text(status, "<!doctype html><title>Sign in</title>", "text/html")

    @staticmethod
    def busy(form: str, seconds: float = 5, status: int = 429, body: Any = None) -> Fault:
        """Too many requests, with `Retry-After` as `seconds`, `date`, `ms`, `absent` or `nonsense`."""
        said = {
            "seconds": {"Retry-After": f"{seconds:g}"},
            "date": {"Retry-After": formatdate(time.time() + seconds, usegmt=True)},
            "ms": {"retry-after-ms": f"{seconds * 1000:.0f}"},
            "absent": {},
            "nonsense": {"Retry-After": "soon"},
        }[form]
        text = json.dumps({"error": {"message": "slow down"}} if body is None else body)
        return Fault(status, {"Content-Type": "application/json"} | said, text.encode())
