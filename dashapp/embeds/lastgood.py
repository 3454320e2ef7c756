"""The last good answer of every embed, on disk: what a wiki shows while the store is down, after a restart, too."""

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
_MOST_FILES = 2_000


@dataclass(frozen=True)
class Kept:
    text: str
    at: datetime


class LastGood:
    """Files in a folder; losing them loses nothing but a picture in hard times."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def keep(self, key: str, text: str) -> None:
        """Remember; a minute-old one is good enough to be left alone."""
        path = self._path(key)
        try:
            if path.exists() and time.time() - path.stat().st_mtime < _EVERY_SECONDS:
                return
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            part = path.with_suffix(f".{os.getpid()}.part")
            part.write_text(json.dumps({"at": datetime.now(UTC).isoformat(), "text": text}), encoding="utf-8")
            part.replace(path)
            self._tidy()
        except OSError as error:
            log.warning("the last good picture could not be kept: %s", error)

    def get(self, key: str) -> Kept | None:
        try:
            found = json.loads(self._path(key).read_text(encoding="utf-8"))
            return Kept(str(found["text"]), datetime.fromisoformat(found["at"]))
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def _path(self, key: str) -> Path:
        return self._folder / f"{hashlib.sha256(key.encode()).hexdigest()[:32]}.json"

    def _tidy(self) -> None:
        files = list(self._folder.glob("*.json"))
        if len(files) > _MOST_FILES:
            oldest = sorted(files, key=lambda path: path.stat().st_mtime)
            for path in oldest[: len(files) - _MOST_FILES]:
                path.unlink(missing_ok=True)
