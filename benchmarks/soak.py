"""Whether it grows: memory and open descriptors while a few viewers look for a long time.

    .venv/bin/python benchmarks/soak.py [--minutes 60] [--viewers 5] [--points 200000] [--store duckdb|influxdb]

The slope is that of the second half, by least squares: at first caches fill. A run of a few minutes shows only that it works.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path

import numpy as np
from _crowd import crowd, program
from load import report

EVERY_SECONDS = 5.0


def slope(seconds: list[float], values: list[float]) -> float:
    """Of the second half, an hour."""
    half = len(values) // 2
    if len(values) - half < 2:
        return 0.0
    return float(np.polyfit(np.array(seconds[half:]) / 3_600, values[half:], 1)[0])


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--viewers", type=int, default=5)
    parser.add_argument("--points", type=int, default=200_000)
    parser.add_argument("--store", choices=("duckdb", "influxdb"), default="duckdb")
    asked = parser.parse_args()
    seconds: list[float] = []
    memory: list[float] = []
    open_files: list[float] = []
    with tempfile.TemporaryDirectory() as folder, program(Path(folder) / "soak", asked.points, asked.store) as running:

        def look() -> None:
            seconds.append(time.monotonic())
            memory.append(running.megabytes)
            open_files.append(running.descriptors)

        failed = report(crowd(running, asked.viewers, asked.minutes, EVERY_SECONDS, look))
    print(
        f"memory: {memory[0]:,.0f} to {memory[-1]:,.0f} MB, {slope(seconds, memory):+.2f} MB an hour in the second half"
    )
    print(
        f"descriptors: {open_files[0]:.0f} to {open_files[-1]:.0f}, at most {max(open_files):.0f}, {slope(seconds, open_files):+.1f} an hour"
    )
    return 1 if failed else 0


if __name__ == "__main__":
    raise SystemExit(main())
