"""Installations that are backed up: settings over a folder, filled with some of everything."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Table, insert

from collectors.runner.checkpoints import Checkpoints
from dashapp.accounts import Accounts
from dashapp.accounts.models import Base
from dashapp.backup.archive import Manifest
from dashapp.backup.backends import backend_of
from dashapp.backup.making import make, put_points, scope_in
from dashapp.backup.points import read_points
from dashapp.backup.tables import read_tables
from dashapp.settings import Settings, secret_key
from metricstore.catalogue import MEASUREMENTS, Measurement
from metricstore.point import Point, nanoseconds

PASSPHRASE = "a passphrase of several words"
BEGIN = nanoseconds(datetime(2026, 3, 28, 23, tzinfo=UTC))
TEXTS = ("", "plain", 'quoted "\\" text', "umlaut ä, emoji 🎈, line\nend", "=1+1")
FLOATS = (0.1, -1.5e300, 5e-324, 3.0)
INTS = (0, -(2**63), 2**63 - 1, 1_234)


def points(source: Measurement, count: int = 6) -> Iterator[Point]:
    """With each kind of value, and each field now and then missing."""
    for number in range(count):
        tags = {tag.name: TEXTS[1 + number % 3] for place, tag in enumerate(source.tags) if (number + place) % 3}
        if source.dates and source.dates.tag and number % 2:
            tags[source.dates.tag] = source.dates.value
        fields: dict[str, Any] = {}
        for place, one in enumerate(source.fields):
            values = {"string": TEXTS, "float": FLOATS, "int": INTS}[one.type]
            if place == 0 or (number + place) % 4:
                fields[one.name] = values[(number + place) % len(values)]
        yield Point(source.name, BEGIN + number * 3_600_000_000_007, tags, fields)


def fill(settings: Settings, count: int = 6) -> None:
    """Points of every measurement, a row in every table, a checkpoint, a letter and a key."""
    with closing(backend_of(settings).open(settings)) as store:
        result = store.write([point for source in MEASUREMENTS.values() for point in points(source, count)])
        assert not result.rejected, result.rejected[:1]
    with closing(Accounts.open(settings.accounts_url)) as accounts, accounts.database.connection() as connection:
        for table in Base.metadata.sorted_tables:
            connection.execute(insert(table), row(table))
    scope = scope_in(backend_of(settings).name(settings), "/srv/project")
    Checkpoints(settings.data_dir, scope).save("app_log", {"place": 7, "text": "half \ud800 pair"})
    letters = settings.data_dir / "dead-letters" / "app_log.ndjson"
    letters.parent.mkdir(parents=True, exist_ok=True)
    letters.write_bytes(b'{"reason": "odd"}\n\xff\n')
    secret_key(settings)


def row(table: Table) -> dict[str, Any]:
    """A value for each column, whatever tables will be declared."""
    found: dict[str, Any] = {}
    for column in table.columns:
        # Text columns are texts with everything that a file could damage.
        text = "ä\n'x"[: getattr(column.type, "length", None) or 9]
        found[column.name] = {int: 1, bool: True, float: 1.5}.get(column.type.python_type, text)
    return found


def content(settings: Settings) -> dict[str, bytes]:
    """All that is kept, by name: points, rows, checkpoints, letters."""
    found: dict[str, bytes] = {}

    def put(name: str, data: bytes, _count: int) -> None:
        found[name] = found.get(name, b"") + data

    with closing(backend_of(settings).open(settings)) as store:
        read_points(store, put)
    with closing(Accounts.open(settings.accounts_url)) as accounts:
        read_tables(accounts.database, put, secrets=True)
    scope = scope_in(backend_of(settings).name(settings), "/srv/project")
    found["checkpoint"] = repr(Checkpoints(settings.data_dir, scope).load("app_log")).encode()
    for path in sorted((settings.data_dir / "dead-letters").glob("*")):
        found[path.name] = path.read_bytes()
    return found


def backed_up(settings: Settings, target: Path) -> Manifest:
    def put(archive: Any) -> None:
        with closing(backend_of(settings).open(settings)) as store:
            read_points(store, put_points(archive))

    return make(settings, target, put)
