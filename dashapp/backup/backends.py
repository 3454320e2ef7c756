"""What can hold points, by the name of its kind: how to open it, and how a new store takes the place of the old one."""

# Imports inside functions: start-up time, and a kind of store is loaded only where it is used.

from __future__ import annotations

import logging
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any, Protocol

from dashapp.backup.errors import BackupError
from dashapp.settings import Settings
from dashapp.stores import clickhouse_server, clickhouse_store, duck_store, influx_address, influx_store
from metricstore.errors import StoreBusy, StoreError
from metricstore.store import Store

log = logging.getLogger(__name__)


class Backend(Protocol):
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


class DuckBackend:
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


class ServerBackend(ABC):
    """A server, on which the new store is made under another name."""

    kind: str
    setting: str
    """Its address."""
    afterwards: str
    missing: str
    """What to do where it is not configured."""

    def require_configured(self, settings: Settings) -> None:
        if getattr(settings, self.setting) is None:
            raise BackupError(self.missing)

    def name(self, settings: Settings) -> str:
        address = (getattr(settings, self.setting) or "").rstrip("/")
        return f"{self.kind} {address} {self.location(settings)}"

    def exists(self, settings: Settings) -> bool:
        with self.connected(settings, long=False) as connection:
            return bool(self.replacing().exists(connection))

    def make_beside(self, settings: Settings, folder: Path) -> Store:
        with self.connected(settings, long=True) as connection:
            self.replacing().make_beside(connection)
            return self.open_beside(settings)

    def forget_beside(self, settings: Settings, folder: Path) -> None:
        with self.connected(settings, long=True) as connection:
            self.replacing().forget_beside(connection)

    def take_place(self, settings: Settings, folder: Path) -> None:
        with self.connected(settings, long=True) as connection:
            self.replacing().take_place(connection)

    @abstractmethod
    def open(self, settings: Settings) -> Store: ...

    @abstractmethod
    def open_beside(self, settings: Settings) -> Store:
        """The store that is being made."""

    @abstractmethod
    def location(self, settings: Settings) -> str:
        """Where on the server points are."""

    @abstractmethod
    def connected(self, settings: Settings, *, long: bool) -> AbstractContextManager[Any]:
        """A connection, for statements that copy or remove all there is (`long`), or for a question."""

    @abstractmethod
    def replacing(self) -> ModuleType:
        """The store's `replacing`: functions of that connection."""


class InfluxBackend(ServerBackend):
    kind = "influxdb"
    setting = "influxdb_v2_url"
    afterwards = (
        "Set the four INFLUXDB_V2_ settings for `dashapp web` and `dashapp collect` (or `dashapp run`) and start them."
    )
    missing = "set INFLUXDB_V2_URL, _TOKEN, _ORG and _BUCKET to say which InfluxDB is meant"

    def open(self, settings: Settings) -> Store:
        return influx_store(settings)

    def open_beside(self, settings: Settings) -> Store:
        from metricstore.influx import replacing

        return influx_store(settings, replacing.beside(influx_address(settings)[-1]))

    def location(self, settings: Settings) -> str:
        return f"bucket {influx_address(settings)[-1]}"

    @contextmanager
    def connected(self, settings: Settings, *, long: bool) -> Iterator[Any]:
        """Buckets are made, renamed and removed at once: nothing takes long."""
        from metricstore.influx.connection import Connection

        with closing(Connection(*influx_address(settings), timeout_seconds=30)) as connection:
            yield connection

    def replacing(self) -> ModuleType:
        from metricstore.influx import replacing

        return replacing


class ClickHouseBackend(ServerBackend):
    kind = "clickhouse"
    setting = "clickhouse_url"
    afterwards = "Set CLICKHOUSE_URL and what belongs to it for `dashapp web` and `dashapp collect` (or `dashapp run`) and start them."
    missing = "set CLICKHOUSE_URL (and user, password, database) to say which ClickHouse is meant"

    def open(self, settings: Settings) -> Store:
        return clickhouse_store(settings)

    def open_beside(self, settings: Settings) -> Store:
        from metricstore.clickhouse import ClickHouseStore, replacing

        return ClickHouseStore(replacing.beside(clickhouse_server(settings)))

    def location(self, settings: Settings) -> str:
        return f"database {settings.clickhouse_database}"

    @contextmanager
    def connected(self, settings: Settings, *, long: bool) -> Iterator[Any]:
        from metricstore.clickhouse.connection import Connection
        from metricstore.clickhouse.replacing import patient

        server = clickhouse_server(settings)
        with closing(Connection(patient(server) if long else server)) as connection:
            yield connection

    def replacing(self) -> ModuleType:
        from metricstore.clickhouse import replacing

        return replacing


BACKENDS: dict[str, Backend] = {one.kind: one for one in (DuckBackend(), InfluxBackend(), ClickHouseBackend())}


def backend_of(settings: Settings) -> Backend:
    """What these settings keep points in."""
    return BACKENDS[settings.store_kind]


def backend_named(kind: str) -> Backend:
    if kind not in BACKENDS:
        raise BackupError(f"there is no store {kind!r}; there are {', '.join(BACKENDS)}")
    return BACKENDS[kind]
