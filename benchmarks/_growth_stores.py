"""Stores of generations of the last year, for benchmarks/growth.py."""

from __future__ import annotations

import contextlib
import os
import random
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from benchmarks import _influx_rollup_costs
from benchmarks._rollup_costs import PLATFORMS
from metricstore.clickhouse import ClickHouseStore
from metricstore.duck import DuckStore
from metricstore.influx import InfluxStore
from metricstore.influx.line import MARKER
from metricstore.point import nanoseconds
from tests.clickhouse.server import clickhouse_server
from tests.stores import running_influxd

YEAR = timedelta(days=365)
LINES, AT_ONCE = 20_000, 10_000_000
"""Written at once: to InfluxDB, to the others."""
Filled = DuckStore | InfluxStore | ClickHouseStore


@contextlib.contextmanager
def opened(kind: str) -> Iterator[tuple[Filled, Callable[[], float]]]:
    """A store, and the processor's time that this process, and the server, have taken."""
    store: Filled
    processor = time.process_time
    with contextlib.ExitStack() as stack:
        if kind == "duckdb":
            folder = stack.enter_context(tempfile.TemporaryDirectory())
            store = DuckStore(Path(folder) / "metrics.duckdb")
        elif kind == "clickhouse":
            clickhouse = stack.enter_context(clickhouse_server())
            place = clickhouse.named(stack.enter_context(clickhouse.database()))
            store = ClickHouseStore(replace(place, timeout_seconds=1_200))
            processor = processor_of_all
        else:
            server = stack.enter_context(running_influxd())
            store = InfluxStore(server.url, server.token, server.org, "growth")
            processor = _influx_rollup_costs.processor_time(server.pid)
        stack.callback(store.close)
        yield store, processor


def fill(store: Filled, size: int) -> None:
    """`size` generations spread evenly over the year that ends now, in the order of their times."""
    stop = nanoseconds(datetime.now(UTC))
    step = int(YEAR.total_seconds() * 1e9) // size
    begin = stop - size * step
    if isinstance(store, DuckStore):
        fill_duckdb(store, size, begin, step)
    elif isinstance(store, ClickHouseStore):
        fill_clickhouse(store, size, begin, step)
    else:
        fill_influxdb(store, size, begin, step)


def fill_duckdb(store: DuckStore, size: int, begin: int, step: int) -> None:
    draw = "(hash(n) % 1000)::INTEGER"
    platforms = ", ".join(f"'{name}'" for name in PLATFORMS)
    for first in range(0, size, AT_ONCE):
        with store._database.transaction() as connection:
            connection.execute(
                f"INSERT INTO generation (time, platform, outcome, duration_seconds, position, topic, file, line) "
                f"SELECT {begin} + n * {step}, [{platforms}][1 + {draw} % {len(PLATFORMS)}], "
                f"CASE WHEN {draw} < 40 THEN 'failed' ELSE 'ok' END, round(2 + 20 * pow({draw} / 1000, 4), 3), "
                f"1 + {draw} % 9, 'topic ' || {draw} % 400, 'app.log', n FROM range({first}, {min(first + AT_ONCE, size)}) AS points(n)"
            )


def fill_clickhouse(store: ClickHouseStore, size: int, begin: int, step: int) -> None:
    """Merged, as months are that are over."""
    store.ping()
    draw = "cityHash64(number) % 1000"
    platforms = ", ".join(f"'{name}'" for name in PLATFORMS)
    for first in range(0, size, AT_ONCE):
        store._connection.copy(
            f"INSERT INTO generation (time, platform, outcome, duration_seconds, position, topic, file, line) "
            f"SELECT {begin} + number * {step}, [{platforms}][1 + {draw} % {len(PLATFORMS)}], "
            f"if({draw} < 40, 'failed', 'ok'), round(2 + 20 * pow({draw} / 1000, 4), 3), "
            f"1 + {draw} % 9, concat('topic ', toString({draw} % 400)), 'app.log', number FROM numbers({first}, {min(AT_ONCE, size - first)})",
            (),
        )
    store._connection.command("OPTIMIZE TABLE generation FINAL")


def fill_influxdb(store: InfluxStore, size: int, begin: int, step: int) -> None:
    """As lines: points take longer to make than to store."""
    store.ping()
    chance = random.Random(7)
    for first in range(0, size, LINES):
        lines = []
        for number in range(first, min(first + LINES, size)):
            draw = chance.random()
            lines.append(
                f"generation,platform={PLATFORMS[int(draw * 1000) % 3]} duration_seconds={2 + 20 * draw**4:.3f},"
                f'outcome="{"failed" if draw < 0.04 else "ok"}",position={1 + number % 9}i,{MARKER}=1i '
                f"{begin + number * step}"
            )
        store._connection.write("\n".join(lines).encode())


def processor_of_all() -> float:
    """Seconds of processor of this process and of those it started, which a server is."""
    own = str(os.getpid())
    ticks = 0
    for place in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            words = place.read_text().rpartition(")")[2].split()
            if words[1] == own:
                ticks += int(words[11]) + int(words[12])
    return time.process_time() + ticks / os.sysconf("SC_CLK_TCK")
