"""Moving points to another kind of store: read out once, made anew beside, compared, put in place. What is there stays."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from contextlib import suppress

from dashapp.backup import making, switching
from dashapp.backup.archive import Archive, ArchiveWriter, Manifest, opened
from dashapp.backup.backends import BACKENDS, Backend, backend_named, backend_of
from dashapp.backup.errors import BackupError, in_words
from dashapp.backup.performing import perform, running
from dashapp.backup.restoring import Filled, fill, fill_checkpoints
from dashapp.settings import Settings
from metricstore.errors import StoreError
from metricstore.quantities import quantity

_FOLDER, _POINTS = "move.new", "points"


def source_for(settings: Settings, target: Backend) -> Backend:
    """Where the points are: what the settings name; where they name the target already, the embedded store."""
    chosen = backend_of(settings)
    if chosen is not target:
        return chosen
    if target.kind == "duckdb":
        raise BackupError("the points are in duckdb already: set the settings of the store they are to be read from")
    return BACKENDS["duckdb"]


def move(settings: Settings, to: str, *, replace: bool, say: Callable[[str], None]) -> tuple[Filled, Backend]:
    """What was counted in the target, and the target."""
    target = backend_named(to)
    target.require_configured(settings)
    source = source_for(settings, target)
    _require_unused(settings, target)
    if not replace and target.exists(settings):
        held = sum((perform(settings, "counts", backend=target) or {}).values())
        if held:
            raise BackupError(
                f"{target.kind} holds {quantity(held, 'points')} already; use --replace to overwrite what is there"
            )
    with in_words(settings, "run it again"), switching.staging(settings, _FOLDER) as folder:
        archive_file = folder / _POINTS
        say(f"Reading all points of {source.kind}.")
        with archive_file.open("wb") as file, ArchiveWriter(file, None) as archive:
            making.put_checkpoints(settings, source, archive)
            perform(settings, "points", lambda piece: making.take_piece(archive, piece), backend=source)
            archive.finish(Manifest.new(source.kind, "", secrets=False))
        with opened(archive_file, None) as written:
            written.verify()
            try:
                return _filled(settings, target, written, say), target
            except BaseException:
                with suppress(StoreError):
                    target.forget_beside(settings, folder)
                raise


def _filled(settings: Settings, target: Backend, archive: Archive, say: Callable[[str], None]) -> Filled:
    folder = settings.data_dir / _FOLDER
    unknown: set[str] = set()
    say(f"Writing them to {target.kind}, beside what is there.")
    found = fill(settings, target, folder, archive, unknown, say)
    making.forget_checkpoints(
        settings, target
    )  # of what is replaced: with them and without its points much would never be read
    with switching.nobody_collects(settings, target.name(settings)):
        target.take_place(settings, folder)
        # Checkpoints last: without them all is read again, which does no harm; with them and without points it would.
        fill_checkpoints(archive, folder, target.name(settings))
        for kept in sorted((folder / "checkpoints").glob("*")):
            place = settings.data_dir / "checkpoints" / kept.name
            shutil.rmtree(place, ignore_errors=True)
            switching.put_file(kept, place)
    return found


def _require_unused(settings: Settings, target: Backend) -> None:
    channel = running(settings, target)
    if channel is not None:
        channel.close()
        raise BackupError(f"process {channel.pid} uses {target.kind} already: end it, then move")
