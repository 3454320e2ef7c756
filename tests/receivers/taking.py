"""A stand-in that takes whatever it is sent."""

from __future__ import annotations

from typing import Any

from tests.standins.server import Call, Reply, StandIn


class Taking(StandIn):
    def __init__(self, status: int = 200, body: Any = b"ok") -> None:
        super().__init__()
        self.reply = Reply(status, body, {"Content-Type": "text/plain"} if isinstance(body, bytes) else {})

    def answer(self, call: Call) -> Reply:
        return self.reply
