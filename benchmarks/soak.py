"""Whether it grows: memory and open descriptors while a few viewers look for a long time.

    .venv/bin/python benchmarks/soak.py [--minutes 60] [--viewers 5] [--points 200000] [--store duckdb|influxdb] [--hurry]

    .venv/bin/python benchmarks/soak.py --minutes 15 --hurry

The slope is that of the second half, by least squares over means of some minutes: at first caches fill, and DuckDB's memory rises and falls
every few thousand questions, so a slope within its standard error is none. With `--hurry` viewers do not pause: what grows by requests rather
than by time shows in a quarter of the time. A run of a few minutes shows only that it works.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from dataclasses import dataclass
from math import nan
from pathlib import Path

import numpy as np
from _crowd import PAUSE_SECONDS, crowd, program
from load import report

EVERY_SECONDS = 5.0


BLOCKS = 12
"""Means that a slope is taken over: of 2.5 minutes each, in an hour's second half."""


@dataclass(frozen=True)
class Slope:
    """Of the second half, an hour, with its standard error; NaN where there is too little to say."""

    value: float
    error: float

    @classmethod
    def of(cls, seconds: list[float], values: list[float]) -> Slope:
        half = len(values) // 2
        if len(values) - half < 2 * BLOCKS:
            return cls(nan, nan)
        hours, means = (
            [float(block.mean()) for block in np.array_split(np.array(each[half:]), BLOCKS)]
            for each in ([one / 3_600 for one in seconds], values)
        )
        line, spread = np.polyfit(hours, means, 1, cov=True)
        return cls(float(line[0]), float(spread[0, 0]) ** 0.5)

    def __str__(self) -> str:
        return f"{self.value:+.1f} ± {self.error:.1f} an hour in the second half"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--viewers", type=int, default=5)
    parser.add_argument("--points", type=int, default=200_000)
    parser.add_argument("--hurry", action="store_true")
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

        pause = (0.0, 0.0) if asked.hurry else PAUSE_SECONDS
        failed = report(crowd(running, asked.viewers, asked.minutes, EVERY_SECONDS, look, pause=pause))
    print(f"memory: {memory[0]:,.0f} to {memory[-1]:,.0f} MB, at most {max(memory):,.0f}, {Slope.of(seconds, memory)}")
    print(
        f"descriptors: {open_files[0]:.0f} to {open_files[-1]:.0f}, at most {max(open_files):.0f}, {Slope.of(seconds, open_files)}"
    )
    return 1 if failed else 0


if __name__ == "__main__":
    raise SystemExit(main())
