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
    inks = _each(trace.get("insidetextfont", {}).get("color") or sheet.ink["text"], len(names))[::-1]
    if title := axis_title(layout, "xaxis"):
        sheet.text(title, right, bottom - 2, _SMALL, text_anchor="end", fill=sheet.ink["faint"])
        bottom -= 16
    row = min(44.0, (bottom - top) / len(names))
    most = (right - left) * _NAMES
    two = row >= 30
    told = [letters.lines(name, 12, most, 2 if two else 1) for name in names]
    room = max((letters.width(line, 12) for lines in told for line in lines), default=0.0)
    behind, inside = _words(trace, values)
    after = max((letters.width(one, 12) for one in behind), default=0.0)
    spans = _whiskers(trace, values)
    low, high = reach([*values, *(end for span in spans for end in span)], zero=True, room=0.0)
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
        end = last
        if spans:
            low_end, high_end = map(scale, spans[place])
            _whisker(sheet, low_end, high_end, middle, min(4.0, row * 0.2))
            end = max(last, high_end)
        if inside and letters.width(inside[place], _SMALL) + 8 < last - first:
            sheet.text(inside[place], first + 5, middle + 4, _SMALL, fill=inks[place])
        sheet.text(behind[place], end + 5, middle + 4, 12)


def _words(trace: Properties, values: list[float]) -> tuple[list[str], list[str]]:
    """What is written behind each bar and, where the trace has words of its own, inside of it."""
    if "meta" in trace:
        return [str(one) for one in trace["meta"]["values"]][::-1], [str(one) for one in trace["text"]][::-1]
    if "text" in trace:
        return [str(one) for one in trace["text"]][::-1], []
    template = trace.get("texttemplate", "")
    return ["" if math.isnan(value) else spelled(value, template) for value in values], []


def _whiskers(trace: Properties, values: list[float]) -> list[tuple[float, float]]:
    """Both ends of each bar's interval; empty when the trace has none."""
    off = trace.get("error_x")
    if not off:
        return []
    up, down = numbers(off["array"])[::-1], numbers(off["arrayminus"])[::-1]
    return [(value - under, value + over) for value, over, under in zip(values, up, down, strict=True)]


def _whisker(sheet: Sheet, first: float, last: float, middle: float, half: float) -> None:
    """A line with a foot at each end; none where there is no interval."""
    if not last - first > 0.5:
        return
    feet = "".join(f"M{x:.1f},{middle - half:.1f}v{2 * half:.1f}" for x in (first, last))
    sheet.add(
        "path",
        d=f"M{first:.1f},{middle:.1f}H{last:.1f}{feet}",
        fill="none",
        stroke=sheet.ink["text"],
        stroke_width=1.4,
    )


def _each(value: object, count: int) -> list[str]:
    return [str(one) for one in value] if isinstance(value, list) else [str(value or "")] * count
