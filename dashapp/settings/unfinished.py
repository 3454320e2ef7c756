"""A restored state that waits to be put in place: until then nothing may be opened."""

from __future__ import annotations

from pathlib import Path

READY = "restore.ready"
"""The folder in the data folder that holds it; see dashapp.backup.switching."""
SENTENCE = (
    "a restore is in progress or was interrupted: try again in a moment, or run `dashapp restore` "
    "without a file to finish it (the next `dashapp run` does so, too)"
)


def is_unfinished(data_dir: Path) -> bool:
    return (data_dir / READY).is_dir()
