"""`dashapp backup`, `dashapp restore` and `dashapp move`."""

# Imports inside functions: a command loads only what it uses, so that it answers at once.

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dashapp.cli.output import plainly, remark, say, stop
from metricstore.quantities import quantity

if TYPE_CHECKING:
    from dashapp.backup.restoring import Restored
    from dashapp.settings import Settings

_PATIENCE_SECONDS = 120.0
_IMPATIENCE_SECONDS = 30.0
_LOOK_SECONDS = 0.1
Replace = Annotated[bool, typer.Option("--replace", help="Replace the existing data, which is then lost.")]


@plainly
def backup(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Where to; one that is there is replaced.")],
) -> None:
    """Write everything the dashboard keeps into one file, also while it runs; encrypted where a passphrase is set."""
    from dashapp.backup.making import make, take_piece
    from dashapp.backup.performing import perform
    from dashapp.settings import load_settings

    settings = load_settings()
    manifest = make(
        settings, file.absolute(), lambda archive: perform(settings, "points", lambda piece: take_piece(archive, piece))
    )  # fmt: skip
    stored, rows = manifest.rows("points/"), manifest.rows("accounts/")
    say(f"Wrote {file}, read it again: {quantity(sum(stored.values()), 'points')}, {quantity(rows.get('users', 0), 'users')}, {file.stat().st_size / 1e6:,.1f} MB.")  # fmt: skip
    if manifest.secrets:
        say("It is encrypted and holds secrets: nobody can read it without the passphrase, not even you.")
    else:
        say("It is not encrypted and holds no secrets (no password hashes, not the key that signs links): after restoring it set "
            "passwords anew. DASHAPP_BACKUP_PASSPHRASE makes it whole and encrypted.")  # fmt: skip


@plainly
def restore(
    file: Annotated[Path | None, typer.Argument(metavar="[FILE]", help="A backup; none: finish an interrupted restore.")] = None,
    replace: Replace = False,
) -> None:  # fmt: skip
    """Put a backup in place, also while it runs, on any machine and any store: all of it or nothing."""
    from dashapp.backup.restoring import prepare
    from dashapp.settings import load_settings
    from dashapp.settings.private_files import make_private, write_privately
    from dashapp.settings.unfinished import is_unfinished

    write_privately()
    settings = load_settings(unfinished=True)
    make_private(settings)
    if is_unfinished(settings.data_dir):
        _put_in_place(settings)
        say("The restore that was interrupted is finished.")
    elif file is None:
        stop("nothing was interrupted; name the FILE to restore", 2)
    if file is not None:
        restored = prepare(settings, file, replace=replace, say=remark)
        _put_in_place(settings)
        _report(restored)


def _put_in_place(settings: Settings) -> None:
    """By the process that runs over the data folder, which starts again for it, else here."""
    from collectors.runner.lock import RunnerLock
    from dashapp.backup.switching import finish
    from dashapp.control import ControlError, connect
    from dashapp.settings.unfinished import is_unfinished

    channel = connect(settings.data_dir)
    if channel is not None:
        with channel:
            remark(f"Restarting process {channel.pid} with the restored data.")
            patience = _PATIENCE_SECONDS
            try:
                channel.ask("restart")
            except ControlError as error:  # it was quicker to end than to answer, or is of a version that can't
                remark(f"Process {channel.pid}: {error}")
                patience = _IMPATIENCE_SECONDS
        deadline = time.monotonic() + patience
        while is_unfinished(settings.data_dir) and _is_there(channel.pid) and time.monotonic() < deadline:
            time.sleep(_LOOK_SECONDS)
        if not is_unfinished(settings.data_dir):
            return
    lock = RunnerLock(settings.data_dir)
    lock.require(1.0)
    try:
        finish(settings)
    finally:
        lock.release()


def _is_there(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except OSError:
        return False
    return True


def _report(restored: Restored) -> None:
    stored, rows = restored.points, restored.rows
    counted = "with those left out, the counts are" if restored.older else "the counts are"
    say(f"Restored {quantity(sum(stored.values()), 'points')}; {counted} those of the backup:")
    _table(stored)
    _left_out(restored.older)
    if rows:
        say(f"Restored {quantity(sum(rows.values()), 'rows')} of accounts:")
        _table(rows)
    for name in restored.unknown:
        say(f"Left out, as this version does not know it: {name}")
    if not restored.manifest.secrets and rows.get("users"):
        say("The backup held no secrets: nobody can log in before you set passwords (dashapp user passwd NAME --password-stdin), and "
            "links of embeds made on another machine need its DASHAPP_SECRET_KEY. Tokens work.")  # fmt: skip


def _left_out(older: Mapping[str, int]) -> None:
    for name, count in older.items():
        say(f"Left out of {name}, as they are older than DASHAPP_RETENTION keeps them: {quantity(count, 'points')}")


def _table(found: Mapping[str, int]) -> None:
    for name, count in found.items():
        if count:
            say(f"  {name:<24}{count:>12,}")


@plainly
def move(
    to: Annotated[str, typer.Option("--to", help="The kind of store: influxdb, clickhouse or duckdb.")],
    replace: Replace = False,
) -> None:  # fmt: skip
    """Copy all points to another kind of store and compare; what is there stays. Accounts are not touched."""
    from dashapp.backup.moving import move as moved
    from dashapp.settings import load_settings
    from dashapp.settings.private_files import make_private, write_privately

    write_privately()
    settings = load_settings()
    make_private(settings)
    found, backend = moved(settings, to, replace=replace, say=remark)
    less = ", less those left out" if found.older else ""
    say(
        f"{backend.name(settings)} now holds {quantity(sum(found.points.values()), 'points')}, as many of each measurement as there were{less}:"
    )
    _table(found.points)
    _left_out(found.older)
    say(backend.afterwards)
    say("What is collected until then is collected again there.")
