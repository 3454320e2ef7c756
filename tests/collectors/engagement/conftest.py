"""A project of files in a folder, collected into memory."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from collectors.engagement.collector import EngagementCollector
from collectors.source import Source
from tests.collectors.memory import Driver, MemoryStore

LONG_AGO = 1_790_000_000
Sheets = Mapping[str, Sequence[Sequence[object]]]


class Folder:
    """Put files, collect, look at what came out."""

    def __init__(self, root: Path, **source: Any) -> None:
        self.root = root
        self.store = MemoryStore()
        self.collector = EngagementCollector(Source(root, "Europe/Berlin", **source))
        self.driver = Driver(self.collector, self.store)
        self.clock = LONG_AGO

    def put(self, name: str, content: str | bytes | Sheets) -> Path:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, str):
            path.write_bytes(content.encode())
        elif isinstance(content, bytes):
            path.write_bytes(content)
        else:
            book = openpyxl.Workbook(write_only=True)
            for title, rows in content.items():
                sheet = book.create_sheet(title)
                for row in rows:
                    sheet.append(list(row))
            book.save(path)
        self.clock += 60
        os.utime(path, (self.clock, self.clock))
        return path

    def collect(self, name: str, content: str | bytes | Sheets) -> None:
        self.put(name, content)
        self.driver.run()
        assert self.driver.run() == 0, "reading again changes nothing"

    def rows(self, *names: str, grain: str | None = None) -> list[tuple[Any, ...]]:
        found = [row for row in self.store.rows("engagement") if grain in (None, row["grain"])]
        return sorted((tuple(row.get(name) for name in names) for row in found), key=repr)

    def days(self) -> dict[str, str]:
        """Topic → local date."""
        from zoneinfo import ZoneInfo

        from collectors.local_time import iso_of

        zone = ZoneInfo("Europe/Berlin")
        return {str(row.get("topic")): iso_of(row["time"], zone)[:10] for row in self.store.rows("engagement")}

    @property
    def warnings(self) -> list[str]:
        return list(self.driver.checkpoint.get("warnings", []))

    @property
    def reasons(self) -> list[str]:
        return [letter.reason for letter in self.driver.letters.values()]


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path)
