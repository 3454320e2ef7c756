"""Putting a restored state in place, all of it or nothing.

It is made whole in a folder of its own. Renaming that folder to READY is the moment from which the new state counts:
before it a kill leaves the old state, after it whoever starts next finishes what is left, step by step, each of which
may be done twice. Nobody opens anything meanwhile (`load_settings` refuses).
"""

# Imports inside functions: start-up time, and a kind of store is loaded only where it is used.

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from filelock import FileLock, Timeout

from collectors.runner.checkpoints import sync_folder
from dashapp.accounts import Accounts, AccountsDamaged
from dashapp.accounts.database import Database
from dashapp.backup.backends import backend_of
from dashapp.backup.errors import BackupError
from dashapp.backup.making import checkpoints_of
from dashapp.backup.tables import put_in_place
from dashapp.settings import Settings
from dashapp.settings.unfinished import READY, is_unfinished

_NEW, _DONE, _LOCK, _PLAN = "restore.new", "restore.done", "restore.lock", "plan.json"
ACCOUNTS, FILES = "accounts.sqlite", "files"


@dataclass(frozen=True)
class Plan:
    """What the folder holds: names in FILES replace those of the data folder."""

    accounts: bool
    files: tuple[str, ...]


@contextmanager
def staging(settings: Settings, name: str = _NEW) -> Iterator[Path]:
    """A folder for what is being made; it is gone afterwards unless it was committed. One process at a time makes something."""
    folder = settings.data_dir / name
    settings.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        lock = FileLock(settings.data_dir / f"{name}.lock", timeout=0).acquire()
    except Timeout:
        raise BackupError("another restore or move is at work on this data folder: wait until it has ended") from None
    with lock:
        shutil.rmtree(folder, ignore_errors=True)
        (folder / FILES).mkdir(parents=True, mode=0o700)
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def commit(settings: Settings, folder: Path, plan: Plan) -> None:
    """From here on the new state counts."""
    with (folder / _PLAN).open("w", encoding="utf-8") as file:
        json.dump(asdict(plan), file)
        file.flush()
        os.fsync(file.fileno())
    sync_folder(folder)
    folder.rename(settings.data_dir / READY)
    sync_folder(settings.data_dir)


def finish(settings: Settings) -> bool:
    """Put in place what was committed; False when there is nothing. Before anything is opened."""
    if not is_unfinished(settings.data_dir):
        return False
    with FileLock(settings.data_dir / _LOCK):
        folder = settings.data_dir / READY
        if not folder.is_dir():  # another process has done it meanwhile
            return True
        plan = Plan(**json.loads((folder / _PLAN).read_text(encoding="utf-8")))
        backend = backend_of(settings)
        with nobody_collects(settings, backend.name(settings)):
            backend.take_place(settings, folder)
            if plan.accounts:
                _put_accounts(settings, folder)
            for name in plan.files:
                put_file(folder / FILES / name, settings.data_dir / name)
        done = settings.data_dir / _DONE
        shutil.rmtree(done, ignore_errors=True)
        folder.rename(done)
        sync_folder(settings.data_dir)
        shutil.rmtree(done, ignore_errors=True)
    return True


@contextmanager
def nobody_collects(settings: Settings, store: str) -> Iterator[None]:
    """While the points of a store (kind and location) are replaced, and the checkpoints in the data folder: from those all machines then go on.

    After an error or a kill others wait for some minutes, and then read everything again; doing it once more sets that right.
    """
    from dashapp.collecting.agreement import agrees

    if not agrees(settings):
        yield
        return
    from dashapp.collecting import replacing

    with closing(Accounts.open(settings.accounts_url).database) as database:
        replacing.begin(database, store)
        yield
        kept = [(one["roots"], one["collector"], one["checkpoint"]) for one in checkpoints_of(settings, store)]
        replacing.end(database, store, kept)


def put_file(new: Path, old: Path) -> None:
    """A file or a folder in place of the one that is there. Does nothing where that is done already."""
    if not new.exists():
        return
    old.parent.mkdir(parents=True, exist_ok=True)
    if old.is_dir():
        shutil.rmtree(old)
    new.replace(old)
    sync_folder(old.parent)


def _put_accounts(settings: Settings, folder: Path) -> None:
    with closing(Database(f"sqlite:///{folder / ACCOUNTS}")) as source:
        try:
            with closing(Accounts.open(settings.accounts_url)) as target:
                put_in_place(source, target.database)
        except AccountsDamaged as damaged:
            _replace_damaged(settings, source, damaged)


def _replace_damaged(settings: Settings, source: Database, damaged: AccountsDamaged) -> None:
    from sqlalchemy import make_url

    from dashapp.cli.output import remark
    from dashapp.doctor.repairing import set_accounts_aside

    path = make_url(settings.accounts_url).database
    if path is None:
        raise damaged
    set_accounts_aside(Path(path), remark)
    with closing(Accounts.open(settings.accounts_url)) as target:
        put_in_place(source, target.database)
