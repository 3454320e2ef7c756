"""Which version of this program's layout a bucket holds: a point of its own says so."""

from __future__ import annotations

import time
from collections.abc import Callable

from metricstore.errors import SchemaVersionError
from metricstore.influx import flux
from metricstore.influx.answers import blocks

VERSION = 2
"""2: who writes marks the days it changes. Programs of version 1 left marks that rollups can't be told by."""
NAME = "store_schema"
APPLICATION = "content-metrics-dashboard"
_SCRIPT = (
    f"from(bucket: bucket) |> range(start: 1970-01-01T00:00:00Z, stop: 1d)"
    f" |> filter(fn: (r) => r._measurement == {flux.text(NAME)} and r._field == {flux.text('version')})"
    ' |> max() |> keep(columns: ["_value"])'
)


def version(ask: Callable[[str], bytes]) -> int | None:
    """The version a bucket is at; None when nothing was written to it. SchemaVersionError when it is newer."""
    found = [int(text) for block in blocks(ask(_SCRIPT)) for text in block.column("_value")]
    if not found:
        return None
    if max(found) > VERSION:
        raise SchemaVersionError(
            f"the bucket is at schema version {max(found)}, newer than this program's {VERSION}: update the program"
        )
    return max(found)


def line() -> bytes:
    """What is written before anything else. The time is now: a bucket may drop what is old."""
    return f"{NAME},application={APPLICATION} version={VERSION}i {time.time_ns()}".encode()
