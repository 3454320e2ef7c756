"""Axes and values as people read them: long times in minutes and hours, whole numbers for counts, the window that is still open."""

from __future__ import annotations

import math
import re
from datetime import datetime, timedelta
from typing import Any

from layouts.charts.figure import Figure, Properties
from layouts.charts.figures import grouped_bars, lines, percentile_lines, stacked_bars
from layouts.charts.model import Chart, ChartData
from layouts.charts.palette import INK
from layouts.formats import measured
from metricstore.evaluation import Answer
from metricstore.metrics import Metric
from metricstore.window_edges import edge_tuple
from metricstore.windows import zone

LENGTH = "s"
"""The unit of metrics that are lengths of time; their values are written with the unit that suits them."""
_UNITS = ((7200, 3600, "h"), (120, 60, "min"), (0, 1, "s"))
"""(from which length on, seconds of one, its sign)"""
_STEPS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 20, 30, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000,
          50_000, 200_000, 1_000_000)  # fmt: skip
_MOST_TICKS = 5
OPEN = "open window"
"""Name of the band behind a window that is not over, and of its words."""
_FEW = 5
"""Counts up to here would have ticks between whole numbers."""
_SMALL, _STILL = 0.1, 0.002
_LINE, _AROUND = 15, 140
"""Pixels: a line of small words above a picture; what a chart's axes, legend and edges take of its height."""
_WITH_OPEN_WINDOW = (stacked_bars, lines, percentile_lines)


def figure_of(chart: Chart, data: ChartData) -> Figure:
    """The chart's figure as it is shown everywhere: on pages, in embeds and in pictures."""
    figure = chart.draw(data)
    if not figure.data:
        return figure
    if data.answer.metric.unit == LENGTH:
        _write_lengths(figure, data)
    elif data.answer.metric.decimals == 0:
        _whole_ticks(figure)
    else:
        _plain_ticks(figure)
    if chart.draw in (lines, percentile_lines):
        _level_where_level(figure)
    if chart.draw in _WITH_OPEN_WINDOW and _mark_open_window(figure, data) and figure.layout.get("showlegend"):
        # The words above the picture have a line of their own below the legend.
        figure.layout["legend"] = {**figure.layout["legend"], "y": 1 + _LINE / max(_LINE, chart.height - _AROUND)}
    return figure


def unit_of(chart: Chart, metric: Metric | None = None) -> str:
    """What stands beside a chart's title; lengths of time have their unit at each value, and bars of several units a legend.
    `metric`: its own as it was asked, with the currency that is set."""
    if chart.draw is grouped_bars and len({one.unit for one in chart.metrics}) > 1:
        return ""
    unit = (metric or chart.declared).unit
    return "" if unit == LENGTH else unit


def _value_axis(trace: Properties) -> str:
    return "x" if trace.get("orientation") == "h" else "y"


def _reach(figure: Figure) -> tuple[float, float]:
    """The lowest and the highest value that the value axis shows, 0 and goals among them; bars that are stacked count
    together, those below nothing on their own."""
    stacked = figure.layout.get("barmode") == "stack"
    above: dict[Any, float] = {}
    below: dict[Any, float] = {}
    found = [0.0, *(shape["y1"] for shape in figure.layout.get("shapes", ()) if shape.get("yref") == "y")]
    for trace in figure.data:
        axis = _value_axis(trace)
        for place, value in zip(trace["x" if axis == "y" else "y"], trace[axis], strict=True):
            if not isinstance(value, int | float) or math.isnan(value):
                continue
            if stacked and trace["type"] == "bar":
                sums = above if value > 0 else below
                sums[place] = sums.get(place, 0.0) + value
            else:
                found.append(value)
    found += [*above.values(), *below.values()]
    return min(found), max(found)


def _write_lengths(figure: Figure, data: ChartData) -> None:
    """`4.5 h` where the figure says 16200: on the axis, beside marks and in their hover. The numbers stay seconds."""
    metric = data.answer.metric
    axis = _value_axis(figure.data[0]) + "axis"
    for trace in figure.data:
        letter = _value_axis(trace)
        words = [" ".join(measured(math.nan if value is None else value, metric)).strip() for value in trace[letter]]
        number = re.compile(rf"%\{{{letter}(:[^{{}}]*)?\}}( {LENGTH}\b)?")
        trace["hovertext"] = words
        trace["hovertemplate"] = number.sub("%{hovertext}", trace["hovertemplate"])
        if "texttemplate" in trace:
            trace |= {"text": words, "texttemplate": number.sub("%{text}", trace["texttemplate"])}
    values, texts = _ticks(*_reach(figure))
    title = figure.layout[axis]["title"]
    title = {**title, "text": title["text"].removeprefix(LENGTH).removeprefix(" · ")}
    figure.layout[axis] |= {"tickmode": "array", "tickvals": values, "ticktext": texts, "title": title}
    figure.layout["meta"] = {"lengths": axis, "units": _UNITS, "steps": _STEPS, "most": _MOST_TICKS}


