"""Backups by the clock: a collector like the others, so that its runs are shown, counted and retried like theirs.

What is due follows from the folder alone: names of backups hold the moment they were begun.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from concurrent.futures import Future
from concurrent.futures import TimeoutError as NotYet
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Thread
from zoneinfo import ZoneInfo

from collectors.base import Batch, Checkpoint, Problem, Refused
from dashapp.backup.errors import BackupError
from dashapp.backup.making import make, put_points
from dashapp.backup.points import read_points
from dashapp.settings import Settings
from metricstore.errors import StoreError
from metricstore.quantities import quantity
from metricstore.store import Store

NAME = "backup"
_LOOK_SECONDS = 300.0
_BREATH_SECONDS = 20.0
"""A run that says nothing for minutes is taken for one that hangs."""
_STAMP = "%Y%m%dT%H%M%SZ"
_FILE = re.compile(r"dashboard-(\d{8}T\d{6}Z)\.backup")
_PATIENCE = timedelta(hours=2)
_ABANDONED_SECONDS = 86_400


def kept(folder: Path) -> list[tuple[datetime, Path]]:
    """Backups in the folder with the moments they were begun, oldest first. OSError when it can't be read."""
    if not folder.exists():
        return []
    found = []
    for path in folder.iterdir():
        if match := _FILE.fullmatch(path.name):
            with suppress(ValueError):
                found.append((datetime.strptime(match[1], _STAMP).replace(tzinfo=UTC), path))
    return sorted(found)


def due(settings: Settings, newest: datetime | None, now: datetime) -> datetime:
    """When the backup after `newest` is to be made; it may be past."""
    if newest is None:
        return now
    if settings.backup_at is None:
        return newest + settings.backup_every
    hour, minute = map(int, settings.backup_at.split(":"))
    day = newest.astimezone(ZoneInfo(settings.timezone))
    at = day.replace(hour=hour, minute=minute, second=0, microsecond=0)
    return (at if at > day else at + timedelta(days=1)).astimezone(UTC)


def standing(settings: Settings, now: datetime) -> tuple[bool, str]:
    """(whether scheduled backups are as they should be, a sentence). The folder is not named in it."""
    folder = settings.backup_folder
    if folder is None:
        return True, "no backup is scheduled"
    try:
        found = [one for one in kept(folder) if one[0] <= now]  # one that a wrong clock has dated says nothing
    except OSError as error:
        return False, f"the folder of backups can't be read: {error.strerror}"
    if not found:
        return False, "no scheduled backup was made yet"
    newest = found[-1][0]
    said = f"the newest of {quantity(len(found), 'backups')} is of {newest:%Y-%m-%d %H:%M} UTC"
    late = now - due(settings, newest, now) > _PATIENCE
    return not late, f"{said}, and the next is overdue" if late else said


class ScheduledBackup:
    """Makes a backup whenever one is due, and then removes the oldest beyond the number that is kept.

    Where no folder is set it runs, too, and has nothing to do: what failed before backups were switched off is over then.
    """

    name = NAME
    interval_seconds = _LOOK_SECONDS
    rereads = False

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def validate(self) -> list[Problem]:
        """What doctor says of backups it finds out by itself."""
        return []

    def watched(self) -> list[Path]:
        return []

    def collect(self, checkpoint: Checkpoint, store: Store) -> Iterator[Batch]:
        now, folder = datetime.now(UTC), self._settings.backup_folder
        if folder is None:
            return
        try:
            found = [one for one in kept(folder) if one[0] <= now]
            if due(self._settings, found[-1][0] if found else None, now) > now:
                return
            for _ in self._made(folder / f"dashboard-{now:{_STAMP}}.backup", store):
                yield Batch(checkpoint, bookkeeping=True)
            for _, path in kept(folder)[: -self._settings.backup_keep]:
                path.unlink(missing_ok=True)
        except (BackupError, StoreError, OSError) as error:
            reason = error.strerror if isinstance(error, OSError) else error
            raise Refused(f"no backup in {folder}: {reason}", retry_after=_LOOK_SECONDS) from error

    def _made(self, target: Path, store: Store) -> Iterator[None]:
        """Give a sign of life now and then until it is made."""
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        for left in target.parent.glob(".dashboard-*.backup.*.part"):  # of processes that were killed
            if left.stat().st_mtime < time.time() - _ABANDONED_SECONDS:
                left.unlink(missing_ok=True)
        done: Future[None] = Future()

        def work() -> None:
            try:
                make(self._settings, target, lambda archive: read_points(store, put_points(archive)))
                done.set_result(None)
            except BaseException as error:
                done.set_exception(error)

        Thread(target=work, name="backup", daemon=True).start()
        while True:
            try:
                done.result(_BREATH_SECONDS)
            except NotYet:
                if done.done():
                    raise
                yield
            else:
                return
