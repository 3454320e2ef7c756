"""Asking for what is stored: through the running application where there is one, else from the store itself.

Made-up data are not in backups: what only shows them is not asked.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from typing import Any

from dashapp.backup.backends import Backend, backend_of
from dashapp.control.actions import ACTIONS
from dashapp.control.client import Channel, connect
from dashapp.settings import Settings


def running(settings: Settings, backend: Backend | None = None) -> Channel | None:
    """The process that runs over the data folder and keeps its points in `backend` (default: the configured one)."""
    channel = connect(settings.data_dir)
    if channel is None:
        return None
    wanted = (backend or backend_of(settings)).kind
    with channel:
        kept_here = not channel.demo and channel.ask("info")["kind"] == wanted
    # A connection is for one command.
    return connect(settings.data_dir) if kept_here else None


def perform(
    settings: Settings, do: str, on_progress: Callable[[Any], None] | None = None, backend: Backend | None = None
) -> Any:  # fmt: skip
    """The result of an action on the points of `backend`; None when there are none."""
    chosen = backend or backend_of(settings)
    channel = running(settings, chosen)
    if channel is not None:
        with channel:
            return channel.ask(do, on_progress)
    if not chosen.exists(settings):
        return None

    def tell(message: dict[str, Any]) -> None:
        if on_progress is not None:
            on_progress(message["progress"])

    with closing(chosen.open(settings)) as store:
        return ACTIONS[do]({"metricstore": store, "settings": settings}, tell)
