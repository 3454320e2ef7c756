"""Every metric, declared once: API, tiles, axis titles, downloads and alert rules read these entries."""

from metricstore.errors import UnknownName
from metricstore.metrics import ai, content, generation, health, journey, modelled, social
from metricstore.metrics.model import Good, Measure, Metric

METRICS: dict[str, Metric] = {
    m.name: m for room in (content, generation, modelled, ai, social, journey, health) for m in room.METRICS
}


def metric(name: str) -> Metric:
    """The metric `name`; UnknownName when there is none."""
    try:
        return METRICS[name]
    except KeyError:
        raise UnknownName("metric", name, tuple(METRICS)) from None


__all__ = ["METRICS", "Good", "Measure", "Metric", "metric"]
