"""What earlier states of the project stored is all there when today's program opens it, and is collected on without doubles."""

from __future__ import annotations

import sqlite3
import tarfile
from collections import Counter
from contextlib import closing
from pathlib import Path
from typing import Any

import duckdb
import pytest

from dashapp.accounts import Accounts
from dashapp.accounts.database import HEAD
from dashapp.cli.reaching import perform
from dashapp.settings import Settings
from metricstore.catalogue import MEASUREMENTS
from metricstore.duck import DuckStore
from tests.upgrades.make import HERE, PASSWORD, STATES

Rows = Counter[tuple[tuple[str, Any], ...]]
COLLECTED = ("log_record", "generation", "batch", "ai_request", "unknown_log_record")
"""What the log alone says: reading it again must not change how much there is."""


@pytest.fixture(params=list(STATES))
def older(request: pytest.FixtureRequest, tmp_path: Path) -> Settings:
    """Settings over the data folder of an earlier state."""
    with tarfile.open(HERE / f"{request.param}.tar.xz") as archive:
        archive.extractall(tmp_path, filter="data")
    return Settings(
        data_dir=tmp_path / "var", source_dir=tmp_path / "project", source_timezone="Europe/Berlin", timezone="UTC"
    )


def rows(connection: Any, tables: list[str], columns: dict[str, list[str]] | None = None) -> dict[str, Rows]:
    """Every row by table, as pairs of column and value; of the given columns where there are more today."""
    found: dict[str, Rows] = {}
    for table in tables:
        cursor = connection.execute(f'SELECT * FROM "{table}"')
        names = [one[0] for one in cursor.description]
        wanted = set(columns[table]) if columns else set(names)
        found[table] = Counter(
            tuple(sorted((name, value) for name, value in zip(names, row, strict=True) if name in wanted))
            for row in cursor.fetchall()
        )
    return found


def names_in(connection: Any, listed: str) -> dict[str, list[str]]:
    """Columns by table."""
    tables = [name for (name,) in connection.execute(listed).fetchall()]
    return {table: [one[0] for one in connection.execute(f'SELECT * FROM "{table}"').description] for table in tables}


def stored(path: Path, columns: dict[str, list[str]] | None = None) -> tuple[dict[str, list[str]], dict[str, Rows]]:
    with duckdb.connect(str(path), read_only=True) as connection:
        own = columns or names_in(
            connection,
            "SELECT table_name FROM duckdb_tables() WHERE schema_name = 'main' AND table_name <> 'store_schema'",
        )
        return own, rows(connection, list(own), own)


def kept(path: Path, columns: dict[str, list[str]] | None = None) -> tuple[dict[str, list[str]], dict[str, Rows]]:
    with closing(sqlite3.connect(path)) as connection:
        own = columns or names_in(connection, "SELECT name FROM sqlite_master WHERE type = 'table' AND name <> 'alembic_version'")  # fmt: skip
        return own, rows(connection, list(own), own)


def test_every_point_and_row_is_there_and_nothing_is_doubled(older: Settings) -> None:
    accounts_file = older.data_dir / "accounts.sqlite"
    columns, points = stored(older.store_path)
    account_columns, people = kept(accounts_file)
    assert sum(len(found) for found in points.values()) > 10
    assert len(people["users"]) == 2
    assert len(people["api_tokens"]) == 1

    with closing(Accounts.open(older.accounts_url)) as accounts:
        assert accounts.database.version() == HEAD
    with closing(DuckStore(older.store_path)) as store:
        assert store.info().points == sum(found.total() for name, found in points.items() if name in MEASUREMENTS)
    assert stored(older.store_path, columns)[1] == points
    assert kept(accounts_file, account_columns)[1] == people
    with closing(Accounts.open(older.accounts_url)) as accounts:
        user = accounts.authenticate("ann", PASSWORD)
        assert user is not None and user.role == "admin"

    reports = perform(older, "collect", names=None, since=None)
    assert {report["outcome"] for report in reports} == {"ok"}
    after = stored(older.store_path, columns)[1]
    for name in COLLECTED:
        if name in points:
            assert after[name].total() == points[name].total(), name
    posts = [dict(row) for row in stored(older.store_path)[1]["post"]]
    assert sorted(post["post_number"] for post in posts if post["presence"] == "current") == [1, 2, 3, 4]
