"""`dashapp collect`: collectors without the web application."""

# Imports inside functions: a command loads only what it uses, so that it answers at once.

from __future__ import annotations

import json
import signal
import sys
import threading
from collections.abc import Callable
from contextlib import ExitStack
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from dashapp.cli.output import FAILED, plainly, remark, say, stop
from metricstore.quantities import quantity

if TYPE_CHECKING:
    from dashapp.settings import Settings


@plainly
def collect(
    names: Annotated[list[str] | None, typer.Argument(metavar="[NAME]…", help="Collectors; none: all.")] = None,
    once: Annotated[bool, typer.Option("--once", help="Run each once and end.")] = False,
    since: Annotated[str | None, typer.Option(help="Read everything again and store what is dated since: "
                                              "ISO 8601 or -7d.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a collector, a line each.")] = False,
    progress: Annotated[bool | None, typer.Option("--progress/--no-progress", help="Show how far it is; "
                                                  "default: on a terminal.")] = None,
) -> None:  # fmt: skip
    """Collect by schedule and when files change, or once."""
    from dashapp import logs
    from dashapp.cli import memory
    from dashapp.settings import load_settings
    from dashapp.settings.private_files import write_privately

    memory.frugal()
    write_privately()
    settings = load_settings(unfinished=not once)
    logs.configure("WARNING" if once else settings.log_level)
    moment = _since(since, settings.source_timezone) if since else None
    if not once:
        if since or as_json or names:
            stop("NAME, --since and --json go with --once", 2)
        _forever(settings)
        return
    if not settings.has_source:
        remark(_without_source(settings))
    show = progress if progress is not None else sys.stderr.isatty() and not as_json
    reports = _once(settings, names or [], moment, show)
    for report in reports:
        say(json.dumps(report) if as_json else line(report))
    if any(report["outcome"] != "ok" for report in reports):
        raise SystemExit(FAILED)


def _without_source(settings: Settings) -> str:
    """What is collected when nothing says from where, and how to say it."""
    from dashapp.cli.reaching import running, shows_demo
    from dashapp.services import demo_settings

    yours = "For your own project set DASHAPP_SOURCE_DIR=/path/to/content-project"
    channel = running(settings)
    if channel is not None:
        channel.close()
        if channel.demo:
            return (
                f"No source is configured: this collects the made-up project that process {channel.pid} shows. "
                f"{yours} and start that process with it too."
            )
        return f"No source is configured here: process {channel.pid} collects from the one it was started with."
    demo = demo_settings(settings)
    if shows_demo(settings) and demo.store_path.exists():
        return f"No source is configured: this collects the made-up project in {demo.data_dir}. {yours}."
    return f"No source is configured: there is nothing to collect. {yours}; other sources: docs/reference/settings.md."


def _since(text: str, timezone: str) -> str:
    from metricstore.selection import resolve
    from metricstore.windows import zone

    return resolve("since", text, datetime.now(UTC), zone(timezone)).isoformat()


def _once(settings: Settings, names: list[str], since: str | None, show: bool) -> list[dict[str, Any]]:
    from dashapp.cli.reaching import perform

    with ExitStack() as stack:
        on_progress = _bars(stack) if show else None
        found: list[dict[str, Any]] = perform(settings, "collect", on_progress, names=names, since=since)
        return found


def _bars(stack: ExitStack) -> Callable[[Any], None]:
    from rich.console import Console

    from collectors.base import Progress
    from collectors.runner import RichProgress

    bars = stack.enter_context(RichProgress(Console(stderr=True)))

    def show(message: Any) -> None:
        place = message["place"]
        bars(message["name"], Progress(place["done"], place["total"]) if place else None, message["records"])

    return show


def line(report: dict[str, Any]) -> str:
    """A report for people."""
    counts = f"{quantity(report['records'], 'records'):>18} {quantity(report['points'], 'points'):>17} {report['rejected']:>6,} rejected"
    error = f"  {report['error']}" if report.get("error") else ""
    aged = "".join(
        f"\n{'':<16} {quantity(report[name], 'points')} {what}, older than kept (DASHAPP_RETENTION)"
        for name, what in (("older", "left out"), ("expired", "deleted"))
        if report.get(name)
    )
    warnings = "".join(f"\n{'':<16} warning: {text}" for text in report.get("warnings", ()))
    return f"{report['name']:<16} {report['outcome']:<8} {counts} {report['duration_seconds']:>9.2f} s{error}{aged}{warnings}"


def _forever(settings: Settings) -> None:
    """Until told to end. Answers `collect --once` and `query` of other terminals meanwhile."""
    from dashapp.backup.switching import finish
    from dashapp.cli.ending import SHARE_SECONDS, begin_again_if_asked, end_and_begin_again, end_in_time, leave
    from dashapp.control import ControlServer, connect
    from dashapp.services import make_runner
    from dashapp.stores import open_store

    if finish(settings):
        remark("A restored state is in place.")
    running = connect(settings.data_dir)
    if running is not None and not settings.uses_server:
        stop(f"process {running.pid} holds the embedded store and collects already; use `dashapp collect --once`")
    store = open_store(settings)
    runner = make_runner(settings, store)
    services = {"metricstore": store, "runner": runner, "settings": settings, "restart": end_and_begin_again}
    control = ControlServer(settings.data_dir, services)
    ended = threading.Event()

    def end(*_: object) -> None:
        end_in_time()
        ended.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, end)
    if running is None:
        control.start()
    runner.start()
    remark("Collecting. Ctrl-C ends it.")
    while not ended.wait(1.0):
        pass
    control.stop()
    finished = runner.stop(2 * SHARE_SECONDS)
    store.close()
    begin_again_if_asked()
    if not finished:
        leave()
