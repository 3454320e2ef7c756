"""The metric store: reachable, which version, how much is in it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from dashapp.cli.reaching import perform, running
from dashapp.control import ControlError
from dashapp.doctor.finding import Finding
from dashapp.settings import Settings
from metricstore.errors import SchemaVersionError, StoreBusy, StoreDamaged, StoreDenied, StoreError, StoreUnreachable
from metricstore.quantities import quantity

_SUBJECT = "store"
_HINTS: dict[type[Exception], str] = {
    StoreBusy: "End the program that holds the file, or set another DASHAPP_DATA_DIR.",
    SchemaVersionError: "Use the program's version that wrote it, or a backup.",
}
_INFLUX: dict[type[Exception], str] = {
    StoreUnreachable: "Is InfluxDB running, and is INFLUXDB_V2_URL its address?",
    StoreDenied: "Check INFLUXDB_V2_TOKEN, _ORG and _BUCKET; the token needs to read and write the bucket.",
}
_CLICKHOUSE: dict[type[Exception], str] = {
    StoreUnreachable: "Is ClickHouse running, and is CLICKHOUSE_URL the address of its HTTP interface (8123, with TLS 8443)?",
    StoreDenied: "Check CLICKHOUSE_USER, _PASSWORD, _DATABASE and _CLUSTER; docs/clickhouse.md lists the rights the user needs.",
    SchemaVersionError: "docs/clickhouse.md says which versions of ClickHouse will do.",
}


def check(settings: Settings) -> Iterator[Finding]:
    channel = running(settings)
    if channel is None and not settings.uses_server and not settings.store_path.exists():
        yield Finding(_SUBJECT, "ok", f"{settings.store_path} is not there yet; the first start makes it")
        return
    through = ""
    if channel is not None:
        channel.close()
        through = f" (asked through the running process {channel.pid})"
    try:
        found = perform(settings, "info")
        perform(settings, "read_through")
    except StoreDamaged as error:
        text, hint = str(error).split("; ", 1)
        yield Finding(_SUBJECT, "fatal", text, f"{hint[0].upper()}{hint[1:]}.")
        return
    except (StoreError, ControlError) as error:
        hints = _HINTS | (_CLICKHOUSE if settings.clickhouse_url else _INFLUX)
        hint = next((text for kind, text in hints.items() if isinstance(error, kind)), "See the log for more.")
        yield Finding(_SUBJECT, "fatal", str(error), hint)
        return
    yield Finding(_SUBJECT, "ok", _sentence(found) + through)


def _sentence(found: dict[str, Any]) -> str:
    parts = [f"{found['kind']} {found['version']} at {found['location']}"]
    if found.get("points") is not None:
        parts.append(quantity(found["points"], "points"))
    if found.get("size_bytes") is not None:
        parts.append(f"{found['size_bytes'] / 1e6:,.1f} MB")
    return ", ".join(parts)
