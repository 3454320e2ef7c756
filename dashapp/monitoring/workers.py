"""Where several worker processes add up what they count: a folder of files, one launcher's own."""

# Imports inside functions: the login must answer before pandas and Dash are loaded, and what isn't measured isn't loaded.

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from pathlib import Path

from dashapp.settings.private_files import make_private_dir

DIRECTORY = "PROMETHEUS_MULTIPROC_DIR"
_FOLDER = "worker-counts"
_LOCK = "lock"


def add_up(data_dir: Path) -> None:
    """Make the folder, and say so in the environment; before prometheus-client is imported and before the fork.

    Folders of launchers that have ended are removed: each holds its lock as long as one of its processes lives, so
    others may use the same data folder.
    """
    folder = data_dir / _FOLDER
    make_private_dir(folder)
    with (folder / _LOCK).open("wb") as alone:
        fcntl.flock(alone, fcntl.LOCK_EX)
        for old in folder.iterdir():
            if old.is_dir() and not _in_use(old / _LOCK):
                shutil.rmtree(old, ignore_errors=True)
        own = Path(tempfile.mkdtemp(dir=folder))
        fcntl.flock(os.open(own / _LOCK, os.O_CREAT | os.O_RDWR, 0o600), fcntl.LOCK_EX)  # open until the process ends
    os.environ[DIRECTORY] = str(own)


def end_worker(server: object, worker: object) -> None:
    """gunicorn's hook for a worker that has ended. What it counted stays: a counter never goes back."""
    from prometheus_client.multiprocess import mark_process_dead

    mark_process_dead(worker.pid)  # type: ignore[attr-defined, no-untyped-call]


def _in_use(lock: Path) -> bool:
    try:
        with lock.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False
