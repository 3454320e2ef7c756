"""`dashapp run` and `dashapp web`."""

from __future__ import annotations

import signal
import socket
import threading
from typing import TYPE_CHECKING, Annotated, Any

import typer

from dashapp.cli.output import plainly, remark, say, stop

if TYPE_CHECKING:
    from flask import Flask

    from dashapp.settings import Settings


@plainly
def run(
    demo: Annotated[bool, typer.Option("--demo", help="Show made-up data, whatever is configured.")] = False,
    host: Annotated[str | None, typer.Option(help="Instead of DASHAPP_HOST.")] = None,
    port: Annotated[int | None, typer.Option(help="Instead of DASHAPP_PORT.")] = None,
) -> None:
    """Web application and collectors in one process, over the embedded store (or InfluxDB, when configured)."""
    settings = _settings(host, port)
    with _listening(settings) as listener:
        from dashapp.cli.embedded import Embedded

        embedded = Embedded(settings, demo=demo)
        try:
            _serve(embedded.app, listener, settings, embedded.start)
        finally:
            embedded.stop()


@plainly
def web(
    host: Annotated[str | None, typer.Option(help="Instead of DASHAPP_HOST.")] = None,
    port: Annotated[int | None, typer.Option(help="Instead of DASHAPP_PORT.")] = None,
) -> None:
    """Web application without collectors: several processes with InfluxDB, one with the embedded store."""
    settings = _settings(host, port)
    if settings.uses_influx:
        from dashapp.cli.workers import serve

        serve(settings, lambda: _announce(settings, settings.port))
        return
    remark(
        "The embedded store allows one process: serving from this one, and nothing collects. `dashapp run` does both."
    )
    with _listening(settings) as listener:
        from dashapp.cli.embedded import Embedded

        embedded = Embedded(settings, collects=False)
        try:
            _serve(embedded.app, listener, settings, embedded.start)
        finally:
            embedded.stop()


def _settings(host: str | None, port: int | None) -> Settings:
    from dashapp import logs
    from dashapp.control import connect
    from dashapp.settings import load_settings, secret_key

    settings = load_settings()
    changed: dict[str, Any] = {"host": host or settings.host, "port": settings.port if port is None else port}
    settings = settings.model_copy(update=changed)
    logs.configure(settings.log_level)
    secret_key(settings)
    if not settings.uses_influx and (running := connect(settings.data_dir)) is not None:
        stop(
            f"process {running.pid} is already running over {settings.data_dir}; end it, or set another DASHAPP_DATA_DIR"
        )
    return settings


def _listening(settings: Settings) -> socket.socket:
    """The open port, before anything slow is done: whoever connects early waits instead of being refused."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((settings.host, settings.port))
    except OSError as error:
        listener.close()
        stop(f"can't listen on {settings.host}:{settings.port} ({error.strerror}); set DASHAPP_HOST or DASHAPP_PORT")
    listener.listen(256)
    return listener


def _serve(app: Flask, listener: socket.socket, settings: Settings, started: Any) -> None:
    """Answer requests until Ctrl-C or SIGTERM; `started` is called beside the first of them."""
    from waitress.server import create_server

    server = create_server(
        app, sockets=[listener], threads=settings.threads, ident=None, channel_timeout=120,
        clear_untrusted_proxy_headers=settings.trusted_proxies == 0,
    )  # fmt: skip
    _announce(settings, listener.getsockname()[1])
    _first_run(app)
    for number in (signal.SIGINT, signal.SIGTERM):  # also where a shell started us with Ctrl-C ignored
        signal.signal(number, _end)
    threading.Thread(target=started, name="after-start", daemon=True).start()
    try:
        server.run()
    except (KeyboardInterrupt, SystemExit):
        pass
    finally:
        remark("Stopping.")
        server.close()


def _end(*_: object) -> None:
    raise KeyboardInterrupt


def _announce(settings: Settings, port: int) -> None:
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    say(f"Content Metrics is at http://{host}:{port}")


def _first_run(app: Flask) -> None:
    created = app.extensions["accounts"].ensure_administrator()
    if created is not None:
        tell_password(*created)


def tell_password(name: str, password: str) -> None:
    """The only time the one-time password is seen."""
    say(f"\n  First run: log in as {name} with the one-time password {password}")
    say("  It is shown only now; you choose your own at the first login.\n")
