"""metricstore.revisions kept in the bucket: each change is a line of the measurement `store_revision`."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Sequence

from metricstore.influx import flux
from metricstore.influx.answers import blocks
from metricstore.revisions import Revisions

NAME = "store_revision"
_HOUR = 3_600_000_000_000
# A line is overwritten for an hour, so that few are kept. Clocks of several machines may differ about which hour
# it is: besides the latest line all of the last hours count.
_SCRIPT = f"""
rows = (start) => from(bucket: bucket) |> range(start: start, stop: 1d)
  |> filter(fn: (r) => r._measurement == {flux.text(NAME)} and r._field == {flux.text("id")})
rows(start: -3650d) |> last() |> group() |> keep(columns: ["_time", "_value", "name"]) |> yield(name: "latest")
rows(start: -2h) |> group() |> sort(columns: ["_time"]) |> keep(columns: ["_time", "_value", "name"]) |> yield(name: "near")
"""

PING = f"""from(bucket: bucket) |> range(start: -1m)
  |> filter(fn: (r) => r._measurement == {flux.text(NAME)}) |> limit(n: 1)"""
"""A question that costs the server next to nothing, and that needs its bucket and the right to read it."""


def in_bucket(ask: Callable[[str], bytes], write: Callable[[bytes], None]) -> Revisions:
    """`ask` runs a script and returns its annotated answer."""

    def read() -> dict[str, str]:
        found: dict[str, list[str]] = {}
        for block in blocks(ask(_SCRIPT)):
            for name, revision in zip(block.column("name"), block.column("_value"), strict=True):
                found.setdefault(name, []).append(revision)
        return {name: "-".join(dict.fromkeys(revisions)) for name, revisions in found.items()}

    def tell(measurements: Sequence[str]) -> None:
        moment = time.time_ns() // _HOUR * _HOUR
        told = [f'{NAME},name={name} id="{uuid.uuid4().hex[:16]}" {moment}' for name in measurements]
        write("\n".join(told).encode())

    return Revisions(read, tell)
