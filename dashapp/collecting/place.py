"""What a data folder is known by, so that a process started again over it need not wait for the lease of the one before."""

from __future__ import annotations

import hashlib
import json
import secrets
import socket
from contextlib import suppress
from pathlib import Path

_FILE = "runner.place"
_MACHINE = Path("/etc/machine-id")


def place_of(data_dir: Path) -> str:
    """Eight characters, kept in the folder. A copy of the folder gets its own, on another machine or on this one: it is another folder, over
    which another process may live."""
    path, here = data_dir / _FILE, _bound_to(data_dir)
    with suppress(OSError, ValueError, KeyError, TypeError):
        kept = json.loads(path.read_text(encoding="utf-8"))
        if kept["here"] == here:
            return str(kept["place"])[:8]
    place = secrets.token_hex(4)
    with suppress(OSError):  # a full disk: the next process waits for the end of this one's lease
        path.write_text(json.dumps({"place": place, "here": here}), encoding="utf-8")
    return place


def _bound_to(data_dir: Path) -> str:
    """A fingerprint of this machine and this folder. The name counts beside the machine's id, which containers and copied machines share."""
    machine = ""
    with suppress(OSError):
        machine = _MACHINE.read_text(encoding="utf-8").strip()
    folder = data_dir.stat()
    return hashlib.sha256(f"{machine} {socket.gethostname()} {folder.st_dev} {folder.st_ino}".encode()).hexdigest()
