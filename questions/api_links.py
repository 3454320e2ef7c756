"""Links to the REST API."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from urllib.parse import urlencode

from layouts.charts import Chart
from metricstore.selection import Selection
from questions.charts import as_asked


def api_link(chart: Chart, selection: Selection) -> str:
    """The same numbers from the REST API, whose defaults need not be the pages': range and zone are always named."""
    known = chart.declared.filterable
    own = replace(as_asked(chart, selection), where={k: v for k, v in selection.where.items() if k in known})
    own = replace(own, compare=selection.compare)
    params: Mapping[str, str] = {"start": own.start, "stop": own.stop, "tz": own.timezone, **own.params()}
    params = {**params, "every": own.every}
    if chart.by:
        params = {**params, "by": ",".join(chart.by)}
    if chart.aggregate:
        params = {**params, "agg": chart.aggregate}
    return f"/api/v1/metrics/{chart.metric}?{urlencode(params)}"
