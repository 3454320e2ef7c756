"""The checkpoint of several logs: each is followed on its own, with a position, a clock and batches of its own."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from collectors.app_log.clock import Clock
from collectors.base import WARNINGS, Batch, Checkpoint
from collectors.places import is_there
from collectors.source import Source

VERSION = 2
"""1: a single log, whose files were known by their first bytes alone. It is read on from."""
_FIRST_SEGMENT, _SEGMENTS = 40, 960


class Logs:
    """What is known of each log, by its name."""

    def __init__(self, checkpoint: Checkpoint, source: Source) -> None:
        self._source = source
        self._checkpoint = checkpoint
        self._states: dict[str, Mapping[str, Any]] = {}
        if checkpoint.get("version") == VERSION:
            self._states = dict(checkpoint["logs"])
        elif checkpoint.get("version") == 1:
            known = {name: value for name, value in checkpoint.items() if name != "version"}
            self._states = {source.name_of(source.log_path()): known}
        self._warnings: list[str] = list(checkpoint.get(WARNINGS, ()))
        self._now: list[str] = []

    def read(self) -> list[Path]:
        """The logs that something was read from, as long as the settings still speak of them."""
        read = [self._source.path_of(name) for name, state in self._states.items() if state.get("position")]
        wanted = self._source.log_paths()
        if self._source.log is None and not self._source.logs and not is_there(wanted[0]):
            wanted = self._source.usual_logs
        return [path for path in read if path in wanted]

    def state(self, path: Path) -> Mapping[str, Any]:
        """Where reading of this log stopped."""
        name = self._source.name_of(path)
        return self._states.get(name) or {"clock": Clock(base=self._base(path, name)).to_json()}

    def moved(self, path: Path, batch: Batch) -> Batch:
        """A batch of this log, with the checkpoint of all."""
        if batch.checkpoint is self._states.get(self._source.name_of(path)):
            return replace(batch, checkpoint=self._checkpoint)
        self._states = {**self._states, self._source.name_of(path): batch.checkpoint}
        self._checkpoint = self._whole()
        return replace(batch, checkpoint=self._checkpoint)

    def warn(self, texts: Sequence[str]) -> None:
        """What is wrong with a log now."""
        self._now += texts

    def settled(self) -> Iterator[Batch]:
        """When other warnings hold than before, a batch that says so."""
        if self._now != self._warnings:
            self._warnings = self._now
            yield Batch(self._whole(), bookkeeping=True)

    def _whole(self) -> Checkpoint:
        warnings = {WARNINGS: self._warnings} if self._warnings else {}
        return {"version": VERSION, "logs": self._states, **warnings}

    def _base(self, path: Path, name: str) -> int:
        """Records of two logs may be of the same millisecond: timestamps of all logs but the first end in other digits."""
        first = path == self._source.log_path()
        return 0 if first else _FIRST_SEGMENT + zlib.crc32(name.encode()) % _SEGMENTS
