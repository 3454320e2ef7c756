"""Whether machines have something to agree by, and over what: one store and one source are collected by one of them."""

# Imports inside functions: commands that do not collect load no kind of store.

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from dashapp.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path


def agrees(settings: Settings) -> bool:
    """With a store that is a server, and an accounts database that was named: other machines may use both, too."""
    return settings.uses_server and settings.database_url is not None


def prefix(settings: Settings) -> str:
    """How the names of all leases begin whose holders collect into the store of the settings, whatever they read."""
    return f"collect {_short(store_name(settings))} "


def lease_name(settings: Settings, root: Path) -> str:
    """Of the source at `root` and the store of the settings."""
    return prefix(settings) + _short(str(root.absolute()))


def store_name(settings: Settings) -> str:
    """Kind and location, as checkpoints name them."""
    from dashapp.backup.backends import backend_of

    return backend_of(settings).name(settings)


def _short(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:12]
