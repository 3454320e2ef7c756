"""Records as the observed programs write them, a second apart."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from metricstore.point import Point
from tests.collectors.app_log.reading import Collected

DONE = "LinkedIn batch content generation complete. Content calendar saved to outputs/content_calendar.json"
BEGIN = "Starting batch content generation for {} LinkedIn posts."
THREADS = "Starting Twitter thread generation from {} LinkedIn posts."
POST = "Generated post {}/{} for topic: Topic {}..."
THREAD = "Generated thread {}/{} for topic: Topic {}..."


def answer(status: int = 200) -> str:
    return f'HTTP Request: POST https://api.z.ai/api/paas/v4/chat/completions "HTTP/1.1 {status} Phrase"'


RETRY = "Retrying request to /chat/completions in 0.75 seconds"
GIVEN_UP = [RETRY, RETRY, RETRY]


def post(position: int, size: int) -> str:
    return POST.format(position, size, position)


def thread(position: int, size: int) -> str:
    return THREAD.format(position, size, position)


class Story:
    """Writes records a second apart, and reads them."""

    def __init__(self, folder: Path) -> None:
        self.collected = Collected(folder, "UTC")
        self.log = folder / "app.log"
        self.now = datetime(2024, 10, 29, 9, tzinfo=ZoneInfo("UTC")).timestamp()

    def tell(self, *messages: str | int) -> Story:
        """Messages, or seconds that pass."""
        with self.log.open("a", encoding="utf-8") as stream:
            for message in messages:
                if isinstance(message, int):
                    self.now += message
                    continue
                moment = datetime.fromtimestamp(self.now, ZoneInfo("UTC"))
                stream.write(f"{moment:%Y-%m-%d %H:%M:%S},000 - INFO - {message}\n")
                self.now += 1
        return self

    def read(self) -> Story:
        self.collected.run()
        return self

    def posts(self, *names: str) -> list[Any]:
        rows = [[point.fields.get(name) for name in names] for point in self.collected.of("generation")]
        return [row[0] for row in rows] if len(names) == 1 else rows

    def batches(self) -> list[Point]:
        return self.collected.of("batch")
