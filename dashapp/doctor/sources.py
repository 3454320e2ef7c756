"""What is collected from: the folder, the files found, what each collector says."""

# Imports inside functions: start-up time, a check loads what it looks at only when it is run.

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from collectors.base import Collector
from collectors.places import is_there
from collectors.source import Source
from dashapp.doctor.finding import Finding, Level
from dashapp.doctor.retention import SUBJECT as ANNOUNCED
from dashapp.services import make_source
from dashapp.settings import Settings
from dashapp.settings.given import given_settings
from dashapp.settings.variables import variable

_SUBJECT = "sources"


def check(settings: Settings) -> Iterator[Finding]:
    if not settings.has_source:
        yield Finding(_SUBJECT, "warning", "none is configured: `dashapp run` shows made-up data",
                      "Set DASHAPP_SOURCE_DIR to the folder of the content project.")  # fmt: skip
        return
    source = make_source(settings)
    yield from _named_but_missing(settings)
    yield from _files(source)
    from collectors.registry import collectors_for
    from collectors.runner.checkpoints import remembered_warnings

    seen: set[tuple[str, str]] = set()
    collectors = collectors_for(source)
    yield from _gone(settings, source, collectors)
    for collector in collectors:
        for problem in collector.validate():
            level = "fatal" if problem.fatal else "warning"
            seen.add((collector.name, problem.text))
            yield Finding(collector.name, level, problem.text, problem.hint)  # type: ignore[arg-type]
    for name, warnings in remembered_warnings(settings.data_dir, source.root).items():
        for text in warnings:
            if (name, text) in seen or name == ANNOUNCED:
                continue  # a first look has just found the same, or another check says it
            yield Finding(
                name, "warning", text, "Data health and `dashapp collect --once` show whether it still holds."
            )


def _gone(settings: Settings, source: Source, collectors: Sequence[Collector]) -> Iterator[Finding]:
    """What was read before and is not there now."""
    from collectors.relied_on import ReadsFiles, absences
    from collectors.runner.checkpoints import remembered

    kept, said = remembered(settings.data_dir, source.root), set()
    for collector in collectors:
        if collector.name not in kept or not isinstance(collector, ReadsFiles):
            continue
        at, checkpoint = kept[collector.name]
        for absence in absences(collector, checkpoint):
            if absence.path in said:
                continue
            said.add(absence.path)
            text, _, hint = absence.sentence(f"{at[:16].replace('T', ' ')} UTC", collector.name).rpartition("; ")
            level: Level = "warning" if absence.passing else "fatal"
            yield Finding(collector.name, level, text, f"{hint[0].upper()}{hint[1:]}.")


def _named_but_missing(settings: Settings) -> Iterator[Finding]:
    given = [(variable(name), getattr(settings, name)) for name in given_settings()]
    named = [(name, path) for name, value in given for path in (value if isinstance(value, tuple) else (value,))]
    for name, path in named:
        if isinstance(path, Path) and not is_there(path):
            yield Finding(_SUBJECT, "warning", f"{name} names {path}, which is not there (yet)", f"Check {name}.")


def _files(source: Source) -> Iterator[Finding]:
    single = [*source.log_paths(), source.scheduler_state_path(), source.metrics_csv_path(), source.metrics_db_path()]
    found = [path for path in single if is_there(path)] + source.calendar_paths() + source.export_paths()
    if not found:
        yield Finding(_SUBJECT, "warning", f"{source.root} holds none of the files that are collected",
                      "Is it the project's own folder, the one with app.log and outputs/? Files may also come later.")  # fmt: skip
        return
    for path in found:
        if os.access(path, os.R_OK):
            yield Finding(_SUBJECT, "ok", f"{source.name_of(path)}: {_size(path)}")
        else:
            yield Finding(_SUBJECT, "fatal", f"{path} can't be read by this user", f"chmod a+r {path}")


def _size(path: Path) -> str:
    size = float(path.stat().st_size)
    for unit in ("bytes", "kB", "MB"):
        if size < 1000:
            return f"{size:,.0f} {unit}"
        size /= 1000
    return f"{size:,.1f} GB"
