"""A restored state that waits to be put in place: until then nothing may be opened."""

from __future__ import annotations

from pathlib import Path

READY = "restore.ready"
"""The folder in the data folder that holds it; see dashapp.backup.switching."""
SENTENCE = (
    "a restore is being put in place, or was interrupted while it was: try again in a moment, or run `dashapp restore` "
    "without a file, which finishes it (the next `dashapp run` does, too)"
)


def is_unfinished(data_dir: Path) -> bool:
    return (data_dir / READY).is_dir()
