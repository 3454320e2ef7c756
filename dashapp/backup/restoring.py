"""Restoring a backup: read whole, then made beside what is there, compared, and only then put in its place."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from collectors.runner.checkpoints import Checkpoints
from dashapp.accounts.database import HEAD, Database
from dashapp.backup import making, switching, tables
from dashapp.backup.archive import Archive, Manifest, opened
from dashapp.backup.backends import Backend, backend_of
from dashapp.backup.counting import counts
from dashapp.backup.errors import BackupError, in_words
from dashapp.backup.lines import understood
from dashapp.backup.performing import perform
from dashapp.backup.points import points
from dashapp.settings import Settings
from dashapp.settings.secret import FILE as SECRET_FILE
from dashapp.settings.unfinished import is_unfinished
from metricstore.errors import StoreDamaged, StoreError
from metricstore.point import moment, nanoseconds
from metricstore.quantities import quantity
from metricstore.retention import deletion, parted
from metricstore.store import Store

Say = Callable[[str], None]
_VERSION = re.compile(r"000[1-9]|00[1-9]\d|0[1-9]\d\d")
_COLLECTOR = re.compile(r"[a-z0-9_]{1,64}")


@dataclass(frozen=True)
class Restored:
    """Points by measurement and rows by table, as they were counted in what was made."""

    manifest: Manifest
    points: dict[str, int]
    rows: dict[str, int]
    unknown: tuple[str, ...]
    """What this version no longer knows and was left out."""
    older: dict[str, int]
    """Points by measurement that were left out, as they are older than they are kept."""


def prepare(settings: Settings, path: Path, *, replace: bool, say: Say) -> Restored:
    """Everything up to the moment from which the new state counts; `switching.finish` does the rest.

    BackupError or StoreError leave all as it was.
    """
    with in_words(settings), opened(path, making.passphrase(settings)) as archive:
        _require_known(archive.manifest)
        say(f"Reading {path} through: made {archive.manifest.made}, points from {archive.manifest.store}.")
        archive.verify()
        if not replace:
            _require_empty(settings)
        backend = backend_of(settings)
        with switching.staging(settings) as folder:
            try:
                unknown: set[str] = set()
                say(f"The backup is complete. Restoring it next to the existing data ({backend.kind}).")
                filled = fill(settings, backend, folder, archive, unknown, say)
                rows = _fill_accounts(archive, folder)
                files = _fill_files(archive, folder, backend.name(settings))
                switching.commit(settings, folder, switching.Plan(bool(rows), files))
            except BaseException:
                if not is_unfinished(settings.data_dir):  # once it counts, what is beside is the state
                    with suppress(StoreError):  # a bucket that can't be removed now is removed by the next restore
                        backend.forget_beside(settings, folder)
                raise
    return Restored(archive.manifest, filled.points, rows, tuple(sorted(unknown)), filled.older)


def _require_known(manifest: Manifest) -> None:
    if manifest.accounts > HEAD:
        raise BackupError(
            f"the backup's accounts are at version {manifest.accounts}, newer than this program's {HEAD}: update the program"
        )
    if manifest.accounts and not _VERSION.fullmatch(manifest.accounts):
        raise BackupError(
            f"the backup's accounts are at version {manifest.accounts!r}, which isn't a version of this program"
        )


def _require_empty(settings: Settings) -> None:
    """BackupError where a store or accounts are that would be lost."""
    hint = "; back it up first, then use --replace to overwrite it"
    try:
        stored = perform(settings, "counts") or {}
    except StoreDamaged as error:
        raise BackupError(f"{str(error).split(':')[0]}{hint}") from None
    _require_none(sum(stored.values()), "points", hint)
    _require_none(_users(settings), "users", hint)


def _require_none(count: int, plural: str, hint: str) -> None:
    if count:
        raise BackupError(f"there {'is' if count == 1 else 'are'} {quantity(count, plural)} here already{hint}")


def _users(settings: Settings) -> int:
    with closing(Database(settings.accounts_url)) as database:
        return tables.counts(database)["users"] if database.version() == HEAD else int(database.version() is not None)


@dataclass(frozen=True)
class Filled:
    """Points by measurement: as they were counted afterwards, and those that were left out, as they are older than they are kept."""

    points: dict[str, int]
    older: dict[str, int]


def fill(settings: Settings, backend: Backend, folder: Path, archive: Archive, unknown: set[str], say: Say) -> Filled:
    """A new store beside, with all points of the archive that are not older than they are kept."""
    now = datetime.now(UTC)
    limits, older, days = (
        _limits(settings.retention.limits(nanoseconds(now)), archive, say),
        {},
        dict(settings.retention.days),
    )
    with closing(backend.make_beside(settings, folder)) as store:
        for name in archive.manifest.rows(f"{making.POINTS}/"):
            older[name] = _write(store, name, archive.lines(f"{making.POINTS}/{name}.ndjson"), unknown, limits)
        found = counts(store)
        store.write(  # after the count: they are not of the backup
            [deletion(name, days[name], moment(limits[name]), 0, now) for name, count in older.items() if count]
        )
    for name, expected in archive.manifest.rows(f"{making.POINTS}/").items():
        lost = expected - older[name] - found.get(name, 0)
        if lost and any(one.split(".")[0] == name for one in unknown):
            unknown.add(f"{name}: {lost:,} of {quantity(expected, 'points')}")
        elif lost:
            raise BackupError(f"{backend.kind} holds {found.get(name, 0):,} of {quantity(expected, 'points')} of {name} afterwards; nothing was changed")  # fmt: skip
    return Filled(found, {name: count for name, count in older.items() if count})


def _limits(limits: Mapping[str, int], archive: Archive, say: Say) -> dict[str, int]:
    """Those by which at least half of a measurement is kept: else a clock or a setting may be wrong."""
    found = {}
    for name, expected in archive.manifest.rows(f"{making.POINTS}/").items():
        if name not in limits:
            continue
        lines = archive.lines(f"{making.POINTS}/{name}.ndjson")
        if sum(parted(batch, limits)[1] for batch in points(name, lines, set())) * 2 <= expected:
            found[name] = limits[name]
        else:
            say(
                f"{name}: more than half of it is older than DASHAPP_RETENTION keeps it, and a clock or a setting may be wrong. "
                "So all of it is kept; `dashapp retention` says how it is deleted."
            )
    return found


def _write(store: Store, name: str, lines: Iterable[bytes], unknown: set[str], limits: Mapping[str, int]) -> int:
    """How many points were left out, as they are older than `limits`."""
    older = 0
    for batch in points(name, lines, unknown):
        kept, aged = parted(batch, limits)
        older += aged
        result = store.write(kept)
        if result.rejected and not any(one.split(".")[0] == name for one in unknown):
            raise StoreError(f"a point of {name} is not taken: {result.rejected[0].reason}; nothing was changed")
    return older


def _fill_accounts(archive: Archive, folder: Path) -> dict[str, int]:
    """Rows by table, in a database at today's version; nothing where the backup has no accounts."""
    version = archive.manifest.accounts
    if not version:
        return {}
    with closing(Database(f"sqlite:///{folder / switching.ACCOUNTS}")) as database:
        database.create_at(version)
        names = archive.manifest.rows(f"{making.ACCOUNTS}/")
        tables.write_tables(database, ((name, archive.lines(f"{making.ACCOUNTS}/{name}.ndjson")) for name in names))
        database.migrate()
        found = tables.counts(database)
    if version == HEAD and found != names:
        raise BackupError("the accounts made from the backup differ from it; nothing was changed")
    return found


