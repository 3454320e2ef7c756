"""Every chart, declared once, in the order pages show them."""

from layouts.charts import ai, content, delivery, engagement, events, generation, health, journey, overview, value
from layouts.charts.model import Chart, ChartData, Theme
from metricstore.errors import UnknownName

_PAGES = {
    "overview": overview,
    "generation": generation,
    "content": content,
    "delivery": delivery,
    "engagement": engagement,
    "journey": journey,
    "ai": ai,
    "value": value,
    "events": events,
    "health": health,
}

CHARTS: dict[str, Chart] = {chart.id: chart for page in _PAGES.values() for chart in page.CHARTS}
TILES: dict[str, tuple[str, ...]] = {name: page.TILES for name, page in _PAGES.items()}
OTHERWISE = overview.OTHERWISE
AHEAD = delivery.AHEAD


def chart(name: str) -> Chart:
    """The chart `name`; UnknownName when there is none."""
    try:
        return CHARTS[name]
    except KeyError:
        raise UnknownName("chart", name, tuple(CHARTS)) from None


def charts_of(page: str) -> tuple[Chart, ...]:
    return tuple(found for found in CHARTS.values() if found.page == page)


__all__ = ["AHEAD", "CHARTS", "OTHERWISE", "TILES", "Chart", "ChartData", "Theme", "chart", "charts_of"]
