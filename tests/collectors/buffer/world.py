"""A Buffer account as tests see it: a server that speaks its GraphQL interface, and a collector that asks it."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from collectors.buffer.collector import BufferCollector
from collectors.services import Service, Services
from collectors.source import Source
from tests.collectors.memory import Driver
from tests.standins.buffer import KEY, BufferStandIn

HOUR, DAY = 3_600, 86_400
NOON = time.time() // DAY * DAY + DAY / 2


class Clock:
    def __init__(self, moment: float = NOON) -> None:
        self.time = moment

    def __call__(self) -> float:
        return self.time


class World:
    """A Buffer account, a collector that asks it, a store, and a clock of their own."""

    def __init__(self, server: BufferStandIn, root: Path, store: Any, key: str = KEY) -> None:
        self.server, self.account, self.clock, self.store, self._root = server, server.account, Clock(), store, root
        self.driver = Driver(self.collector(key), store)

    def collector(self, key: str = KEY) -> BufferCollector:
        services = Services(buffer=Service(self.server.url, key))
        return BufferCollector(Source(self._root, "Europe/Berlin", services=services), self.clock)

    def hour(self, hours: float = 1) -> int:
        """Some hours later the collector runs again."""
        self.clock.time += hours * HOUR
        return self.driver.run()

    def posts(self) -> dict[str, dict[str, Any]]:
        rows = self.store.rows("social_post")
        found = {row["service_post_id"]: row for row in rows}
        assert len(found) == len(rows), "a post is in two places"
        return found
