"""What is asked at a scrape, not counted as it happens. A further gauge is a family in `families` and a source here."""

# Imports inside functions: the login must answer before pandas and Dash are loaded, and what isn't measured isn't loaded.

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from flask import Flask

from dashapp.monitoring.families import (
    ALERTS,
    BUILD,
    EVALUATED,
    LAG,
    LETTERS,
    MESSAGES,
    OLDEST_MESSAGE,
    RECORDS,
    RUNS,
    STORE_BYTES,
    SUCCESS,
    Family,
)
from dashapp.monitoring.sample import Sample
from dashapp.version import program_version

Ask = Callable[[], Iterable[Sample]]


@dataclass(frozen=True)
class Source:
    """`prepare` is called once for an application; what it returns is asked in a thread of its own, at most every
    `kept_seconds`, and may take as long as it likes: meanwhile its last answer is shown."""

    name: str
    families: tuple[Family, ...]
    prepare: Callable[[Flask], Ask]
    kept_seconds: float = 10.0


def _build(app: Flask) -> Ask:
    return lambda: [Sample(BUILD, (program_version(),), 1)]


def _files(app: Flask) -> Ask:
    """The embedded store's own file and what it writes beside it."""
    settings = app.extensions["settings"]
    folder = settings.data_dir / "demo" if app.extensions.get("demo") else settings.data_dir
    file = folder / settings.store_path.name

    def ask() -> list[Sample]:
        sizes = [path.stat().st_size for path in folder.glob(f"{file.name}*") if path.is_file()]
        return [Sample(STORE_BYTES, (), sum(sizes))] if sizes and not settings.uses_server else []

    return ask


def _collectors(app: Flask) -> Ask:
    from dashapp.monitoring.collecting import CollectorFigures

    return CollectorFigures(app)


def _alerts(app: Flask) -> Ask:
    from dashapp.monitoring.alerting import alert_figures

    return alert_figures(app)


SOURCES = (
    Source("build", (BUILD,), _build, kept_seconds=3600),
    Source("files", (STORE_BYTES,), _files),
    Source("alerts", (ALERTS, MESSAGES, OLDEST_MESSAGE, EVALUATED), _alerts),
    Source("collectors", (RUNS, RECORDS, LETTERS, SUCCESS, LAG), _collectors),
)
