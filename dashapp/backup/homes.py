"""Where points can be kept, by the name of its kind: how to open it, and how a new store takes the place of the old one."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from dashapp.backup.errors import BackupError
from dashapp.services import clickhouse_server, clickhouse_store, duck_store, influx_address, influx_store
from dashapp.settings import Settings
from metricstore.errors import StoreBusy, StoreError
from metricstore.store import Store

if TYPE_CHECKING:
    from metricstore.clickhouse.connection import Connection as ClickHouse
    from metricstore.influx.connection import Connection

log = logging.getLogger(__name__)


class Home(Protocol):
    """A kind of store. `folder` is where a store that is being made may lie."""

    kind: str
    afterwards: str
    """What to do so that the program uses it."""

    def require_configured(self, settings: Settings) -> None:
        """BackupError where the settings don't say where it is."""

    def name(self, settings: Settings) -> str:
        """Kind and location, as checkpoints name them."""

    def exists(self, settings: Settings) -> bool:
        """Whether there may be something to read."""

    def open(self, settings: Settings) -> Store: ...

    def make_beside(self, settings: Settings, folder: Path) -> Store:
        """A new, empty store which nobody uses yet; what an earlier try left is removed."""

    def forget_beside(self, settings: Settings, folder: Path) -> None:
        """Remove the store that is being made."""

    def take_place(self, settings: Settings, folder: Path) -> None:
        """The store beside becomes the one that is used. Does nothing where that is done already."""


class DuckHome:
    kind = "duckdb"
    afterwards = "Remove the settings that name the other store and start `dashapp run`: one process, in place of `web` and `collect`."

    def require_configured(self, settings: Settings) -> None:
        """It is always in the data folder."""

    def name(self, settings: Settings) -> str:
        return f"{self.kind} {settings.store_path.resolve()}"

    def exists(self, settings: Settings) -> bool:
        return settings.store_path.exists()

    def open(self, settings: Settings) -> Store:
        return duck_store(settings)

    def make_beside(self, settings: Settings, folder: Path) -> Store:
        from metricstore.duck import DuckStore

        return DuckStore(folder / settings.store_path.name)

    def forget_beside(self, settings: Settings, folder: Path) -> None:
        """It goes with the folder."""

    def take_place(self, settings: Settings, folder: Path) -> None:
        new, old = folder / settings.store_path.name, settings.store_path
        if not new.exists():
            return
        if old.exists():
            _require_free(settings)
        # Another file's journal must not lie beside the new one.
        old.with_name(f"{old.name}.wal").unlink(missing_ok=True)
        new.replace(old)


def _require_free(settings: Settings) -> None:
    """StoreBusy while another process holds the file; any other fault of it matters no more."""
    try:
        duck_store(settings).close()
    except StoreBusy:
        raise
    except StoreError as error:
        log.info("the store that is being replaced could not be opened: %s", error)


class InfluxHome:
    kind = "influxdb"
    afterwards = (
        "Set the four INFLUXDB_V2_ settings for `dashapp web` and `dashapp collect` (or `dashapp run`) and start them."
    )

    def require_configured(self, settings: Settings) -> None:
        if settings.influxdb_v2_url is None:
            raise BackupError("set INFLUXDB_V2_URL, _TOKEN, _ORG and _BUCKET to say which InfluxDB is meant")

    def name(self, settings: Settings) -> str:
        url, _, _, bucket = influx_address(settings)
        return f"{self.kind} {url.rstrip('/')} bucket {bucket}"

    def exists(self, settings: Settings) -> bool:
        from metricstore.influx import replacing

        with _connection(settings) as connection:
            return replacing.exists(connection)

    def open(self, settings: Settings) -> Store:
        return influx_store(settings)

    def make_beside(self, settings: Settings, folder: Path) -> Store:
        from metricstore.influx import replacing

        with _connection(settings) as connection:
            replacing.make_beside(connection)
            return influx_store(settings, replacing.beside(connection.bucket))

    def forget_beside(self, settings: Settings, folder: Path) -> None:
        from metricstore.influx import replacing

        with _connection(settings) as connection:
            replacing.forget_beside(connection)

    def take_place(self, settings: Settings, folder: Path) -> None:
        from metricstore.influx import replacing

        with _connection(settings) as connection:
            replacing.take_place(connection)


@contextmanager
def _connection(settings: Settings) -> Iterator[Connection]:
    from metricstore.influx.connection import Connection

    with closing(Connection(*influx_address(settings), timeout_seconds=30)) as connection:
        yield connection


class ClickHouseHome:
    kind = "clickhouse"
    afterwards = "Set CLICKHOUSE_URL and what belongs to it for `dashapp web` and `dashapp collect` (or `dashapp run`) and start them."

    def require_configured(self, settings: Settings) -> None:
        if settings.clickhouse_url is None:
            raise BackupError("set CLICKHOUSE_URL (and user, password, database) to say which ClickHouse is meant")

    def name(self, settings: Settings) -> str:
        return f"{self.kind} {(settings.clickhouse_url or '').rstrip('/')} database {settings.clickhouse_database}"

    def exists(self, settings: Settings) -> bool:
        from metricstore.clickhouse import replacing
        from metricstore.clickhouse.connection import Connection

        with closing(Connection(clickhouse_server(settings))) as connection:
            return replacing.exists(connection)

    def open(self, settings: Settings) -> Store:
        return clickhouse_store(settings)

    def make_beside(self, settings: Settings, folder: Path) -> Store:
        from metricstore.clickhouse import ClickHouseStore, replacing

        with _clickhouse(settings) as connection:
            replacing.make_beside(connection)
            return ClickHouseStore(replacing.beside(clickhouse_server(settings)))

    def forget_beside(self, settings: Settings, folder: Path) -> None:
        from metricstore.clickhouse import replacing

        with _clickhouse(settings) as connection:
            replacing.forget_beside(connection)

    def take_place(self, settings: Settings, folder: Path) -> None:
        from metricstore.clickhouse import replacing

        with _clickhouse(settings) as connection:
            replacing.take_place(connection)


@contextmanager
def _clickhouse(settings: Settings) -> Iterator[ClickHouse]:
    """For statements that copy or remove whole tables; a plain question waits no longer than ever."""
    from metricstore.clickhouse.connection import Connection
    from metricstore.clickhouse.replacing import patient

    with closing(Connection(patient(clickhouse_server(settings)))) as connection:
        yield connection


HOMES: dict[str, Home] = {home.kind: home for home in (DuckHome(), InfluxHome(), ClickHouseHome())}


def home_of(settings: Settings) -> Home:
    """Where these settings keep points."""
    return HOMES[settings.store_kind]


def home_named(kind: str) -> Home:
    if kind not in HOMES:
        raise BackupError(f"there is no store {kind!r}; there are {', '.join(HOMES)}")
    return HOMES[kind]
