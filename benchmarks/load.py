"""How many viewers it carries: pages with their callbacks, the API, downloads, embeds and pictures, all at once.

    .venv/bin/python benchmarks/load.py [--viewers 50] [--minutes 3] [--points 1000000] [--store duckdb|influxdb] [--web] [--usual]

`dashapp run` in a process of its own; with `--web`, as servers are run, `dashapp web` with its workers. With `--store influxdb` the
INFLUXDB_V2_ settings say which; its bucket is replaced. The viewers take processor time, too: it is named. Ends with 1
when a request got an error or no answer. Each viewer's ranges are new, so that no answer is known; with `--usual` they are the last 7, 30 and
90 days and the year, some of one platform.
"""

from __future__ import annotations

import argparse
import os
import tempfile
from contextlib import AbstractContextManager
from pathlib import Path

from _crowd import Program, Sample, crowd, processor_seconds, program


def quantile(values: list[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def report(samples: list[Sample]) -> int:
    """Prints a line for each kind of request; how many failed."""
    print(f"{'kind':<10}{'requests':>9}{'p50 ms':>9}{'p95 ms':>9}{'4xx':>6}{'5xx':>6}{'none':>6}")
    for kind in (*sorted({one.kind for one in samples}), "all"):
        own = [one for one in samples if kind in ("all", one.kind)]
        times = [one.milliseconds for one in own]
        wrong, broken, none = (sum(one.status // 100 == hundred for one in own) for hundred in (4, 5, 0))
        print(
            f"{kind:<10}{len(own):>9,}{quantile(times, 0.5):>9,.0f}{quantile(times, 0.95):>9,.0f}{wrong:>6}{broken:>6}{none:>6}"
        )
    return sum(one.status >= 400 or one.status == 0 for one in samples)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--viewers", type=int, default=50)
    parser.add_argument("--minutes", type=float, default=3)
    parser.add_argument("--points", type=int, default=1_000_000)
    parser.add_argument("--store", choices=("duckdb", "influxdb"), default="duckdb")
    parser.add_argument("--web", action="store_true")
    parser.add_argument("--usual", action="store_true")
    asked = parser.parse_args()
    memory: list[float] = []
    with tempfile.TemporaryDirectory() as folder, _program(asked, folder) as running:
        begun = running.processor_seconds, processor_seconds(os.getpid())
        samples = crowd(
            running, asked.viewers, asked.minutes, 1.0, lambda: memory.append(running.megabytes), asked.usual
        )
        taken = running.processor_seconds - begun[0], processor_seconds(os.getpid()) - begun[1]
    failed = report(samples)
    print(f"memory: {memory[0]:,.0f} MB at first, {max(memory):,.0f} MB at most, {memory[-1]:,.0f} MB at the end")
    share = [100 * seconds / (asked.minutes * 60) for seconds in taken]
    print(f"processor: the program {share[0]:.0f} % of one, the viewers {share[1]:.0f} %, of {os.cpu_count()} in all")
    return 1 if failed else 0


def _program(asked: argparse.Namespace, folder: str) -> AbstractContextManager[Program]:
    return program(Path(folder) / "load", asked.points, asked.store, web=asked.web)


if __name__ == "__main__":
    raise SystemExit(main())
