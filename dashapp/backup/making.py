"""Making a backup: checkpoints first, points last, so that nothing is taken for collected that is not in it."""

# Imports inside functions: start-up time, and a kind of store is loaded only where it is used.

from __future__ import annotations

import json
import os
from base64 import b64decode
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import IO, Any

from sqlalchemy import make_url

from dashapp.accounts import Accounts
from dashapp.accounts.database import HEAD
from dashapp.backup.archive import ArchiveWriter, Manifest, opened
from dashapp.backup.backends import Backend, backend_of
from dashapp.backup.errors import BackupError
from dashapp.backup.points import Put
from dashapp.backup.tables import read_tables
from dashapp.settings import Settings
from dashapp.settings.secret import FILE as SECRET_FILE

CHECKPOINTS = "checkpoints.ndjson"
ACCOUNTS, POINTS, FILES = "accounts", "points", "files"
FOLDERS = ("dead-letters",)
"""Of the data folder, besides what has a form of its own."""
_ROOTS = " <- "
"""Between the store and the sources in what a checkpoint says of itself."""


def passphrase(settings: Settings) -> str | None:
    """The configured one; BackupError when its file can't be read."""
    if settings.backup_passphrase is not None and (own := settings.backup_passphrase.get_secret_value()).strip():
        return own
    path = settings.backup_passphrase_file
    if path is None:
        return None
    try:
        found = path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise BackupError(f"DASHAPP_BACKUP_PASSPHRASE_FILE {path} can't be read: {error}") from None
    if not found:
        raise BackupError(f"DASHAPP_BACKUP_PASSPHRASE_FILE {path} is empty")
    return found


def make(settings: Settings, target: Path, put_all: Callable[[ArchiveWriter], object]) -> Manifest:
    """Write a backup and read it again before it gets its name. Whatever it raises, an older file stays as it was.

    `put_all` writes the points, by `take_piece` or `put_points`.
    """
    secret = passphrase(settings)
    with _whole_or_not(target) as (part, file):
        with ArchiveWriter(file, secret) as archive:
            _put_files(settings, archive, secrets=secret is not None)
            version = _put_accounts(settings, archive, secrets=secret is not None)
            put_all(archive)
            manifest = archive.finish(Manifest.new(backend_of(settings).kind, version, secrets=secret is not None))
        file.flush()
        os.fsync(file.fileno())
        with opened(part, secret) as written:
            written.verify()
    return manifest


@contextmanager
def _whole_or_not(target: Path) -> Iterator[tuple[Path, IO[bytes]]]:
    """A file of another name beside the target, its owner's alone, which gets the target's name at the end."""
    from collectors.runner.checkpoints import sync_folder

    part = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        if target.is_dir():
            raise BackupError(f"{target} is a folder: name a file")
        part.unlink(missing_ok=True)
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            yield part, file
        part.replace(target)
        sync_folder(target.parent)
    except OSError as error:
        raise BackupError(f"{target} can't be written: {error.strerror or error}") from None
    finally:
        part.unlink(missing_ok=True)


def take_piece(archive: ArchiveWriter, piece: Any) -> None:
    """A message of the action `points`."""
    put_points(archive)(piece["measurement"], b64decode(piece["lines"]), piece["points"])


def put_points(archive: ArchiveWriter) -> Put:
    return lambda name, data, count: archive.put(f"{POINTS}/{name}.ndjson", data, count)


def put_checkpoints(settings: Settings, backend: Backend, archive: ArchiveWriter) -> None:
    """Those of the store, whatever was read, without the name of the store."""
    for envelope in checkpoints_of(settings, backend.name(settings)):
        archive.put(CHECKPOINTS, json.dumps(envelope).encode() + b"\n", 1)


def _put_files(settings: Settings, archive: ArchiveWriter, *, secrets: bool) -> None:
    put_checkpoints(settings, backend_of(settings), archive)
    names = [path for folder in FOLDERS for path in sorted((settings.data_dir / folder).glob("*")) if path.is_file()]
    if secrets and settings.secret_key is None:
        names.append(settings.data_dir / SECRET_FILE)
    for path in names:
        if path.exists():
            with path.open("rb") as file:
                while piece := file.read(1 << 20):
                    archive.put(f"{FILES}/{path.relative_to(settings.data_dir).as_posix()}", piece)


def checkpoints_of(settings: Settings, store: str) -> Iterator[dict[str, Any]]:
    """`collector`, `roots` and `checkpoint` of those in the data folder that speak of a store (kind and location)."""
    store += _ROOTS
    for path in sorted((settings.data_dir / "checkpoints").glob("*/*.json")):
        try:
            envelope = json.loads(path.read_bytes())
            scope, name, kept = envelope["scope"], envelope["collector"], envelope["checkpoint"]
        except (OSError, ValueError, KeyError, TypeError):
            continue  # the runner sets such a file aside at its next run
        if scope.startswith(store):
            yield {"collector": name, "roots": scope.removeprefix(store), "checkpoint": kept}


def forget_checkpoints(settings: Settings, backend: Backend) -> None:
    """Those of the store, whatever was read: what they speak of is about to be replaced."""
    store = backend.name(settings) + _ROOTS
    for path in (settings.data_dir / "checkpoints").glob("*/*.json"):
        with suppress(OSError, ValueError, KeyError, TypeError):
            if json.loads(path.read_bytes())["scope"].startswith(store):
                path.unlink()


def scope_in(store: str, roots: str) -> str:
    """What a checkpoint says of itself in another store."""
    return f"{store}{_ROOTS}{roots}"


def _put_accounts(settings: Settings, archive: ArchiveWriter, *, secrets: bool) -> str:
    """The version of the tables; empty where there are none yet."""
    url = make_url(settings.accounts_url)
    if url.get_backend_name() == "sqlite" and not Path(url.database or "").exists():
        return ""
    with closing(Accounts.open(settings.accounts_url)) as accounts:
        read_tables(
            accounts.database, lambda name, data, rows: archive.put(f"{ACCOUNTS}/{name}.ndjson", data, rows), secrets=secrets
        )  # fmt: skip
    return HEAD
