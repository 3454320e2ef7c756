"""The last good answers of embeds and pages, on disk: what is shown while the store is down, after a restart, too."""

from __future__ import annotations

import hashlib
import json
import logging
import os
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

log = logging.getLogger(__name__)

_EVERY_SECONDS = 60.0


@dataclass(frozen=True)
class Kept:
    text: str
    at: datetime


class LastGood:
    """Files in a folder, shared by all processes; losing them loses nothing but a picture in hard times.

    Owners share the room: beyond `most` files those go first whose owner has most of them.
    """

    def __init__(self, folder: Path, most: int = 2_000) -> None:
        self._folder = folder
        self._most = most

    def due(self, key: str, owner: str = "") -> bool:
        """Whether there is none, or one that is older than a minute."""
        try:
            return time.time() - self._path(key, owner).stat().st_mtime >= _EVERY_SECONDS
        except OSError:
            return True

    def keep(self, key: str, text: str, owner: str = "") -> None:
        """Remember, unless there is one that is good enough to be left alone."""
        if not self.due(key, owner):
            return
        path = self._path(key, owner)
        try:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            part = path.with_suffix(f".{os.getpid()}.part")
            part.write_text(json.dumps({"at": datetime.now(UTC).isoformat(), "text": text}), encoding="utf-8")
            part.replace(path)
            self._tidy()
        except OSError as error:
            log.warning("the last good picture could not be kept: %s", error)

    def get(self, key: str, owner: str = "") -> Kept | None:
        try:
            found = json.loads(self._path(key, owner).read_text(encoding="utf-8"))
            return Kept(str(found["text"]), datetime.fromisoformat(found["at"]))
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def _path(self, key: str, owner: str) -> Path:
        return self._folder / f"{_digest(owner)[:12]}-{_digest(key)[:32]}.json"

    def _tidy(self) -> None:
        files = list(self._folder.glob("*.json"))
        if len(files) > self._most:
            for path in _too_many(files, len(files) - self._most * 9 // 10):
                path.unlink(missing_ok=True)


def _too_many(files: list[Path], count: int) -> list[Path]:
    """So many of the files: again and again the oldest of the owner who has most of them left. Those of earlier versions name
    none and count as one owner's."""
    newest_first: dict[str, list[Path]] = {}
    for path in sorted(files, key=lambda path: path.stat().st_mtime, reverse=True):
        newest_first.setdefault(path.name.rpartition("-")[0], []).append(path)
    return [max(newest_first.values(), key=len).pop() for _ in range(count)]


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
