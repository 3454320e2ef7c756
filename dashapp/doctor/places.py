"""The data folder and who may read it."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

from dashapp.doctor.finding import Finding
from dashapp.settings import Settings
from dashapp.settings.secret import FILE as SECRET_FILE
from dashapp.settings.unfinished import SENTENCE, is_unfinished

_SUBJECT = "data folder"
_PRIVATE = (SECRET_FILE, "control.json", "accounts.sqlite", "accounts.sqlite-wal")


def check(settings: Settings) -> Iterator[Finding]:
    folder = settings.data_dir
    if not folder.exists():
        parent = next(p for p in (folder.absolute(), *folder.absolute().parents) if p.exists())
        if os.access(parent, os.W_OK | os.X_OK):
            yield Finding(_SUBJECT, "ok", f"{folder} is not there yet; the first start makes it")
        else:
            yield Finding(_SUBJECT, "fatal", f"{folder} can't be made: {parent} is not writable",
                          f"chown {parent}, or set DASHAPP_DATA_DIR to a folder you may write to.")  # fmt: skip
        return
    if not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
        yield Finding(_SUBJECT, "fatal", f"{folder} is not writable for this user",
                      f"sudo chown -R {os.getuid()} {folder}, or set DASHAPP_DATA_DIR.")  # fmt: skip
        return
    yield Finding(_SUBJECT, "ok", f"{folder.absolute()} is readable and writable")
    if is_unfinished(folder):
        text, hint = SENTENCE.split(": ", 1)
        yield Finding(_SUBJECT, "fatal", text, f"{hint[0].upper()}{hint[1:]}.")
    yield from _private(folder)
    if settings.secret_key is None:
        level = "warning" if settings.uses_server and settings.workers > 1 else "ok"
        hint = "Set DASHAPP_SECRET_KEY before you start `dashapp web` with several workers." if level != "ok" else ""
        yield Finding("secret key", level, "kept in the data folder", hint)  # type: ignore[arg-type]
    else:
        yield Finding("secret key", "ok", "set")


def _private(folder: Path) -> Iterator[Finding]:
    for name in _PRIVATE:
        path = folder / name
        if path.exists() and (mode := stat.S_IMODE(path.stat().st_mode)) & 0o077:
            yield Finding(_SUBJECT, "warning", f"{path} can be read by others (mode {mode:o})", f"chmod 600 {path}")
