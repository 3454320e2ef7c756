"""From settings to the metric store."""

# Imports inside functions: start-up time, only the store that is configured is loaded.

from __future__ import annotations

from typing import TYPE_CHECKING

from dashapp.settings import Settings

if TYPE_CHECKING:
    from metricstore.caching import CachedStore
    from metricstore.clickhouse.connection import Server
    from metricstore.store import Store


def open_store(settings: Settings) -> CachedStore:
    """The metric store, answers cached. StoreBusy when another process holds the embedded one."""
    from metricstore.caching import CachedStore

    return CachedStore(_store(settings))


def for_viewers(settings: Settings, store: CachedStore) -> CachedStore:
    """`store` for pages, API, pictures and embeds: nobody there waits for a server that hangs. The embedded store is a
    part of this process and stays as it is."""
    if not settings.uses_server:
        return store
    from metricstore.caching import CachedStore
    from metricstore.circuit import Circuit
    from metricstore.guarded import GuardedStore
    from metricstore.store import ServedStore

    inner = store.store
    if not isinstance(inner, ServedStore):
        return store
    return CachedStore(GuardedStore(inner, inner.revision_at_hand, Circuit(inner.answers)))


def _store(settings: Settings) -> Store:
    return {"influxdb": influx_store, "clickhouse": clickhouse_store, "duckdb": duck_store}[settings.store_kind](
        settings
    )


def influx_store(settings: Settings, bucket: str | None = None) -> Store:
    """`bucket` instead of the configured one."""
    from metricstore.influx import InfluxStore

    url, token, org, own = influx_address(settings)
    return InfluxStore(url, token, org, bucket or own)


def influx_address(settings: Settings) -> tuple[str, str, str, str]:
    """Address, token, organisation and bucket of the configured InfluxDB."""
    token = settings.influxdb_v2_token
    return (
        settings.influxdb_v2_url or "",
        token.get_secret_value() if token else "",
        settings.influxdb_v2_org or "",
        settings.influxdb_v2_bucket or "",
    )


def clickhouse_store(settings: Settings) -> Store:
    from metricstore.clickhouse import ClickHouseStore

    return ClickHouseStore(clickhouse_server(settings))


def clickhouse_server(settings: Settings) -> Server:
    """The configured ClickHouse."""
    from metricstore.clickhouse.connection import Server

    password, ca_file = settings.clickhouse_password, settings.clickhouse_ca_file
    return Server(
        settings.clickhouse_url or "",
        settings.clickhouse_user,
        password.get_secret_value() if password else "",
        settings.clickhouse_database,
        settings.clickhouse_cluster,
        str(ca_file) if ca_file else None,
    )


def duck_store(settings: Settings) -> Store:
    from dashapp.settings.private_files import make_private
    from metricstore.duck import DuckStore

    make_private(settings)
    return DuckStore(settings.store_path)
