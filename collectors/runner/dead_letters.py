"""Records that could not be used: kept in a file per collector, counted in the store, never dropped in silence.

`<data_dir>/dead-letters/<collector>.ndjson`: one JSON object a line with time, file, line, reason, excerpt, set_aside_at.
A record is written once however often it is read again. The file is rotated at `max_bytes`; `keep` old ones remain.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import threading
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from collectors.base import DeadLetter
from collectors.redaction import redact
from metricstore.point import Point, Rejection

log = logging.getLogger(__name__)

EXCERPT_CHARACTERS = 500


class DeadLetters:
    """Append-only; safe to use from several threads."""

    def __init__(self, data_dir: Path, *, max_bytes: int = 10_000_000, keep: int = 3) -> None:
        self.folder = data_dir / "dead-letters"
        self._max_bytes = max_bytes
        self._keep = keep
        self._known: dict[str, set[str]] = {}
        self._lock = threading.Lock()

    def path(self, collector: str) -> Path:
        return self.folder / f"{collector}.ndjson"

    def add(self, collector: str, letters: Sequence[DeadLetter]) -> int:
        """Append those not there yet, durably before returning; says how many were new."""
        if not letters:
            return 0
        with self._lock:
            known = self._identities(collector)
            fresh = []
            for letter in map(tidied, letters):
                identity = _identity(letter)
                if identity not in known:
                    known.add(identity)
                    fresh.append(letter)
            if fresh:
                self._append(collector, fresh)
            return len(fresh)

    def read(self, collector: str) -> Iterator[DeadLetter]:
        """All that are kept, oldest first; lines cut by a crash are passed over."""
        older = [self._rotated(collector, number) for number in range(self._keep, 0, -1)]
        for path in (*older, self.path(collector)):
            yield from _read(path)

    def _identities(self, collector: str) -> set[str]:
        if collector not in self._known:
            self._known[collector] = {_identity(letter) for letter in self.read(collector)}
        return self._known[collector]

    def _append(self, collector: str, letters: Iterable[DeadLetter]) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        path = self.path(collector)
        now = datetime.now(UTC).isoformat(timespec="seconds")
        with path.open("a+b") as file:
            size = file.seek(0, os.SEEK_END)
            if size and _last_byte(path) != b"\n":
                file.write(b"\n")  # a crash cut the last line: leave it to itself
            for letter in letters:
                entry = {
                    "time": letter.time, "file": letter.file, "line": letter.line, "reason": letter.reason,
                    "excerpt": letter.excerpt, "set_aside_at": now,
                }  # fmt: skip
                file.write(json.dumps(entry).encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())
            size = file.tell()
        if size > self._max_bytes:
            self._rotate(collector)

    def _rotate(self, collector: str) -> None:
        for number in range(self._keep, 1, -1):
            newer = self._rotated(collector, number - 1)
            if newer.exists():
                newer.replace(self._rotated(collector, number))
        self.path(collector).replace(self._rotated(collector, 1))
        self._known.pop(collector, None)  # what was rotated out is forgotten: memory stays bounded too

    def _rotated(self, collector: str, number: int) -> Path:
        return self.folder / f"{collector}.ndjson.{number}"


def set_aside_since(data_dir: Path, moment: float) -> int:
    """How many records of all collectors were set aside since `moment` (seconds since the epoch), of those kept in
    the newest file of each."""
    count = 0
    for path in sorted((data_dir / "dead-letters").glob("*.ndjson")):
        if path.stat().st_mtime >= moment:
            with path.open("rb") as file:
                count += sum(_set_aside_at(line) >= moment for line in file)
    return count


def _set_aside_at(line: bytes) -> float:
    try:
        return datetime.fromisoformat(json.loads(line)["set_aside_at"]).timestamp()
    except (ValueError, KeyError, TypeError):  # cut by a crash
        return 0.0


def tidied(letter: DeadLetter) -> DeadLetter:
    """Without secrets, and no longer than its measurement allows."""
    return DeadLetter(
        letter.file, letter.line, redact(letter.reason)[:EXCERPT_CHARACTERS],
        redact(letter.excerpt)[:EXCERPT_CHARACTERS], letter.time,
    )  # fmt: skip


def points(collector: str, letters: Iterable[DeadLetter]) -> list[Point]:
    """`dead_letter` points: the same record set aside twice is one point."""
    return [
        Point("dead_letter", letter.time, {"collector": collector}, {
            "reason": letter.reason, "excerpt": letter.excerpt, "file": letter.file, "line": letter.line,
        })
        for letter in map(tidied, letters)
    ]  # fmt: skip


def from_rejection(rejection: Rejection) -> DeadLetter:
    """A point the store refused, as a record set aside."""
    point = rejection.point
    file, line = point.fields.get("file"), point.fields.get("line")
    excerpt = f"{point.measurement} {dict(point.tags)} {dict(point.fields)}"
    return DeadLetter(
        str(file or ""), int(line) if isinstance(line, int | float) else 0, rejection.reason,
        excerpt[: 4 * EXCERPT_CHARACTERS], point.time,
    )  # fmt: skip


def _identity(letter: DeadLetter) -> str:
    parts = (letter.time, letter.file, letter.line, letter.reason, letter.excerpt)
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def _read(path: Path) -> Iterator[DeadLetter]:
    try:
        with path.open("rb") as file:
            for line in file:
                try:
                    entry = json.loads(line)
                    yield DeadLetter(entry["file"], entry["line"], entry["reason"], entry["excerpt"], entry["time"])
                except (ValueError, KeyError, TypeError):
                    log.debug("passing over a cut line in %s", path)
    except FileNotFoundError:
        return


def _last_byte(path: Path) -> bytes:
    with path.open("rb") as file:
        file.seek(-1, os.SEEK_END)
        return file.read(1)
