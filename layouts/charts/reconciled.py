"""What was recorded here beside what the providers report, by day, with the difference where both are known.

The main answer is the report; `also` holds what was recorded, the difference, and perhaps how many calls are unpriced;
all by provider. A day counts where all of it lies in the range, and a provider where it has a report.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from layouts.charts.figure import Figure
from layouts.charts.marks import base_layout, custom_data, number_format, wall_clock
from layouts.charts.model import ChartData
from layouts.charts.palette import INK, accent
from layouts.value_names import name_of
from metricstore.evaluation import Answer
from metricstore.quantities import quantity

_MOST_NAMES = 3


@dataclass(frozen=True)
class Ledger:
    """Of the providers that have a report; sums over them by day, indexed by the day's begin, NaN where unknown."""

    data: ChartData

    @cached_property
    def _answers(self) -> Sequence[Answer]:
        return (self.data.answer, *self.data.also.values())

    @cached_property
    def providers(self) -> list[str]:
        frame = self.data.answer.frame
        return sorted(map(str, frame.loc[frame["value"].notna(), self.data.answer.by[0]].unique()))

    @cached_property
    def reported(self) -> pd.Series[float]:
        return self._by_day(self._answers[0])

    @cached_property
    def recorded(self) -> pd.Series[float]:
        return self._by_day(self._answers[1])

    @cached_property
    def difference(self) -> pd.Series[float]:
        """Reported minus recorded, of whole days; nothing of it where only one kind of source was chosen."""
        if "source" in self.data.selection.where:
            return pd.Series(index=pd.DatetimeIndex([], tz="UTC"), dtype="float64")
        found = self._by_day(self._answers[2])
        start, stop = pd.Timestamp(self.data.answer.start), pd.Timestamp(self.data.answer.stop)
        whole = (found.index >= start) & (found.index <= stop - pd.Timedelta(days=1))
        return found[whole].dropna()

    @cached_property
    def unpriced(self) -> int:
        """Recorded calls without a price on the days that are compared."""
        if len(self._answers) < 4:
            return 0
        found = self._by_day(self._answers[3])
        return int(found[found.index.isin(self.difference.index)].sum())

    @cached_property
    def without_report(self) -> dict[str, float]:
        """What was recorded of providers that report nothing, largest first."""
        answer = self._answers[1]
        sums = answer.frame.groupby(answer.by[0])["value"].sum(min_count=1).dropna().sort_values(ascending=False)
        return {str(name): float(value) for name, value in sums.items() if str(name) not in self.providers and value}

    def _by_day(self, answer: Answer) -> pd.Series[float]:
        frame = answer.frame[answer.frame[answer.by[0]].isin(self.providers)]
        return frame.groupby("time")["value"].sum(min_count=1)


def recorded_and_reported(data: ChartData) -> Figure:
    """A bar each by day, the difference as a line of its own."""
    ledger, figure = Ledger(data), Figure()
    hover = "%{y:" + number_format(data) + "}"
    for place, (name, values) in enumerate((("recorded here", ledger.recorded), ("reported", ledger.reported))):
        rows = values.rename("value").reset_index()
        figure.add_bar(
            x=wall_clock(_times(rows), data.answer.timezone), y=rows["value"], name=name, marker={"color": accent(data.theme, place)},
            customdata=_marks(data, rows), hovertemplate=hover,
        )  # fmt: skip
    rows = ledger.difference.rename("value").rename_axis("time").reset_index()
    figure.add_scatter(
        x=wall_clock(_times(rows), data.answer.timezone), y=rows["value"], name="difference", mode="lines+markers",
        line={"color": INK[data.theme]["text"], "width": 1.5, "dash": "dot"}, marker={"size": 4},
        customdata=_marks(data, rows), hovertemplate=hover,
    )  # fmt: skip
    figure.update_layout(**base_layout(data, timed=True), barmode="group", showlegend=True)
    return figure


def difference_told(data: ChartData) -> str:
    """`On 29 whole days: 1,204,000 recorded, 1,260,300 reported, 56,300 tokens (4.5 %) more reported. zai reports nothing …`"""
    ledger = Ledger(data)
    return " ".join(filter(None, (_compared(data, ledger), _silent(data, ledger))))


def _compared(data: ChartData, ledger: Ledger) -> str:
    if "source" in data.selection.where:
        return "No difference, as one source alone was chosen: what was recorded here has a source of its own."
    days = ledger.difference.index
    if not len(days):
        return "No whole day of the range is both reported and recorded." if ledger.providers else ""
    reported = float(ledger.reported.reindex(days).sum())
    recorded, difference = float(ledger.recorded.reindex(days).sum()), float(ledger.difference.sum())
    form, unit, least = number_format(data), data.answer.metric.unit, "≥ " if ledger.unpriced else ""
    said = f"On {len(days)} whole day{'s' if len(days) > 1 else ''}: {least}{recorded:{form}} recorded, {reported:{form}} reported; "
    share = f" ({100 * abs(difference) / reported:.1f} % of the report)" if reported else ""
    if f"{abs(difference):{form}}" == f"{0:{form}}":
        said += "no difference"
    else:
        most = "at most " if ledger.unpriced and difference > 0 else ""
        said += f"{most}{abs(difference):{form}} {unit}{share} {'more' if difference > 0 else 'less'} reported than recorded"
    return said + (
        f", as {quantity(ledger.unpriced, 'recorded calls')} {'has' if ledger.unpriced == 1 else 'have'} no known price."
        if ledger.unpriced
        else "."
    )


def _silent(data: ChartData, ledger: Ledger) -> str:
    """Providers of which there is no report: nothing is known of them, which is not 0."""
    found = ledger.without_report
    if not found:
        return ""
    names = [name_of(name, data.answer.by[0]) for name in found]
    more = f" and {len(names) - _MOST_NAMES} more" if len(names) > _MOST_NAMES else ""
    told = f"{sum(found.values()):{number_format(data)}} {data.answer.metric.unit}"
    return f"Not reported by a provider: {told} recorded of {', '.join(names[:_MOST_NAMES])}{more}, left out here."


def _times(rows: pd.DataFrame) -> pd.Series:
    return pd.to_datetime(rows["time"], utc=True)


def _marks(data: ChartData, rows: pd.DataFrame) -> list[list[str | None]]:
    """Of all providers together: a click chooses the day alone."""
    return [[None, *mark[1:]] for mark in custom_data(data.answer, rows.assign(time=_times(rows)), "")]
