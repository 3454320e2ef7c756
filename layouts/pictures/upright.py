"""Bars that stand and lines, over time or over categories."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from layouts.charts.figure import Properties
from layouts.charts.goals import NAME as GOAL
from layouts.pictures import letters
from layouts.pictures.axes import Band, Linear, Tick, Times, reach
from layouts.pictures.marks import Box, axis_title, moments, numbers
from layouts.pictures.sheet import Sheet

Place = Callable[[Any], float]
_SMALL = 11.0


def draw_upright(sheet: Sheet, traces: list[Properties], layout: Properties, box: Box) -> None:
    """Traces over one horizontal axis; `barmode` stack or group."""
    kind = layout.get("xaxis", {}).get("type")
    timed = kind == "date"
    xs = [_positions(trace["x"], kind) for trace in traces]
    ys = [numbers(trace["y"]) for trace in traces]
    stacked = layout.get("barmode") == "stack"
    bars = [place for place, trace in enumerate(traces) if trace["type"] == "bar"]
    goals = _goals(layout)
    low, high = reach([*_heights(xs, ys, bars, stacked=stacked), *(height for height, _, _ in goals)], zero=True)
    left, top, right, bottom = box
    below = 34.0 if axis_title(layout, "xaxis") else 20.0
    value = Linear(low, high, bottom - below, top + 6)
    ticks = _value_ticks(layout.get("yaxis", {}), value, max(2, int((bottom - top) / 46)))
    left += max((letters.width(tick.text, _SMALL) for tick in ticks), default=0) + 8
    left = _unit(sheet, layout, box, left)
    across, band, named = _across(xs, left, right, bars=bool(bars), timed=timed)
    if timed:
        _bands(sheet, layout, across, (left, value(high), right, value(low)))
    _value_axis(sheet, ticks, left, right)
    _name_axis(sheet, named, bottom - below, left, right)
    if words := axis_title(layout, "xaxis"):
        sheet.text(
            letters.fitted(words, 10, right - left),
            (left + right) / 2,
            bottom - 2,
            10,
            text_anchor="middle",
            fill=sheet.ink["faint"],
        )
    _bars(sheet, traces, xs, ys, bars, across, value, band, stacked=stacked)
    for place, trace in enumerate(traces):
        if trace["type"] == "scatter":
            _line(sheet, trace, [across(x) for x in xs[place]], [value(y) for y in ys[place]])
    for height, colour, words in goals:
        _goal(sheet, value(height), colour, words, left, right)


def _goals(layout: Properties) -> list[tuple[float, str, str]]:
    """(value, colour, words) of each goal's line."""
    lines = [shape for shape in layout.get("shapes", ()) if shape.get("name") == GOAL]
    words = [remark["text"] for remark in layout.get("annotations", ()) if remark.get("name") == GOAL]
    return [(float(line["y0"]), line["line"]["color"], text) for line, text in zip(lines, words, strict=True)]


def _goal(sheet: Sheet, y: float, colour: str, words: str, left: float, right: float) -> None:
    wide = letters.width(words, _SMALL) + 6
    sheet.add("line", x1=left, x2=right, y1=y, y2=y, stroke=colour, stroke_width=1.5, stroke_dasharray="6 4")
    sheet.add("rect", x=right - wide, y=y - 16, width=wide, height=14, fill=sheet.ink["paper"], opacity=0.85)
    sheet.text(words, right - 3, y - 5, _SMALL, text_anchor="end")


def _value_ticks(axis: Properties, value: Linear, most: int) -> list[Tick]:
    """The axis's own ticks where it has some."""
    if "ticktext" in axis:
        pairs = zip(axis["tickvals"], axis["ticktext"], strict=True)
        return [Tick(value(place), text) for place, text in pairs if value.low <= place <= value.high]
    return value.ticks(most, least=axis.get("dtick", 0.0))


def _bands(sheet: Sheet, layout: Properties, across: Place, box: Box) -> None:
    """What the layout says of stretches of time: each as wide as its time, as high as its part of the picture."""
    left, top, right, bottom = box
    for shape in layout.get("shapes", ()):
        if shape["type"] != "rect":
            continue
        first, last = (min(max(across(moment), left), right) for moment in moments([shape["x0"], shape["x1"]]))
        high = shape["y1"] * (bottom - top)
        if last > first:
            sheet.add("rect", x=first, y=bottom - high, width=last - first, height=high, fill=shape["fillcolor"],
                      opacity=shape["opacity"])  # fmt: skip


def _positions(xs: Any, kind: Any) -> list[Any]:
    """Where marks stand on the horizontal axis: moments, numbers, or names."""
    if kind == "linear":
        return numbers(xs)
    return list(moments(xs)) if kind == "date" else [str(x) for x in xs]


def _heights(xs: list[Any], ys: list[list[float]], bars: list[int], *, stacked: bool) -> list[float]:
    """Every height the value axis must show."""
    found = [y for place, values in enumerate(ys) if place not in bars or not stacked for y in values]
    if stacked:
        above: dict[Any, float] = {}
        under: dict[Any, float] = {}
        for place in bars:
            for x, y in zip(xs[place], ys[place], strict=True):
                if not math.isnan(y):
                    sums = above if y >= 0 else under
                    sums[x] = sums.get(x, 0.0) + y
        found += [*above.values(), *under.values()]
    return found


