"""Everything in one process: store, collectors, web application, control channel, demo data."""

from __future__ import annotations

import logging
from typing import Any

from dashapp.cli.output import remark, stop
from dashapp.control import ControlServer
from dashapp.factory import create_app
from dashapp.services import demo_settings, make_runner, open_store
from dashapp.settings import Settings

log = logging.getLogger(__name__)


class Embedded:
    """`app` can answer at once; `start` begins to collect, `stop` ends everything in order."""

    def __init__(self, settings: Settings, *, demo: bool = False, collects: bool = True) -> None:
        if demo and settings.uses_influx:
            stop("--demo would mix made-up data into your InfluxDB bucket; unset the INFLUXDB_V2_ settings to see it")
        self.demo = demo or not (settings.has_source or settings.uses_influx)
        if self.demo and not demo:
            remark(
                "No source is configured: showing made-up data. Set DASHAPP_SOURCE_DIR to the content project's folder."
            )
        elif not (self.demo or settings.has_source):
            remark("No source is configured (DASHAPP_SOURCE_DIR): nothing is collected.")
        self._collects = collects
        self._settings = demo_settings(settings) if self.demo else settings
        self._project: Any = None
        self.store = open_store(self._settings)
        self.runner = make_runner(self._settings, self.store)
        self.app = create_app(settings, self.store, self.runner if collects else None, demo=self.demo)
        self._control = ControlServer(settings.data_dir, {"metricstore": self.store, "runner": self.runner})

    def start(self) -> None:
        """Slow things, beside the first requests."""
        self._control.start()
        if not self._collects:
            return
        try:
            if self.demo:
                from dashapp.cli.demonstration import begin

                self._project = begin(self._settings, self.store)
            self.runner.start()
        except Exception:
            log.exception("collecting could not be started")

    def stop(self) -> None:
        self._control.stop()
        if self._project is not None:
            self._project.stop()
        self.runner.stop()
        self.app.extensions["accounts"].close()
        self.store.close()
