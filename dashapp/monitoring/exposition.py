"""The answer to a scrape: what was counted by all processes, and what is asked now."""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Iterable, Iterator
from typing import Any

from flask import Flask
from prometheus_client import CollectorRegistry
from prometheus_client.exposition import choose_encoder
from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector

from dashapp.background import Background
from dashapp.monitoring.counting import counters
from dashapp.monitoring.families import ASKED
from dashapp.monitoring.sample import Sample
from dashapp.monitoring.sources import SOURCES, Source
from dashapp.monitoring.workers import DIRECTORY

log = logging.getLogger(__name__)

PATIENCE_SECONDS = 1.0
"""No scrape waits longer for what is asked: it shows what was last found."""


class Exposition:
    """Of one application."""

    def __init__(self, app: Flask, sources: tuple[Source, ...] = SOURCES) -> None:
        self._questions = [_Question(source, app) for source in sources]
        self._registry = CollectorRegistry(auto_describe=False)
        self._registry.register(self)

    def answer(self, accept: str) -> tuple[bytes, str]:
        """(body, content type), in OpenMetrics for those who ask for it."""
        encode, content_type = choose_encoder(accept)
        return encode(self._registry), content_type

    def collect(self) -> Iterator[Metric]:
        """What prometheus-client writes down."""
        for question in self._questions:
            question.begin()  # all of them before waiting for one
        yield from _counted()
        until = time.monotonic() + PATIENCE_SECONDS
        found: list[Sample] = []
        for question in self._questions:
            found += question.latest(max(0.0, until - time.monotonic()))
        yield from _families(found)


class _Question:
    """A source's, its last answer kept."""

    def __init__(self, source: Source, app: Flask) -> None:
        self._source = source
        self._app = app
        self._ask: Any = None
        self._kept: list[Sample] = []
        self._background = Background(f"metrics-{source.name}", self._found)

    def begin(self) -> None:
        self._background.begin(self._source.kept_seconds)

    def latest(self, patience_seconds: float) -> list[Sample]:
        self._background.wait(patience_seconds)
        return self._kept

    def _found(self) -> None:
        """An answer that fails leaves the one before it, which says how old it is."""
        try:
            with self._app.app_context():
                self._ask = self._ask or self._source.prepare(self._app)
                found = list(self._ask())
        except Exception as error:
            log.warning("%s can't be measured: %s", self._source.name, error)
            return
        self._kept = [*found, Sample(ASKED, (self._source.name,), time.time())]


def _counted() -> Iterable[Metric]:
    registry: Any = counters().registry
    if DIRECTORY not in os.environ:
        return list(registry.collect())
    return list(MultiProcessCollector(None).collect())  # type: ignore[no-untyped-call]


def _families(samples: Iterable[Sample]) -> Iterator[Metric]:
    made: dict[str, CounterMetricFamily | GaugeMetricFamily] = {}
    for family, labels, value in samples:
        if family.name not in made:
            make = CounterMetricFamily if family.kind == "counter" else GaugeMetricFamily
            made[family.name] = make(family.name, family.meaning, labels=family.labels)
        made[family.name].add_metric(labels, value)
    yield from made.values()
