"""The accounts database: engine, sessions, and bringing its tables up to date."""

# Imports inside functions: start-up time, commands that need no web application or migration don't load it.

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, ExceptionContext, MetaData, create_engine, event, inspect, make_url, text
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, OperationalError, SQLAlchemyError
from sqlalchemy.orm import Session, sessionmaker

from dashapp.accounts import alert_rows  # noqa: F401  its tables are part of the metadata
from dashapp.accounts.models import Base
from dashapp.accounts.user import AccountError, AccountsDamaged

HEAD = "0007"
"""Newest migration. Known here so that a usual start needn't import Alembic (a third of a second, 15 MB)."""
MIGRATIONS = Path(__file__).parent / "migrations"
_ADVISORY_LOCK = 7_203_115
_PATIENCE_SECONDS = 30
_KEPT, _MOST = 2, 5
"""Connections to PostgreSQL that a process keeps, and has at most: each is used for some milliseconds, and PostgreSQL has a hundred for everybody."""
_POSTGRESQL = "postgresql+psycopg"
_NETWORK = {
    "connect_timeout": 10, "keepalives_idle": 10, "keepalives_interval": 5, "keepalives_count": 3, "tcp_user_timeout": 25_000,
}  # fmt: skip
"""libpq's words (seconds, and milliseconds): a server that is gone without a word is noticed within half a minute. Those of the address come first."""
_PRIMARY = 0xFF
"""The part of SQLite's error codes that says the kind; the rest says more of it."""


class Database:
    """Safe to use from several threads and processes."""

    def __init__(self, url: str) -> None:
        self.engine = _engine(url)
        self._sessions = sessionmaker(self.engine, expire_on_commit=False)

    @property
    def location(self) -> str:
        return self.engine.url.render_as_string(hide_password=True)

    @contextmanager
    def session(self) -> Iterator[Session]:
        """A transaction: committed at the end, rolled back on an error."""
        with self._sessions.begin() as session:
            yield session

    @contextmanager
    def connection(self) -> Iterator[Connection]:
        """A transaction without mapped objects, for what every request asks: a tenth of a session's work."""
        with self.engine.begin() as connection:
            yield connection

    def version(self) -> str | None:
        """The migration the database is at; None when it has no tables of ours."""
        with self.engine.connect() as connection:
            return _version(connection)

    def migrate(self) -> None:
        """Bring the tables to HEAD; AccountError when the database is newer than this program or unreachable."""
        try:
            if self.version() == HEAD:
                return
            with self._locked() as connection:
                found = _version(connection)
                if found == HEAD:
                    return
                if found is not None and found > HEAD:
                    raise AccountError(
                        f"the accounts database {self.location} is at version {found}, newer than this program's {HEAD}"
                    )
                if found is None and not inspect(connection).get_table_names():
                    _create(connection)
                else:
                    _upgrade(connection)
        except OperationalError as error:
            raise AccountError(f"the accounts database {self.location} can't be used: {_reason(error)}") from None

    def create_at(self, version: str) -> None:
        """Make the tables of an earlier (or today's) version in an empty database."""
        with self._locked() as connection:
            if version == HEAD:
                _create(connection)
            else:
                _upgrade(connection, version)

    @contextmanager
    def snapshot(self) -> Iterator[Connection]:
        """A connection for which nothing changes while it reads."""
        with self.engine.connect() as connection:
            if self.engine.dialect.name == "sqlite":
                connection.exec_driver_sql("BEGIN")
            else:
                connection.execution_options(isolation_level="REPEATABLE READ")
            yield connection

    def ensure(self, tables: MetaData) -> None:
        """Make the tables that are missing; for what may be lost at any time, which needs no migrations."""
        with self.engine.connect() as connection:
            if set(tables.tables) <= set(inspect(connection).get_table_names()):
                return
        with self._locked() as connection:
            tables.create_all(connection)

    @contextmanager
    def _locked(self) -> Iterator[Connection]:
        """One process migrates, others wait: by the file's write lock (SQLite) or an advisory lock (PostgreSQL)."""
        with self.engine.connect() as connection:
            if self.engine.dialect.name == "sqlite":
                connection.exec_driver_sql("BEGIN IMMEDIATE")
            else:
                connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _ADVISORY_LOCK})
            yield connection
            connection.commit()

    def answers(self) -> bool:
        """Whether `ping` gets an answer."""
        try:
            self.ping()
        except SQLAlchemyError:
            return False
        return True

    def ping(self) -> None:
        """Raises when the database can't be reached."""
        with self.engine.connect() as connection:
            connection.execute(text("SELECT 1 FROM users LIMIT 1"))

    def read_through(self) -> None:
        """Read all of a file, to see whether it can be: AccountsDamaged when it can't. PostgreSQL looks after itself."""
        if self.engine.dialect.name != "sqlite":
            return
        with self.engine.connect() as connection:
            if connection.exec_driver_sql("PRAGMA integrity_check(1)").scalar() != "ok":
                raise AccountsDamaged(self.engine.url.database or "")

    def close(self) -> None:
        self.engine.dispose()


