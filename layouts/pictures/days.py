"""A calendar: days as cells, their states along the lower edge, texts where they find room."""

from __future__ import annotations

import math

from layouts.charts.figure import Properties
from layouts.charts.palette import mixed
from layouts.pictures import letters
from layouts.pictures.axes import Linear
from layouts.pictures.marks import Box, axis_title, numbers
from layouts.pictures.sheet import Sheet

_SMALL = 11.0
_ANCHORS = {"left": "end", "center": "middle", "right": "start"}
"""A text at the right of its place begins there."""


def draw_days(sheet: Sheet, traces: list[Properties], layout: Properties, box: Box) -> None:
    """Traces over a grid whose columns and rows are numbers, the rows downwards."""
    left, top, right, bottom = box
    xaxis, yaxis = layout["xaxis"], layout["yaxis"]
    if title := axis_title(layout, "xaxis"):
        sheet.text(title, (left + right) / 2, top + 10, 10, text_anchor="middle", fill=sheet.ink["faint"])
        top += 16
    names = [str(name) for name in yaxis["ticktext"]]
    left += max((letters.width(name, _SMALL) for name in names), default=0.0) + 8
    top += 16 if xaxis["ticktext"] else 0
    (first, last), (lowest, highest) = xaxis["range"], yaxis["range"]
    across, down = Linear(first, last, left, right), Linear(highest, lowest, top, bottom)
    for place, name in zip(xaxis["tickvals"], xaxis["ticktext"], strict=True):
        sheet.text(str(name), across(place), top - 5, _SMALL, text_anchor="middle")
    for place, name in zip(yaxis["tickvals"], names, strict=True):
        sheet.text(name, left - 6, down(place) + 4, _SMALL, text_anchor="end", fill=sheet.ink["faint"])
    for trace in traces:
        if trace["type"] == "heatmap":
            _cells(sheet, trace, across, down)
        elif trace["type"] == "bar":
            _strips(sheet, trace, across, down)
        elif trace["mode"] == "markers":
            _dots(sheet, trace, across, down)
        else:
            _texts(sheet, trace, across, down)
    for shape in layout.get("shapes", ()):
        x, y = across(shape["x0"]), down(shape["y0"])
        sheet.add("rect", x=x, y=y, width=across(shape["x1"]) - x, height=down(shape["y1"]) - y, fill="none",
                  stroke=shape["line"]["color"], stroke_width=shape["line"]["width"])  # fmt: skip


def _cells(sheet: Sheet, trace: Properties, across: Linear, down: Linear) -> None:
    gap, most = trace["xgap"] / 2, trace["zmax"] or 1
    for row, values in zip(trace["y"], trace["z"], strict=True):
        for column, value in zip(trace["x"], numbers(values), strict=True):
            if not math.isnan(value):
                x, y = across(column - 0.5) + gap, down(row - 0.5) + gap
                sheet.add("rect", x=x, y=y, width=max(0.5, across(column + 0.5) - gap - x),
                          height=max(0.5, down(row + 0.5) - gap - y), fill=_shade(trace["colorscale"], value / most))  # fmt: skip


def _shade(scale: list[list[float | str]], share: float) -> str:
    """The colour of a scale at a share of its whole."""
    after = next(place for place, (stop, _) in enumerate(scale) if share <= float(stop) or place == len(scale) - 1)
    (low, first), (high, last) = scale[max(0, after - 1)], scale[after]
    span = float(high) - float(low)
    return mixed(str(first), str(last), (share - float(low)) / span if span else 1.0)


def _strips(sheet: Sheet, trace: Properties, across: Linear, down: Linear) -> None:
    marker, half = trace["marker"], trace["width"] / 2
    fill = sheet.fill(marker["color"], marker["pattern"]["shape"])
    for base, length, row in zip(trace["base"], trace["x"], trace["y"], strict=True):
        x, y = across(base), down(row - half)
        sheet.add("rect", x=x, y=y, width=across(base + length) - x, height=down(row + half) - y, fill=fill)


def _dots(sheet: Sheet, trace: Properties, across: Linear, down: Linear) -> None:
    for x, y in zip(trace["x"], trace["y"], strict=True):
        sheet.add("circle", cx=across(x), cy=down(y), r=trace["marker"]["size"] / 2, fill=trace["marker"]["color"])


def _texts(sheet: Sheet, trace: Properties, across: Linear, down: Linear) -> None:
    """Those that say how much room they need are left out where a cell is narrower."""
    room, wide = trace.get("meta", {}), across(1.0) - across(0.0)
    if wide < room.get("needs", 0) or (room.get("below") and wide >= room["below"]):
        return
    size = trace["textfont"]["size"]
    below, beside = trace["textposition"].split()
    for x, y, words, colour in zip(trace["x"], trace["y"], trace["text"], trace["textfont"]["color"], strict=True):
        sheet.text(words, across(x), down(y) + (size if below == "bottom" else size * 0.36), size, fill=colour,
                   text_anchor=_ANCHORS[beside])  # fmt: skip
