"""Every metric, declared once: API, tiles, axis titles, downloads and alert rules read these entries."""

from metricstore.errors import UnknownName
from metricstore.metrics import ai, ai_reports, content, generation, health, journey, modelled, performance, social
from metricstore.metrics.model import Good, Measure, Metric
from metricstore.metrics.whole import require_whole

_ROOMS = (content, generation, modelled, ai, ai_reports, social, performance, journey, health)

METRICS: dict[str, Metric] = {m.name: m for room in _ROOMS for m in room.METRICS}
require_whole([m for room in _ROOMS for m in room.METRICS])


def metric(name: str) -> Metric:
    """The metric `name`; UnknownName when there is none."""
    try:
        return METRICS[name]
    except KeyError:
        raise UnknownName("metric", name, tuple(METRICS)) from None


__all__ = ["METRICS", "Good", "Measure", "Metric", "metric"]
