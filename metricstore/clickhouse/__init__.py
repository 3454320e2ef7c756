"""The store for many machines: a ClickHouse server, or a cluster of them."""

from metricstore.clickhouse.store import ClickHouseStore

__all__ = ["ClickHouseStore"]
