"""What a package of its own says of the collector it brings."""

from __future__ import annotations

from dataclasses import dataclass

from metricstore.catalogue.collectors import Registration
from metricstore.catalogue.model import Measurement
from metricstore.metrics.model import Metric


@dataclass(frozen=True)
class PackagedCollector:
    """`registration` names the collector's class in `code`; measurements and metrics are those the package adds."""

    registration: Registration
    measurements: tuple[Measurement, ...] = ()
    metrics: tuple[Metric, ...] = ()