def _fill_files(archive: Archive, folder: Path, store: str) -> tuple[str, ...]:
    """Names in the data folder that what was made replaces."""
    files = folder / switching.FILES
    for name in ("checkpoints", *making.FOLDERS):
        (files / name).mkdir()
    fill_checkpoints(archive, files, store)
    for part in archive.manifest.parts:
        place = _place(part.name)
        if place is not None:
            with (files / place).open("wb") as file:
                file.writelines(archive.pieces(part.name))
            (files / place).chmod(0o600)
    return tuple(sorted(path.name for path in files.iterdir()))


def _place(part: str) -> str | None:
    """Where a part's file belongs in the data folder; None for what is not a file of ours."""
    folder, _, place = part.partition("/")
    if folder != making.FILES:
        return None
    inside, _, name = place.rpartition("/")
    return place if (inside in making.FOLDERS and name not in ("", ".", "..")) or place == SECRET_FILE else None


def fill_checkpoints(archive: Archive, folder: Path, store: str) -> None:
    """Checkpoints of `store` (kind and location) in a data folder."""
    if any(part.name == making.CHECKPOINTS for part in archive.manifest.parts):
        for line in archive.lines(making.CHECKPOINTS):
            with understood(making.CHECKPOINTS):
                kept = json.loads(line)
                name, roots, checkpoint = kept["collector"], str(kept["roots"]), dict(kept["checkpoint"])
            if not (isinstance(name, str) and _COLLECTOR.fullmatch(name)):
                raise BackupError(f"the backup has a checkpoint of {name!r}, which isn't a valid name of a collector")
            Checkpoints(folder, making.scope_in(store, roots)).save(name, checkpoint)