def now() -> datetime:
    return datetime.now(UTC)


def stamp(moment: datetime) -> str:
    """Text that sorts like the moment."""
    return moment.astimezone(UTC).isoformat(timespec="seconds")


def _engine(url: str) -> Engine:
    try:
        parsed = make_url(url)
        backend = parsed.get_backend_name()
        if backend in ("postgresql", "postgres"):  # the second is what hosters hand out
            network = {name: value for name, value in _NETWORK.items() if name not in parsed.query}
            return create_engine(
                parsed.set(drivername=_POSTGRESQL), pool_pre_ping=True, pool_size=_KEPT, max_overflow=_MOST - _KEPT,
                connect_args=network,
            )  # fmt: skip
        if backend != "sqlite":
            raise AccountError(f"DASHAPP_DATABASE_URL names {backend}; accounts live in SQLite or PostgreSQL")
        if parsed.database and parsed.database != ":memory:":
            _make_private(Path(parsed.database))
        engine = create_engine(parsed, connect_args={"timeout": _PATIENCE_SECONDS})
    except (ArgumentError, NoSuchModuleError):
        raise AccountError("DASHAPP_DATABASE_URL isn't a database address that SQLAlchemy understands") from None
    except ImportError:  # no psycopg, or one that finds no libpq
        raise AccountError(
            "DASHAPP_DATABASE_URL names PostgreSQL, but its driver psycopg is not installed with its libpq: "
            "pip install 'content-metrics-dashboard[postgresql]'"
        ) from None
    event.listen(engine, "connect", _configure_sqlite)
    event.listen(engine, "handle_error", _refuse_damage)
    return engine


def _refuse_damage(context: ExceptionContext) -> None:
    """One error of ours for damage, wherever SQLite meets it."""
    error = context.original_exception
    # What the driver itself refuses has no code.
    code = getattr(error, "sqlite_errorcode", 0) & _PRIMARY if isinstance(error, sqlite3.Error) else None
    if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
        raise AccountsDamaged(context.engine.url.database or "" if context.engine is not None else "") from error


def _configure_sqlite(connection: Any, _record: object) -> None:
    cursor = connection.cursor()
    cursor.execute("PRAGMA foreign_keys = ON")
    _write_ahead(cursor)
    cursor.execute("PRAGMA synchronous = NORMAL")
    cursor.close()


def _write_ahead(cursor: Any) -> None:
    """Unlike for any other lock, SQLite does not wait by itself when several processes change the mode at once."""
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while True:
        try:
            cursor.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > deadline:
                raise
            time.sleep(0.01)


def _make_private(path: Path) -> None:
    """Password hashes are nobody else's business, whatever the umask."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not path.exists():
            path.touch(mode=0o600)
    except OSError as error:
        raise AccountError(f"{path} can't be created: {error.strerror}") from None


def _version(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def _create(connection: Connection) -> None:
    """All tables at once in an empty database: the same as all migrations (a test compares), without Alembic."""
    Base.metadata.create_all(connection)
    connection.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY)"))
    connection.execute(text("INSERT INTO alembic_version VALUES (:head)"), {"head": HEAD})


def _upgrade(connection: Connection, version: str = "head") -> None:
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, version)


def _reason(error: OperationalError) -> str:
    return str(error.orig).strip().splitlines()[0]
