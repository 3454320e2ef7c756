"""`dashapp backfill`: a collector's past, read again."""

# Imports inside functions: a command loads only what it uses, so that it answers at once.

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from contextlib import ExitStack
from datetime import UTC, datetime
from typing import Annotated, Any

import typer

from dashapp.cli.output import FAILED, plainly, remark, say, stop
from metricstore.quantities import quantity


@plainly
def backfill(
    collector: Annotated[str, typer.Argument(metavar="COLLECTOR", help="Whose past: buffer, openai, app_log …")],
    start: Annotated[str, typer.Option("--from", help="First moment: ISO 8601 or -90d.")],
    end: Annotated[str, typer.Option("--to", help="The moment after the last one: ISO 8601, -7d or now.")] = "now",
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
    progress: Annotated[bool | None, typer.Option("--progress/--no-progress", help="Show how far it is; "
                                                  "default: on a terminal.")] = None,
) -> None:  # fmt: skip
    """Read a stretch of a collector's past again; nothing is doubled, and the same command goes on after a kill."""
    from dashapp import logs
    from dashapp.cli.reaching import perform
    from dashapp.settings import load_settings

    settings = load_settings()
    logs.configure("WARNING")
    first, last = _span(start, end, settings.source_timezone)
    _known(collector, settings)
    show = progress if progress is not None else sys.stderr.isatty() and not as_json
    with ExitStack() as stack:
        on_progress = _bar(stack) if show else None
        found = perform(settings, "backfill", on_progress, name=collector, start=first, stop=last)
    say(json.dumps(found) if as_json else _line(found, first, last))
    if found["outcome"] != "ok":
        if not as_json:
            remark("The same command goes on where this one ended.")
        raise SystemExit(FAILED)


def _span(start: str, end: str, timezone: str) -> tuple[str, str]:
    """Both ends as ISO 8601, whole days and seconds alike, so that the same words resume the same span."""
    from metricstore.selection import resolve
    from metricstore.windows import zone

    now = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
    first, last = (
        now if text == "now" else resolve(name, text, now, zone(timezone))
        for name, text in (("from", start), ("to", end))
    )
    if first >= last:
        stop("--from is not before --to", 2)
    return first.astimezone(UTC).isoformat(), last.astimezone(UTC).isoformat()


def _known(name: str, settings: Any) -> None:
    """A collector that exists and has somebody to ask."""
    from collectors.registry import collectors_for
    from dashapp.services import make_services, make_source

    collectors = {one.name: one for one in collectors_for(make_source(settings))}
    if name not in collectors:
        stop(f"there is no collector {name!r}; there are {', '.join(collectors)}", 2)
    services = make_services(settings)
    if name == "buffer_classic" and services.buffer.given:
        stop("buffer_classic is not asked beside buffer, which has the same posts: backfill buffer", 2)
    service = getattr(services, name, None)
    if service is not None and not (service.given and service.url):
        stop(f"{name} has no credential or address; see its settings in docs/reference/settings.md", 2)


def _bar(stack: ExitStack) -> Callable[[Any], None]:
    """A bar over the span: its days count, not bytes."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.description:<16}"), BarColumn(), TaskProgressColumn(),
        TextColumn("{task.fields[records]:>10,} records"), TimeRemainingColumn(),
    )  # fmt: skip
    bars = stack.enter_context(Progress(*columns, console=Console(stderr=True)))
    tasks: dict[str, Any] = {}

    def show(message: Any) -> None:
        name, place = message["name"], message["place"] or {}
        if name not in tasks:
            tasks[name] = bars.add_task(name, total=None, records=0)
        bars.update(tasks[name], completed=place.get("done", 0), total=place.get("total"), records=message["records"])

    return show


def _line(found: dict[str, Any], first: str, last: str) -> str:
    counts = f"{quantity(found['records'], 'records')}, {quantity(found['points'], 'points')} new or changed, {found['rejected']:,} rejected"
    error = f": {found['error']}" if found.get("error") else ""
    return f"{found['name']} {first} to {last}: {found['outcome']}, {counts}{error}"
