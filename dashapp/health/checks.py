"""What is checked, each check with its subject, how it is found out, and how long what was found may be told."""

# Imports inside functions: the login and liveness must answer before collectors are loaded.

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from flask import Flask

from dashapp.accounts import EXTENSION as ACCOUNTS
from dashapp.free_space import FULL_MB, free_mb
from dashapp.health.probe import Finding
from metricstore.quantities import quantity

PILE = 100
"""Records set aside within a day that make a pile."""
_DAY_SECONDS = 86_400
_STARTING_SECONDS = 120.0
_LETTERS_KEPT_SECONDS = 30.0

Check = tuple[str, Callable[[], Finding], float | None]


def checks_of(app: Flask) -> dict[str, Check]:
    """By the names of READY_CHECKS. They look at the application when asked: it may not be whole yet."""
    began = time.monotonic()
    return {
        "store": ("the store", lambda: _store(app), None),
        "accounts": ("the accounts database", lambda: _accounts(app), None),
        "disk": ("the disk of the data folder", lambda: _disk(app.extensions["settings"].data_dir), None),
        "collector": ("the collector", lambda: _collector(app.extensions.get("runner"), began), None),
        "backup": ("the folder of backups", lambda: _backup(app), _LETTERS_KEPT_SECONDS),
        "dead_letters": ("the list of records set aside", lambda: _dead_letters(app), _LETTERS_KEPT_SECONDS),
    }


def _store(app: Flask) -> Finding:
    app.extensions["metricstore"].ping()
    return Finding(True, "the store answers")


def _accounts(app: Flask) -> Finding:
    app.extensions[ACCOUNTS].database.ping()
    return Finding(True, "the accounts database answers")


def _disk(data_dir: Path) -> Finding:
    free = free_mb(data_dir)
    if free < FULL_MB:
        return Finding(False, f"the disk of the data folder is full: {free:,} MB free")
    return Finding(True, f"the disk of the data folder has {free:,} MB free")


def _collector(runner: Any, began: float) -> Finding:
    """`runner` is None where another process collects."""
    if runner is None:
        return Finding(True, "this process does not collect")
    if runner.active and runner.alive:
        return Finding(True, "the collector runs")
    if runner.alive:
        return Finding(True, "another process collects; this one stands by")
    if time.monotonic() - began < _STARTING_SECONDS:
        return Finding(True, "the collector is starting")
    return Finding(False, "the collector of this process does not run")


def _backup(app: Flask) -> Finding:
    from dashapp.backup.scheduled import standing

    if app.extensions.get("demo"):
        return Finding(True, "made-up data are not backed up")
    return Finding(*standing(app.extensions["settings"], datetime.now(UTC)))


def _dead_letters(app: Flask) -> Finding:
    from collectors.runner.dead_letters import set_aside_since

    data_dir = app.extensions["settings"].data_dir
    if app.extensions.get("demo"):
        data_dir = data_dir / "demo"
    count = set_aside_since(data_dir, time.time() - _DAY_SECONDS)
    were = "was" if count == 1 else "were"
    return Finding(count < PILE, f"{quantity(count, 'records')} {were} set aside within a day")
