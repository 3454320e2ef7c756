"""Everything in one process: store, collectors, web application, control channel, demo data."""

# Imports inside functions: a command loads only what it uses, so that it answers at once.

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING

from dashapp.accounts import Accounts
from dashapp.cli import memory
from dashapp.cli.ending import SHARE_SECONDS, end_and_begin_again
from dashapp.cli.output import remark, stop
from dashapp.settings import Settings

if TYPE_CHECKING:
    from flask import Flask

    from collectors.demo import Demo
    from collectors.runner import Runner
    from dashapp.alerts.watching import Watch
    from dashapp.cli.presence import Presence
    from dashapp.control import ControlServer
    from metricstore.caching import CachedStore

log = logging.getLogger(__name__)


class Embedded:
    """`open` makes the application, after which it collects by itself; `close` ends everything in order."""

    def __init__(self, settings: Settings, accounts: Accounts, *, demo: bool = False, collects: bool = True) -> None:
        if demo and settings.uses_server:
            stop("--demo would mix made-up data into your store; unset INFLUXDB_V2_URL or CLICKHOUSE_URL to see it")
        self._settings = settings
        self._accounts = accounts
        self._demo = demo or not (settings.has_source or settings.uses_server)
        self._collects = collects
        self._store: CachedStore | None = None
        self._shown: CachedStore | None = None
        self._runner: Runner | None = None
        self._project: Demo | None = None
        self._presence: Presence | None = None
        self._control: ControlServer | None = None
        self._watch: Watch | None = None
        self._collecting: threading.Thread | None = None
        self._closing = threading.Event()
        if self._demo and not demo:
            remark(
                "No source is configured: showing made-up data. Set DASHAPP_SOURCE_DIR to the content project's folder."
            )
        elif not (self._demo or settings.has_source):
            remark("No source is configured (DASHAPP_SOURCE_DIR): nothing is collected.")

    def open(self) -> Flask:
        """The whole application. Slow things begin in a thread of their own, beside the first requests."""
        from dashapp.alerts.watching import Watch
        from dashapp.cli.presence import Presence
        from dashapp.control import ControlServer
        from dashapp.factory import create_app
        from dashapp.services import demo_settings, make_runner
        from dashapp.stores import for_viewers, open_store
        from metricstore.duck import DuckStore

        settings = demo_settings(self._settings) if self._demo else self._settings
        self._store = open_store(settings)
        self._runner = make_runner(settings, self._store, unhurried=self._unwatched)
        shown = self._runner if self._collects else None
        self._shown = for_viewers(settings, self._store)
        app = create_app(self._settings, self._shown, shown, demo=self._demo, accounts=self._accounts)
        if self._demo:
            self._presence = Presence(app)
        services = {
            "metricstore": self._store,
            "runner": self._runner,
            "settings": self._settings,
            "restart": end_and_begin_again,
        }
        self._control = ControlServer(self._settings.data_dir, services, demo=self._demo)
        self._control.start()
        self._watch = Watch(self._store, self._accounts.database, self._settings)
        self._watch.start()
        store = self._store.store
        memory.tidy_up(self._closing, store.rest if isinstance(store, DuckStore) else lambda: None)
        if self._collects:
            self._collecting = threading.Thread(target=self._collect, name="collecting", daemon=True)
            self._collecting.start()
        return app

    def _unwatched(self) -> bool:
        """Whether all is made up and nobody looks at it."""
        return self._presence is not None and not self._presence()

    def _collect(self) -> None:
        try:
            if self._runner is not None:
                self._runner.load()
            if self._presence is not None:
                from collectors.demo import Demo

                self._project = Demo(self._settings.data_dir, watched=self._presence)
                self._project.start()
                while not (self._project.wait_ready(0.2) or self._closing.is_set()):
                    pass
            if self._runner is not None and not self._closing.is_set():
                self._runner.start()
        except Exception:
            log.exception("collecting could not be started")

    def close(self) -> bool:
        """False when something was still at work and was left to itself: it is done again at the next start."""
        self._closing.set()
        if self._control is not None:
            self._control.stop()
        if self._watch is not None:
            self._watch.stop(SHARE_SECONDS)
        if self._collecting is not None:
            self._collecting.join()  # what it is about to start could not be stopped
        if self._project is not None:
            self._project.stop()
        finished = self._runner is None or self._runner.stop(2 * SHARE_SECONDS)
        self._accounts.close()
        for store in (self._shown, self._store):
            if store is not None:
                store.close()
        memory.let_go()
        return finished
