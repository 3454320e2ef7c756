"""What a chart is declared with. From one declaration come tile, embed, picture, download, records and reference page."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from layouts.charts.figure import Figure
from metricstore.annotation import Annotation
from metricstore.episode import Episode
from metricstore.evaluation import Answer
from metricstore.goal import Goal
from metricstore.metrics import Metric, metric
from metricstore.selection import Selection

Theme = Literal["light", "dark"]


@dataclass(frozen=True)
class ChartData:
    """What a figure is drawn from: the main answer, those of `also` by their own words, and how to show it."""

    answer: Answer
    also: Mapping[str, Answer]
    selection: Selection
    theme: Theme
    annotations: tuple[Annotation, ...] = ()
    """What was written on the range, as the viewer may see it: drawn on every time axis."""
    episodes: tuple[Episode, ...] = ()
    """When alerts of its metrics were open, as the viewer may see it."""
    goals: tuple[Goal, ...] = ()
    """Goals that its marks can be measured by: a line each on time axes."""
    now: datetime | None = None
    """When it was asked, for charts that mark it."""
    known: tuple[str, ...] = ()
    """All values of its first group that are known, in an order that is the same for every chart: their colours go by it."""


@dataclass(frozen=True)
class Chart:
    """`draw` is pure. Every mark it draws carries `customdata` = [value of filters_by or None, window start, window stop]
    with the window in ISO 8601 UTC ("" when the mark spans the whole range), so that clicks need no knowledge of the chart. A fourth part, {column: value},
    is there where a click filters by several columns at once.
    """

    id: str
    """The question it answers."""
    title: str
    page: str
    metric: str
    draw: Callable[[ChartData], Figure]
    by: tuple[str, ...] = ()
    every: str = "selection"
    """`selection`: the viewer's window; `none`: one value over the range; else a fixed window such as `1h`."""
    since: str = ""
    """Begin of its range, which then ends now, whatever the viewer's range."""
    ahead: str = ""
    """How far its range reaches beyond a viewer's that ends now, such as `+14d`: for what is due."""
    aggregate: str | None = None
    timezone: str = ""
    """Zone of its windows where they must not follow the viewer's: a provider's days are days in UTC."""
    also: tuple[str, ...] = ()
    """Further questions, as `metric` or `metric:aggregate`, asked with the same `by` and window."""
    filters_by: str | None = None
    """Dimension that a click filters by; by default the first of `by`."""
    width: int = 6
    """Of twelve columns on a desk; always the full width on a phone."""
    height: int = 300
    note: str = ""
    """One sentence under the title: what it shows and how to read it."""
    says: Callable[[ChartData], str] | None = None
    """What its numbers come to, in a sentence under the picture; empty when there is nothing to say."""

    @property
    def declared(self) -> Metric:
        return metric(self.metric)

    @property
    def click_dimension(self) -> str | None:
        return self.filters_by or (self.by[0] if self.by else None)

    @property
    def metrics(self) -> list[Metric]:
        """Every metric its picture is made of."""
        return [metric(name) for name in dict.fromkeys((self.metric, *(word.partition(":")[0] for word in self.also)))]

    @property
    def measurements(self) -> list[str]:
        """Every measurement its picture depends on."""
        return list(dict.fromkeys(source for asked in self.metrics for source in asked.measurements))
