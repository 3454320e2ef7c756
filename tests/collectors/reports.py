"""What tests of collectors that ask services share: a clock of one's own, and a collector that runs by it."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from collectors.services import Service, Services
from collectors.source import Source
from tests.collectors.memory import Driver, MemoryStore

HOUR, DAY = 3_600, 86_400
NOON = int(time.time()) // DAY * DAY + DAY // 2


class Clock:
    def __init__(self, moment: float = NOON + 60) -> None:
        self.time = moment

    def __call__(self) -> float:
        return self.time


class World:
    """A stand-in, a collector that asks it, a store, and a clock of their own."""

    def __init__(
        self, make: Callable[..., Any], name: str, server: Any, root: Path, key: str, account: str = ""
    ) -> None:
        self.server, self.clock, self.store = server, Clock(), MemoryStore()
        self._make, self._name, self._root, self._account = make, name, root, account
        self.driver = Driver(self.collector(key), self.store)

    def collector(self, key: str) -> Any:
        services = Services(**{self._name: Service(self.server.url, key, self._account)})
        return self._make(Source(self._root, "Europe/Berlin", services=services), self.clock)

    def run(self, hours: float = 0) -> int:
        """So many hours later the collector runs; says how many points it wrote."""
        self.clock.time += hours * HOUR
        return self.driver.run()

    def backfill(self, start: float, stop: float) -> None:
        for batch in self.driver.collector.backfill(start, stop, {}, self.store):
            self.store.delete(batch.deleted)
            self.store.write(batch.points)
