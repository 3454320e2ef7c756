"""Bars that lie: one for each value, its name before it and its number behind."""

from __future__ import annotations

import math

from layouts.charts.figure import Properties
from layouts.pictures import letters
from layouts.pictures.axes import Linear, reach
from layouts.pictures.marks import Box, axis_title, numbers, spelled
from layouts.pictures.sheet import Sheet

_SMALL = 11.0
_NAMES = 0.36
"""Most of the width that names may take."""


def draw_flat(sheet: Sheet, trace: Properties, layout: Properties, box: Box) -> None:
    left, top, right, bottom = box
    names, values = [str(name) for name in trace["y"]][::-1], numbers(trace["x"])[::-1]
    if not names:
        return
    colours = _each(trace["marker"].get("color"), len(names))[::-1]
    shapes = _each(trace["marker"].get("pattern", {}).get("shape", ""), len(names))[::-1]
    if title := axis_title(layout, "xaxis"):
        sheet.text(title, right, bottom - 2, _SMALL, text_anchor="end", fill=sheet.ink["faint"])
        bottom -= 16
    row = min(44.0, (bottom - top) / len(names))
    most = (right - left) * _NAMES
    two = row >= 30
    told = [letters.lines(name, 12, most, 2 if two else 1) for name in names]
    room = max((letters.width(line, 12) for lines in told for line in lines), default=0.0)
    after = max(
        (letters.width(spelled(v, trace.get("texttemplate", "")), 12) for v in values if not math.isnan(v)), default=0
    )
    low, high = reach(values, zero=True, room=0.0)
    scale = Linear(low, high, left + room + 10, max(left + room + 20, right - after - 8))
    for place, (value, lines) in enumerate(zip(values, told, strict=True)):
        middle = top + (place + 0.5) * row
        for number, line in enumerate(lines):
            sheet.text(line, left + room + 4, middle + 4 + (number - (len(lines) - 1) / 2) * 14, 12, text_anchor="end")
        if math.isnan(value):
            continue
        first, last = sorted((scale(0.0), scale(value)))
        sheet.add("rect", x=first, y=middle - row * 0.36, width=max(0.5, last - first), height=row * 0.72, rx=2,
                  fill=sheet.fill(colours[place], shapes[place]))  # fmt: skip
        sheet.text(spelled(value, trace.get("texttemplate", "")), last + 5, middle + 4, 12)


def _each(value: object, count: int) -> list[str]:
    return [str(one) for one in value] if isinstance(value, list) else [str(value or "")] * count