def _ticks(low: float, high: float) -> tuple[list[float], list[str]]:
    """When the axis is zoomed `board.lengthTicks` (45-labels.js) does the same with the units and steps in the figure's `meta`."""
    seconds, sign = next((seconds, sign) for least, seconds, sign in _UNITS if max(high, -low) >= least)
    step = next((step for step in _STEPS if (high - low) / seconds / step <= _MOST_TICKS), _STEPS[-1])
    places = range(math.floor(low / seconds / step + 1e-9), math.ceil(high / seconds / step - 1e-9) + 1)
    values = [round(place * step * seconds, 6) for place in places]
    return values, [f"{place * step:,.6g} {sign}" if place else "0" for place in places]


def _whole_ticks(figure: Figure) -> None:
    """No ticks at half a post."""
    if any(trace["type"] not in ("bar", "scatter") for trace in figure.data):
        return
    axis = _value_axis(figure.data[0]) + "axis"
    low, high = _reach(figure)
    if figure.layout[axis].get("type") in (None, "linear") and high - low <= _FEW:
        figure.layout[axis] |= {"dtick": 1, "tick0": 0}


def _plain_ticks(figure: Figure) -> None:
    """`0.0006` where Plotly would write `600μ`: nobody counts money in microdollars."""
    if figure.data[0]["type"] not in ("bar", "scatter"):
        return
    axis = _value_axis(figure.data[0]) + "axis"
    if max(map(abs, _reach(figure))) < _SMALL:
        figure.layout[axis] |= {"exponentformat": "none"}


def _level_where_level(figure: Figure) -> None:
    """Lines that do not move are drawn level above nothing, not as a wild course between 2.9992 and 2.9998."""
    values = [
        value
        for trace in figure.data
        for value in trace["y"]
        if isinstance(value, int | float) and not math.isnan(value)
    ]
    if values and min(values) > 0 and max(values) - min(values) < _STILL * max(values):
        figure.layout["yaxis"] |= {"rangemode": "tozero"}


def _mark_open_window(figure: Figure, data: ChartData) -> bool:
    """The last window is lower because it is not over yet: a band behind it says so. Whether there is one."""
    span = _open_window(data.answer, data.now)
    if span is None:
        return False
    ink = INK[data.theme]
    start, stop, until = span
    figure.layout["shapes"] = [
        {"type": "rect", "xref": "x", "yref": "paper", "x0": start, "x1": stop, "y0": 0, "y1": 1, "layer": "below",
         "fillcolor": ink["faint"], "opacity": 0.12, "line": {"width": 0}, "name": OPEN},
        *figure.layout.get("shapes", []),
    ]  # fmt: skip
    figure.layout["margin"] = {**figure.layout["margin"], "t": 18}
    figure.add_annotation(  # above the picture, where no mark is
        text=f"until {until}", showarrow=False, xref="paper", yref="paper", x=1, y=1, xanchor="right", yanchor="bottom",
        font={"size": 10, "color": ink["faint"]}, name=OPEN,
    )  # fmt: skip
    return True


def _open_window(answer: Answer, now: datetime | None) -> tuple[str, str, str] | None:
    """Wall-clock begin and end of the mark's place if the last window is not over and has a mark (bars stand around its
    begin), and the time of day until which it reaches."""
    if answer.every is None or now is None or now >= answer.stop + timedelta(minutes=1):
        return None
    last = edge_tuple(answer.start, answer.stop, answer.every, answer.timezone)[-1]
    place = zone(answer.timezone)
    end = answer.every.next(last, place)
    if not last <= now < end or answer.every.unit == "m":
        return None
    half = (end - last) / 2
    start, stop = ((last + part).astimezone(place).replace(tzinfo=None).isoformat() for part in (-half, half))
    return start, stop, f"{now.astimezone(place):%H:%M}"
