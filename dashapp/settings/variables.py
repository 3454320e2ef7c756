"""Which environment variable a setting is."""

from __future__ import annotations

OF_STORES = ("influxdb_v2_", "clickhouse_")
"""Settings whose names are the stores' own."""


def variable(name: str) -> str:
    """The environment variable of the setting `name`."""
    return name.upper() if name.startswith(OF_STORES) else f"DASHAPP_{name.upper()}"
