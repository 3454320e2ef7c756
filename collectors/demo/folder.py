"""A project folder like those of the observed system, written from the story.

`app.log` holds every record, `outputs/ai_usage.ndjson` the AI calls of a team that counts tokens,
`services/buffer.ndjson` what its Buffer account will tell (collectors/demo_buffer reads it), `services/openai.ndjson` what a second AI provider
reports (collectors/demo_openai). Each batch has its own calendar, as the observed programs write one: the newest is
`outputs/content_calendar.json`, those before it are kept beside it with their time in the name, the way a careful
team would keep them; each file's modification time is the moment its batch saved it.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from collectors.demo.ai_calls import ndjson
from collectors.demo.story import Item, Line

_LOG, _USAGE, _BUFFER = "app.log", "outputs/ai_usage.ndjson", "services/buffer.ndjson"
_CALENDARS = {"linkedin": "content_calendar", "twitter": "twitter_calendar", "instagram": "instagram_calendar"}


class Folder:
    """`zone` is what the log's local times mean."""

    def __init__(self, root: Path, zone: ZoneInfo) -> None:
        self.root = root
        self.zone = zone
        self.outputs = root / "outputs"
        self.outputs.mkdir(parents=True, exist_ok=True)
        (root / "services").mkdir(exist_ok=True)

    def log(self, lines: Sequence[Line]) -> None:
        """Append to `app.log`, and what is recorded of AI calls to its own file."""
        self._append(_LOG, map(str, lines))
        calls = [ndjson(line.usage, line.time.replace(tzinfo=self.zone)) for line in lines if line.usage is not None]
        if calls:
            self._append(_USAGE, calls)

    def buffer(self, lines: Iterable[str]) -> None:
        """Append to what is told of the team's Buffer account."""
        self._append(_BUFFER, lines)

    def calendar(self, platform: str, items: list[Item], saved: datetime) -> None:
        """A new newest calendar."""
        self._set_aside(platform)
        self.write_items(self.newest(platform), items, saved)

    def take(self, new: Folder) -> None:
        """Append what `new` has of lines, make its calendars the newest, and remove it."""
        for name in filter(lambda name: (new.root / name).exists(), (_LOG, _USAGE, _BUFFER)):
            with (new.root / name).open("rb") as told, (self.root / name).open("ab") as file:
                shutil.copyfileobj(told, file)
        for platform, name in _CALENDARS.items():
            if new.newest(platform).exists():
                self._set_aside(platform)
            for path in new.outputs.glob(f"{name}*.json"):
                path.replace(self.outputs / path.name)
        shutil.rmtree(new.root)

    def newest(self, platform: str) -> Path:
        return self.outputs / f"{_CALENDARS[platform]}.json"

    def dated(self, platform: str, saved: datetime) -> Path:
        return self.outputs / f"{_CALENDARS[platform]}_{saved:%Y%m%d_%H%M%S}.json"

    def write_items(self, path: Path, items: list[Item], saved: datetime) -> None:
        """As `json.dump(…, indent=2)` writes them."""
        path.write_text(json.dumps(items, indent=2), encoding="ascii")
        self._stamp(path, saved)

    def rewrite_if_changed(self, path: Path, items: list[Item], saved: datetime) -> None:
        """Someone changed the status of an item by hand, or the service did."""
        if path.read_text(encoding="ascii") != json.dumps(items, indent=2):
            self.write_items(path, items, saved)

    def state(self, state: object, saved: datetime) -> None:
        path = self.outputs / "scheduler_state.json"
        with path.open("w", encoding="ascii") as file:
            json.dump(state, file, indent=2)
        self._stamp(path, saved)

    def table(self, name: str, text: str) -> None:
        (self.root / name).write_text(text, encoding="utf-8")

    def topics(self, titles: Iterable[tuple[str, str]]) -> None:
        entries = [{"topic": title, "points": [], "style": style} for title, style in titles]
        (self.root / "topics.json").write_text(json.dumps(entries, indent=2), encoding="ascii")

    def _append(self, name: str, lines: Iterable[str]) -> None:
        with (self.root / name).open("a", encoding="utf-8", newline="\n") as file:
            file.writelines(lines)

    def _set_aside(self, platform: str) -> None:
        """The newest calendar gets its time into its name."""
        newest = self.newest(platform)
        if newest.exists():
            newest.rename(self.dated(platform, datetime.fromtimestamp(newest.stat().st_mtime, self.zone)))

    def _stamp(self, path: Path, saved: datetime) -> None:
        moment = saved.replace(tzinfo=self.zone).timestamp() if saved.tzinfo is None else saved.timestamp()
        os.utime(path, (moment, moment))
