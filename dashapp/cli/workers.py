"""`dashapp web` over a store that is a server: gunicorn, several processes that share nothing but the store and the accounts."""

# Imports inside functions: a command loads only what it uses, so that it answers at once.

from __future__ import annotations

import sys
from typing import Any

from gunicorn.app.base import BaseApplication
from gunicorn.glogging import Logger
from gunicorn.http import message

from dashapp import logs
from dashapp.accounts import EXTENSION as ACCOUNTS
from dashapp.accounts import Accounts
from dashapp.address_length import SERVER_BYTES
from dashapp.cli.announcing import announce, tell_password
from dashapp.cli.draining import DrainingArbiter, DrainingWorker, Ending
from dashapp.health import ENDING
from dashapp.monitoring import workers
from dashapp.settings import Settings
from dashapp.settings.secret import require_shared_key


class _Log(Logger):
    """gunicorn's own records as ours: secrets redacted."""

    def setup(self, cfg: Any) -> None:
        super().setup(cfg)
        for handler in self.error_log.handlers:
            handler.setFormatter(logs.Record(as_json=not sys.stderr.isatty()))


class _Workers(BaseApplication):
    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._ending = Ending()
        super().__init__()

    def run(self) -> None:
        DrainingArbiter(self, self._ending, self._settings.drain_seconds).run()

    def load_config(self) -> None:
        message.MAX_REQUEST_LINE = SERVER_BYTES + 1  # gunicorn cuts what is set to this
        options: dict[str, Any] = {
            "bind": [f"{self._settings.host}:{self._settings.port}", *_metrics_bind(self._settings)],
            "workers": self._settings.workers,
            "threads": self._settings.threads,
            "worker_class": DrainingWorker,
            "timeout": 60,
            "graceful_timeout": 20,
            "keepalive": 5,
            "limit_request_line": SERVER_BYTES,
            "worker_tmp_dir": "/dev/shm",  # noqa: S108  heartbeat files in memory: the root file system may be read-only
            "loglevel": "warning",
            "control_socket_disable": True,
            "logger_class": _Log,
            "umask": 0o077,
            "forwarded_allow_ips": "*" if self._settings.trusted_proxies else "127.0.0.1",
        }
        if self._settings.metrics:
            options["child_exit"] = workers.end_worker
        for name, value in options.items():
            if name in self.cfg.settings:
                self.cfg.set(name, value)

    def load(self) -> Any:
        """In each worker, after the fork: connections are never shared."""
        from dashapp.alerts.watching import Watch
        from dashapp.factory import create_app

        app = create_app(self._settings)
        app.extensions[ENDING] = self._ending
        Watch(app.extensions["metricstore"], app.extensions[ACCOUNTS].database, self._settings).start()
        return app


def _metrics_bind(settings: Settings) -> tuple[str, ...]:
    """The further address of `/metrics`, opened here once for all workers."""
    return (settings.metrics_bind,) if settings.metrics_bind else ()


def serve(settings: Settings) -> None:
    """Until told to end."""
    require_shared_key(settings, settings.workers)
    if settings.access_log is None:
        settings = settings.model_copy(update={"access_log": True})
    if settings.metrics:
        workers.add_up(settings.data_dir)
    accounts = Accounts.open(settings.accounts_url)
    created = accounts.ensure_administrator()
    accounts.close()
    announce(settings, settings.port)
    tell_password(created)
    _Workers(settings).run()
