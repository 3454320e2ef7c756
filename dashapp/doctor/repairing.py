"""`dashapp doctor --repair`: damaged databases are set aside, never deleted, and new ones take their place.

Each step leaves something usable behind when the process is killed after it, and the next repair goes on:
checkpoints are forgotten first, so that whatever is lost later is read again; the new store takes the place of the
damaged one in a single step.
"""

# Imports inside functions: start-up time, a check loads what it looks at only when it is run.

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import fields
from datetime import UTC, datetime
from pathlib import Path

from dashapp.accounts import AccountsDamaged
from dashapp.control import ControlError, connect
from dashapp.settings import Settings
from metricstore.errors import StoreDamaged
from metricstore.quantities import quantity


def repair(settings: Settings, say: Callable[[str], None]) -> tuple[bool, bool]:
    """(whether a store was damaged, whether the accounts were); `say` is given sentences on what was done.

    ControlError or RunnerBusy while the program runs.
    """
    from dashapp.services import demo_settings

    with _alone(settings):
        stores = [_store(one, say) for one in (settings, demo_settings(settings)) if not one.uses_server]
        return any(stores), _accounts(settings, say)


@contextmanager
def _alone(settings: Settings) -> Iterator[None]:
    from collectors.runner.lock import RunnerLock

    running = connect(settings.data_dir)
    if running is not None:
        running.close()
        raise ControlError(f"process {running.pid} runs over {settings.data_dir}; end it, then repair")
    lock = RunnerLock(settings.data_dir)
    lock.require()
    try:
        yield
    finally:
        lock.release()


def _store(settings: Settings, say: Callable[[str], None]) -> bool:
    """Whether it was damaged, and is a new one now."""
    from metricstore.duck import DuckStore

    path = settings.store_path
    if not path.exists():
        return False
    try:
        with closing(DuckStore(path)) as store:
            store.read_through()
            return False
    except StoreDamaged:
        _renew(path, settings.data_dir, say)
        return True


def _renew(path: Path, data_dir: Path, say: Callable[[str], None]) -> None:
    from collectors.runner.checkpoints import start_over_with, sync_folder
    from metricstore.duck import DuckStore
    from metricstore.duck.damage import save

    journal, fresh, aside = path.with_name(f"{path.name}.wal"), path.with_name(f"{path.name}.renewed"), _aside(path)
    for left in (fresh, fresh.with_name(f"{fresh.name}.wal")):
        left.unlink(missing_ok=True)  # of a repair that was killed
    DuckStore(fresh).close()
    saved = save(path, journal, fresh)
    start_over_with(data_dir, f"duckdb {path.resolve()}")
    try:
        os.link(path, aside)
    except OSError:  # a file system without hard links: for a moment there is no store, which a start makes anew
        path.rename(aside)
    if journal.exists():
        journal.rename(aside.with_name(f"{aside.name}.wal"))
    fresh.replace(path)
    sync_folder(path.parent)
    say(f"The store {path} was damaged. It is kept as {aside}; a new one has taken its place.")
    say(f"Saved from it: {quantity(sum(saved.points.values()), 'points')}.")
    for sentence in _lost(saved.lost):
        say(sentence)


def _lost(names: list[str]) -> Iterator[str]:
    """What can't be read, and which of it only services or the dashboard itself knew."""
    from collectors.services import Services
    from metricstore.catalogue import MEASUREMENTS
    from metricstore.catalogue.collected import COLLECTED

    if not names:
        yield "All of it could be read; what was written last may be missing, and is collected again."
        return
    services = {service.name for service in fields(Services)}
    own = [name for name in names if COLLECTED[name].reach == "always"]
    told = [name for name in names if name not in own and services & set(COLLECTED[name].by)]
    read = [name for name in names if name not in (*own, *told)]

    def titles(chosen: list[str]) -> str:
        return ", ".join(MEASUREMENTS[name].title for name in chosen)

    if read:
        yield (f"Not readable, and collected again: {titles(read)}. Gone is what files no longer hold: "
               "rotated logs that were deleted, figures that exports have replaced.")  # fmt: skip
    if told:
        yield (f"Not readable, and asked for again: {titles(told)}. Gone is what services reported in the past and no longer do; "
               "`dashapp backfill` asks them further back.")  # fmt: skip
    if own:
        yield f"Not readable, and gone, as only the dashboard itself knew it: {titles(own)}."


def _accounts(settings: Settings, say: Callable[[str], None]) -> bool:
    """Whether they were damaged, and are set aside now."""
    from sqlalchemy import make_url

    from dashapp.accounts.database import Database

    url = make_url(settings.accounts_url)
    if url.get_backend_name() != "sqlite" or not url.database or not Path(url.database).exists():
        return False
    try:
        with closing(Database(settings.accounts_url)) as database:
            database.read_through()
            return False
    except AccountsDamaged:
        _begin_anew(Path(url.database), say)
        return True


def set_accounts_aside(path: Path, say: Callable[[str], None]) -> None:
    """Keep a damaged accounts database under another name."""
    aside = _aside(path)
    # The file itself last: a journal that is left without it would be taken for that of the next one.
    for ending in ("-shm", "-wal", ""):
        old = path.with_name(f"{path.name}{ending}")
        if old.exists():
            old.rename(aside.with_name(f"{aside.name}{ending}"))
    say(f"The accounts database {path} was damaged. It is kept as {aside}.")


def _begin_anew(path: Path, say: Callable[[str], None]) -> None:
    set_accounts_aside(path, say)
    say("The next start makes a new one, with an administrator whose password it prints. Users, tokens, embeds, segments, "
        "annotations and alert rules have to be made anew, or restored from a backup.")  # fmt: skip


def _aside(path: Path) -> Path:
    return path.with_name(f"{path.name}.damaged-{datetime.now(UTC):%Y%m%dT%H%M%S%f}")
