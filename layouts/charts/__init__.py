"""How charts are drawn. Which there are is declared in `layouts/pages/`."""

from layouts.charts.model import Chart, ChartData, Theme

__all__ = ["Chart", "ChartData", "Theme"]
