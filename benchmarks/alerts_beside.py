"""What alerts cost those who look at pages: the same application twice over the same points, without rules and with 200 that are judged.

    .venv/bin/python benchmarks/alerts_beside.py [--points 1000000] [--rules 200] [--turns 12]

Both run at once and are asked in turn, so that other load on the machine meets both alike: the page Generation, its questions one after the
other, never the same range twice. Memory is what each process alone holds (Pss) once nobody has asked for `--idle` seconds.
"""

from __future__ import annotations

import argparse
import contextlib
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

from _visitor import PASSWORD, USER, Visitor
from alert_rounds import NOW, points, read_until, rules

from metricstore.caching import CachedStore
from metricstore.duck import DuckStore


def serve(folder: Path, count: int) -> None:
    """As `dashapp run` serves, with `count` rules in force; runs until killed."""
    import waitress

    from dashapp.accounts import EXTENSION
    from dashapp.alerts.rulebook import RuleBook
    from dashapp.alerts.watching import Watch
    from dashapp.cli import memory
    from dashapp.factory import create_app
    from dashapp.settings import Settings

    memory.frugal()
    settings = Settings(data_dir=folder, timezone="UTC", source_timezone="UTC")
    app = create_app(settings, store=CachedStore(DuckStore(folder / "metrics.duckdb")))
    accounts = app.extensions[EXTENSION]
    accounts.add(USER, "analyst", PASSWORD)
    if count:
        RuleBook(accounts.database).apply(rules(count), "rules.toml", "benchmark")
        Watch(app.extensions["metricstore"], accounts.database, settings).start()
    memory.tidy_up(threading.Event())
    server = waitress.create_server(app, host="127.0.0.1", port=0, threads=settings.threads)
    sys.stdout.write(f"{server.effective_port}\n")
    sys.stdout.flush()
    server.run()


@contextlib.contextmanager
def running(folder: Path, count: int) -> Iterator[tuple[int, Visitor]]:
    """The process and a visitor of it."""
    process = subprocess.Popen([sys.executable, __file__, "--serve", str(folder), str(count)], stdout=subprocess.PIPE, text=True)  # fmt: skip
    try:
        assert process.stdout is not None
        yield process.pid, Visitor(int(process.stdout.readline()))
    finally:
        process.terminate()
        process.wait()


def load(visitor: Visitor, turn: int) -> float:
    """Milliseconds until the page and everything on it is answered."""
    begun = time.perf_counter()
    for body in visitor.open("/generation", {"start": f"-{90 * 24 - turn}h", "every": "1d", "tz": "UTC"}):
        visitor.connection.call(body)
    return (time.perf_counter() - begun) * 1_000


def megabytes(pid: int) -> float:
    found = re.search(r"^Pss:\s+(\d+) kB", Path(f"/proc/{pid}/smaps_rollup").read_text(), re.MULTILINE)
    assert found
    return int(found[1]) / 1_024


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--points", type=int, default=1_000_000)
    parser.add_argument("--rules", type=int, default=200)
    parser.add_argument("--turns", type=int, default=12)
    parser.add_argument("--idle", type=float, default=60, help="seconds")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as name, contextlib.ExitStack() as stack:
        without, with_rules = (Path(name) / each for each in ("without", "with"))
        without.mkdir()
        store = CachedStore(DuckStore(without / "metrics.duckdb"))
        store.write(points(asked.points, NOW, timedelta(days=90)))
        read_until(store, NOW)
        store.close()
        shutil.copytree(without, with_rules)
        sites = [
            stack.enter_context(running(folder, count)) for folder, count in ((without, 0), (with_rules, asked.rules))
        ]
        taken: list[list[float]] = [[], []]
        for turn in range(asked.turns + 2):
            for place in (0, 1) if turn % 2 else (1, 0):
                took = load(sites[place][1], turn)
                if turn >= 2:  # the first answers fill caches
                    taken[place].append(took)
        time.sleep(asked.idle)
        held = [megabytes(pid) for pid, _ in sites]
    plain, watched = (statistics.median(each) for each in taken)
    print(
        f"page    without {plain:7.0f} ms  with {asked.rules} rules {watched:7.0f} ms  {100 * (watched / plain - 1):+6.1f} % (goal ≤ 5)"
    )
    print(
        f"memory  without {held[0]:7.1f} MiB with {asked.rules} rules {held[1]:7.1f} MiB {held[1] - held[0]:+6.1f} MiB (goal ≤ 10)"
    )


if __name__ == "__main__":
    if sys.argv[1:2] == ["--serve"]:
        serve(Path(sys.argv[2]), int(sys.argv[3]))
    else:
        main()
