"""`dashapp alert watch`: rules judged and messages sent, without pages and without collecting."""

# Imports inside functions: a command loads only what it uses, so that it answers at once.

from __future__ import annotations

import signal
import threading

import typer

from dashapp.cli.output import WRONG_SETTING, plainly, remark, stop

app = typer.Typer()

WELL = "alerts.well"
"""In the data folder: touched while all goes well, for health checks."""
_BEAT_SECONDS = 5.0


@app.command("watch")
@plainly
def watch() -> None:
    """Judge rules and send messages until told to end, beside `dashapp web` and any number of others: one of them judges, all send."""
    from dashapp import logs
    from dashapp.accounts import Accounts
    from dashapp.alerts.watching import Watch
    from dashapp.cli import memory
    from dashapp.cli.ending import SHARE_SECONDS, end_in_time
    from dashapp.settings import load_settings
    from dashapp.settings.private_files import make_private
    from dashapp.settings.secret import require_shared_key
    from dashapp.stores import for_viewers, open_store

    memory.frugal()
    settings = load_settings()
    if not settings.uses_server:
        stop(
            "with the embedded store `dashapp run` judges alerts, and no other process can open it; this is for InfluxDB and ClickHouse",
            WRONG_SETTING,
        )
    logs.configure(settings.log_level)
    require_shared_key(settings, 2)  # links in messages lead to the web processes
    make_private(settings)
    ended = threading.Event()

    def end(*_: object) -> None:
        end_in_time()
        ended.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, end)
    store, accounts = for_viewers(settings, open_store(settings)), Accounts.open(settings.accounts_url)
    watching = Watch(store, accounts.database, settings)
    watching.start()
    remark("Judging alerts and sending their messages. Ctrl-C ends it.")
    while not ended.wait(_BEAT_SECONDS):
        if watching.well:
            (settings.data_dir / WELL).touch()
    watching.stop(2 * SHARE_SECONDS)
    accounts.close()
    store.close()
