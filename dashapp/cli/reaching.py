"""Doing something with the services: in the running application when there is one, else in this process."""

# Imports inside functions: a command loads only what it uses, so that it answers at once.

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from dashapp.control.actions import ACTIONS
from dashapp.control.client import Channel, connect
from dashapp.settings import Settings


def perform(
    settings: Settings, do: str, on_progress: Callable[[Any], None] | None = None, **parameters: Any
) -> Any:  # fmt: skip
    """The result of an action of `dashapp.control.actions`.

    The embedded store belongs to the process that opened it, so a running application does the work. StoreBusy when some other program
    holds the file.
    """
    channel = running(settings)
    if channel is not None:
        with channel:
            return channel.ask(do, on_progress, **parameters)
    return _here(settings, do, on_progress, parameters)


def running(settings: Settings) -> Channel | None:
    """The process that runs over what `settings` name: one that shows made-up data holds nothing of a real source."""
    channel = connect(settings.data_dir)
    if channel is not None and channel.demo and not shows_demo(settings):
        channel.close()
        return None
    return channel


def shows_demo(settings: Settings) -> bool:
    """Whether `dashapp run` with these settings shows made-up data."""
    return not (settings.has_source or settings.uses_server)


def _here(
    settings: Settings, do: str, on_progress: Callable[[Any], None] | None, parameters: dict[str, Any]
) -> Any:  # fmt: skip
    from dashapp.services import demo_settings, make_runner
    from dashapp.stores import open_store

    demo = demo_settings(settings)
    if shows_demo(settings) and demo.store_path.exists():
        settings = demo
    store = open_store(settings)
    try:
        services = {
            "metricstore": store,
            "settings": settings,
            "runner": make_runner(settings, store) if do in ("collect", "backfill", "retention_apply") else None,
        }

        def tell(message: dict[str, Any]) -> None:
            if on_progress is not None:
                on_progress(message.get("progress"))

        return ACTIONS[do](services, tell, **parameters)
    finally:
        store.close()
