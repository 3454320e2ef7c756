"""Whether machines have something to agree by, and over what: one store and one source are collected by one of them."""

# Imports inside functions: commands that do not collect load no kind of store.

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from dashapp.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path


def agrees(settings: Settings) -> bool:
    """With a store that is a server, and accounts in PostgreSQL: other machines may use both, too. A file is this machine's."""
    kind = settings.accounts_url.partition(":")[0].partition("+")[0]
    return settings.uses_server and kind in ("postgresql", "postgres")


def prefix(settings: Settings) -> str:
    """How the names of all leases begin whose holders collect into the store of the settings, whatever they read."""
    return prefix_of(store_name(settings))


def prefix_of(store: str) -> str:
    """The same for a store's kind and location."""
    return f"collect {_short(store)} "


def lease_name(settings: Settings, root: Path) -> str:
    """Of the source at `root` and the store of the settings."""
    return prefix(settings) + _short(str(root.absolute()))


def store_name(settings: Settings) -> str:
    """Kind and location, as checkpoints name them."""
    from dashapp.backup.backends import backend_of

    return backend_of(settings).name(settings)


def _short(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:12]
