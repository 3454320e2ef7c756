"""`dashapp run` and `dashapp web`."""

# Imports inside functions: a command loads only what it uses, so that it answers at once.

from __future__ import annotations

import contextlib
import signal
import socket
from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any

import typer

from dashapp.cli.announcing import announce, tell_password
from dashapp.cli.ending import SHARE_SECONDS, begin_again_if_asked, end_in_time, leave
from dashapp.cli.output import plainly, remark, stop
from dashapp.monitoring.address import split

if TYPE_CHECKING:
    from dashapp.settings import Settings

Host = Annotated[str | None, typer.Option(help="Instead of DASHAPP_HOST.")]
Port = Annotated[int | None, typer.Option(help="Instead of DASHAPP_PORT.")]


@plainly
def run(
    demo: Annotated[bool, typer.Option("--demo", help="Show made-up data, whatever is configured.")] = False,
    host: Host = None,
    port: Port = None,
) -> None:
    """Web application and collectors in one process, over the embedded store (or InfluxDB or ClickHouse, when configured)."""
    _serve(_settings(host, port), demo=demo, collects=True)


@plainly
def web(host: Host = None, port: Port = None) -> None:
    """Web application without collectors: several processes with InfluxDB or ClickHouse, one with the embedded store."""
    settings = _settings(host, port)
    if settings.uses_server:
        from dashapp.cli.workers import serve

        serve(settings)
        return
    remark(
        "The embedded store allows one process: serving from this one, and nothing collects. `dashapp run` does both."
    )
    _serve(settings, demo=False, collects=False)


def _settings(host: str | None, port: int | None) -> Settings:
    from dashapp import logs
    from dashapp.backup.switching import finish
    from dashapp.control.client import connect
    from dashapp.settings import load_settings, secret_key
    from dashapp.settings.private_files import write_privately

    write_privately()
    settings = load_settings(unfinished=True)
    if finish(settings):
        remark("A restored state is in place.")
    changed: dict[str, Any] = {"host": host or settings.host, "port": settings.port if port is None else port}
    settings = settings.model_copy(update=changed)
    logs.configure(settings.log_level)
    secret_key(settings)
    if settings.metrics_bind is not None and split(settings.metrics_bind)[1] == settings.port:
        stop(f"DASHAPP_METRICS_BIND has the port of the dashboard itself ({settings.port}); it needs one of its own")
    if not settings.uses_server and (running := connect(settings.data_dir)) is not None:
        running.close()
        stop(
            f"process {running.pid} is already running over {settings.data_dir}; end it, or set another DASHAPP_DATA_DIR"
        )
    return settings


def _serve(settings: Settings, *, demo: bool, collects: bool) -> None:
    """Answer requests until Ctrl-C or SIGTERM, also when it comes before the first of them."""
    from dashapp.cli import memory

    memory.frugal()
    for number in (signal.SIGINT, signal.SIGTERM):  # also where a shell started us with Ctrl-C ignored
        signal.signal(number, _end)
    try:
        with contextlib.ExitStack() as stack:
            listeners = [stack.enter_context(listener) for listener in _listeners(settings)]
            _open_and_serve(settings, listeners, demo=demo, collects=collects)
    except KeyboardInterrupt:
        remark("Stopped.")
    begin_again_if_asked()


def _open_and_serve(settings: Settings, listeners: list[socket.socket], *, demo: bool, collects: bool) -> None:
    from waitress.server import BaseWSGIServer, create_server

    from dashapp.accounts import Accounts
    from dashapp.address_length import SERVER_BYTES
    from dashapp.cli.connections import Channel, waitress_options
    from dashapp.cli.embedded import Embedded
    from dashapp.cli.opening import Opening
    from dashapp.factory import create_door

    accounts = Accounts.open(settings.accounts_url)
    embedded = Embedded(settings, accounts, demo=demo, collects=collects)
    opening = Opening(create_door(settings, accounts), embedded.open)
    opened: dict[int, object] = {}
    server = create_server(
        opening, map=opened, sockets=listeners, threads=settings.threads, ident=None, channel_timeout=120,
        clear_untrusted_proxy_headers=settings.trusted_proxies == 0, max_request_header_size=SERVER_BYTES,
        **waitress_options(),
    )  # fmt: skip
    for accepting in [each for each in opened.values() if isinstance(each, BaseWSGIServer)]:
        accepting.channel_class = Channel
    announce(settings, listeners[0].getsockname()[1])
    tell_password(accounts.ensure_administrator())
    server.task_dispatcher.shutdown = partial(server.task_dispatcher.shutdown, timeout=SHARE_SECONDS)
    finished = False
    try:
        opening.start()
        server.run()  # returns on Ctrl-C
    finally:
        opening.settle()
        server.close()
        finished = embedded.close()
    if opening.error is not None:
        raise opening.error
    remark("Stopped.")
    if not finished:
        leave()


def _listeners(settings: Settings) -> Iterator[socket.socket]:
    """The open ports, the dashboard's first, before anything slow is done: whoever connects early waits instead of being
    refused."""
    yield _listening(settings.host, settings.port, "DASHAPP_HOST or DASHAPP_PORT")
    if settings.metrics_bind is not None:
        yield _listening(*split(settings.metrics_bind), "DASHAPP_METRICS_BIND")


def _listening(host: str, port: int, setting: str) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(256)
    except OSError as error:
        listener.close()
        stop(f"can't listen on {host}:{port} ({error.strerror}); set {setting}")
    return listener


def _end(*_: object) -> None:
    end_in_time()
    raise KeyboardInterrupt
