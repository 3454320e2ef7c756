"""A year of everything the catalogue knows, made up by its declarations; the same on each run."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))

from metricstore.catalogue import MEASUREMENTS, Measurement
from metricstore.point import Point

_SHARES = {
    "log_record": 0.3, "gen_ai_request": 0.12, "social_post_stats": 0.12, "post_growth": 0.08, "social_post": 0.04,
    "post_journey": 0.04, "post_performance": 0.03, "post": 0.03, "generation": 0.05, "ai_request": 0.05,
    "scheduling_attempt": 0.05,
}  # fmt: skip
"""Of the points, how many are of each measurement; the rest is shared by the others."""
_PUT_TOGETHER = frozenset({"post_journey", "post_performance", "post_growth"})
_BEGIN = int(datetime(2025, 1, 1, tzinfo=UTC).timestamp()) * 10**9
_YEAR_SECONDS = 365 * 86_400
_KINDS = 5
"""Different values of a tag or dimension whose values the catalogue does not list."""
_SERIES = 60
"""Different combinations of a measurement's tags, at most: a model has one provider, and a source few projects. Were tags drawn one by one, nearly
every point of usage would be a series of its own, which no source writes and InfluxDB takes seconds for."""
_TEXTS = 2_000
_SOME = 0.9
"""How often a number is there: ids, times and other texts always are, or the collectors that put posts together would fail."""


def points(count: int) -> Iterator[Point]:
    """About `count` points over 2025, of every measurement."""
    random = np.random.default_rng(11)
    others = (1 - sum(_SHARES.values())) / (len(MEASUREMENTS) - len(_SHARES))
    for measurement in MEASUREMENTS.values():
        yield from _of(measurement, round(count * _SHARES.get(measurement.name, others)), random)


def _of(measurement: Measurement, size: int, random: np.random.Generator) -> Iterator[Point]:
    spread = np.sort(random.integers(0, _YEAR_SECONDS * 10**6, size))
    times = (_BEGIN + spread * 1_000 + np.arange(size) % 1_000).tolist()
    series = random.integers(0, _SERIES, size)
    drawn = {tag.name: np.array(_words(tag.name, tag.values, _SERIES, random)) for tag in measurement.tags}
    tags = {name: words[series].tolist() for name, words in drawn.items()}
    fields = {one.name: _values(one, spread, random) for one in measurement.fields}
    there = {
        one.name: (random.random(size) < (1 if one.type == "string" else _SOME)).tolist() for one in measurement.fields
    }
    for place, time in enumerate(times):
        said = {name: column[place] for name, column in fields.items() if there[name][place]}
        if said:
            yield Point(measurement.name, time, {name: column[place] for name, column in tags.items()}, said)


def _words(name: str, values: tuple[str, ...], size: int, random: np.random.Generator) -> list[str]:
    known = values or tuple(f"{name} {number}" for number in range(1, _KINDS + 1))
    return [str(word) for word in random.choice(known, size)]


def _values(field: Any, spread: np.ndarray, random: np.random.Generator) -> list[Any]:
    size = len(spread)
    if field.type == "int":
        return list(map(int, random.lognormal(4, 1.2, size)))
    if field.type == "float":
        return [float(value) for value in random.lognormal(2, 1, size)]
    if field.meaning.startswith("ISO time"):
        moments = (_BEGIN // 1_000 + spread).astype("datetime64[us]").astype("datetime64[s]")
        return [f"{moment}Z" for moment in moments]
    if field.dimension:
        return _words(field.name, field.values, size, random)
    return [f"{field.name} {number}" for number in random.integers(0, _TEXTS, size)]


def fill(folder: Path, count: int, *, collects: bool = False) -> None:
    """The application's own store in `folder`, written by the application's own writer.

    `collects`: for a program with its collectors. They put some measurements together from the other points and would
    first delete every made-up one, which InfluxDB does one by one.
    """
    from metricstore.duck import DuckStore

    store = DuckStore(folder / "metrics.duckdb")
    left = (point for point in points(count) if not (collects and point.measurement in _PUT_TOGETHER))
    while batch := list(islice(left, 50_000)):
        rejected = store.write(batch).rejected
        if rejected:
            raise RuntimeError(f"{len(rejected)} points were refused: {rejected[0]}")
    store.close()