def _across(xs: list[Any], left: float, right: float, *, bars: bool, timed: bool) -> tuple[Place, float, list[Tick]]:
    """(place of a value, pixels a bar's window has, ticks) of the horizontal axis."""
    if xs and xs[0] and isinstance(xs[0][0], float):
        axis = Linear(*reach([x for values in xs for x in values], zero=True, room=0.02), left, right)
        return axis, 1.0, axis.ticks(max(2, int((right - left) / 64)))
    if not timed:
        band = Band([x for values in xs for x in values], left, right)
        return band, band.size, [Tick(band(name), name) for name in band.names]
    found = sorted({x for values in xs for x in values}) or [datetime(2000, 1, 1)]  # noqa: DTZ001
    step = min((later - first for first, later in pairwise(found)), default=timedelta(days=1))
    half = step / 2 if bars else timedelta(0)
    if len(found) == 1:
        half = max(half, step / 2)
    times = Times(found[0] - half, found[-1] + half, left, right)
    size = (right - left) * (step / ((found[-1] - found[0]) + 2 * half))
    return times, size, times.ticks(max(2, int((right - left) / 84)))


def _unit(sheet: Sheet, layout: Properties, box: Box, left: float) -> float:
    """The vertical axis's title on its side."""
    words = axis_title(layout, "yaxis")
    if not words:
        return left
    x, y = box[0] + 10, (box[1] + box[3]) / 2
    room = box[3] - box[1] - 20
    sheet.text(letters.fitted(words, _SMALL, room), x, y, _SMALL, text_anchor="middle", fill=sheet.ink["faint"],
               transform=f"rotate(-90 {x:.1f} {y:.1f})")  # fmt: skip
    return left + 16


def _value_axis(sheet: Sheet, ticks: list[Tick], left: float, right: float) -> None:
    for tick in ticks:
        sheet.add("line", x1=left, x2=right, y1=tick.place, y2=tick.place, stroke=sheet.ink["grid"], stroke_width=1)
        sheet.text(tick.text, left - 6, tick.place + 4, _SMALL, text_anchor="end")


def _name_axis(sheet: Sheet, ticks: list[Tick], y: float, left: float, right: float) -> None:
    """Words under the axis; those that would overlap are cut, and at the ends they stay inside."""
    room = (right - left) / max(1, len(ticks)) - 4
    for tick in ticks:
        words = letters.fitted(tick.text, _SMALL, max(room, 30))
        half = letters.width(words, _SMALL) / 2
        x = min(max(tick.place, left + half - 4), right - half)
        sheet.text(words, x, y + 15, _SMALL, text_anchor="middle")


def _bars(
    sheet: Sheet, traces: list[Properties], xs: list[Any], ys: list[list[float]], bars: list[int],
    across: Place, value: Linear, band: float, *, stacked: bool,
) -> None:  # fmt: skip
    thick = max(0.6, band * 0.82 / (1 if stacked else max(1, len(bars))))
    above: dict[Any, float] = {}
    under: dict[Any, float] = {}
    for order, place in enumerate(bars):
        marker = traces[place].get("marker", {})
        shape = marker.get("pattern", {}).get("shape", "")
        fill = sheet.fill(str(marker.get("color")), shape if thick >= 3 else "")
        shift = 0.0 if stacked else (order - (len(bars) - 1) / 2) * thick
        path = []
        for x, y in zip(xs[place], ys[place], strict=True):
            if math.isnan(y) or y == 0:
                continue
            sums = above if y > 0 else under
            base = sums.get(x, 0.0) if stacked else 0.0
            sums[x] = base + y
            middle, first, last = across(x) + shift, value(base), value(base + y)
            path.append(f"M{middle - thick / 2:.1f},{first:.1f}V{last:.1f}h{thick:.1f}V{first:.1f}z")
        if path:
            sheet.add("path", d="".join(path), fill=fill)


def _line(sheet: Sheet, trace: Properties, xs: list[float], ys: list[float]) -> None:
    """A line with gaps where values are missing; lone values as dots."""
    line = trace.get("line", {})
    colour, opacity = str(line.get("color", "#888888")), trace.get("opacity")
    runs: list[list[tuple[float, float]]] = [[]]
    for x, y in zip(xs, ys, strict=True):
        if math.isnan(y):
            runs.append([])
        else:
            runs[-1].append((x, y))
    path = "".join("M" + "L".join(f"{x:.1f},{y:.1f}" for x, y in run) for run in runs if len(run) > 1)
    if trace.get("fill") == "toself":
        sheet.add("path", d=f"{path}z", fill=str(trace.get("fillcolor", colour)), opacity=opacity)
        return
    if path:
        sheet.add("path", d=path, fill="none", stroke=colour, stroke_width=line.get("width", 2), stroke_linejoin="round",
                  stroke_dasharray="2 3" if line.get("dash") else None, opacity=opacity)  # fmt: skip
    marked = "markers" in str(trace.get("mode", ""))
    for run in runs:
        for x, y in run if marked or len(run) == 1 else ():
            sheet.add("circle", cx=x, cy=y, r=2.5, fill=colour, opacity=opacity)
