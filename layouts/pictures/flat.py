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


def draw_flat(sheet: Sheet, traces: list[Properties], layout: Properties, box: Box) -> None:
    """The last trace stands on top in each row, as Plotly draws groups of bars that lie."""
    left, top, right, bottom = box
    names = [str(name) for name in traces[0]["y"]][::-1]
    if not names:
        return
    if title := axis_title(layout, "xaxis"):
        sheet.text(
            letters.fitted(title, _SMALL, right - left),
            right,
            bottom - 2,
            _SMALL,
            text_anchor="end",
            fill=sheet.ink["faint"],
        )
        bottom -= 16
    row = min(44.0, (bottom - top) / len(names))
    most = (right - left) * _NAMES
    told = [letters.lines(name, 12, most, 2 if row >= 30 else 1) for name in names]
    room = max((letters.width(line, 12) for lines in told for line in lines), default=0.0)
    bars = [_Bars(sheet, trace) for trace in reversed(traces)]
    after = max((letters.width(one, 12) for own in bars for one in own.behind), default=0.0)
    ends = [end for own in bars for end in (*own.values, *(end for span in own.spans for end in span))]
    low, high = reach(ends, zero=True, room=0.0)
    scale = Linear(low, high, left + room + 10, max(left + room + 20, right - after - 8))
    thick = row * 0.72 / len(bars)
    for place, lines in enumerate(told):
        middle = top + (place + 0.5) * row
        for number, line in enumerate(lines):
            sheet.text(line, left + room + 4, middle + 4 + (number - (len(lines) - 1) / 2) * 14, 12, text_anchor="end")
        for order, own in enumerate(bars):
            own.draw(place, scale, middle + (order - (len(bars) - 1) / 2) * thick, thick)


class _Bars:
    """A trace's bars, the topmost first."""

    def __init__(self, sheet: Sheet, trace: Properties) -> None:
        self.sheet = sheet
        self.values = numbers(trace["x"])[::-1]
        count = len(self.values)
        self.colours = _each(trace["marker"].get("color"), count)[::-1]
        self.shapes = _each(trace["marker"].get("pattern", {}).get("shape", ""), count)[::-1]
        self.inks = _each(trace.get("insidetextfont", {}).get("color") or sheet.ink["text"], count)[::-1]
        self.behind, self.inside = _words(trace, self.values)
        self.spans = _whiskers(trace, self.values)

    def draw(self, place: int, scale: Linear, middle: float, thick: float) -> None:
        sheet, value = self.sheet, self.values[place]
        if math.isnan(value):
            return
        first, end = sorted((scale(0.0), scale(value)))
        size = min(12.0, max(8.0, thick + 2))
        sheet.add("rect", x=first, y=middle - thick / 2, width=max(0.5, end - first), height=thick, rx=2,
                  fill=sheet.fill(self.colours[place], self.shapes[place]))  # fmt: skip
        if self.inside and letters.width(self.inside[place], _SMALL) + 8 < end - first:
            sheet.text(self.inside[place], first + 5, middle + 4, _SMALL, fill=self.inks[place])
        if self.spans:
            low_end, high_end = map(scale, self.spans[place])
            _whisker(sheet, low_end, high_end, middle, min(4.0, thick * 0.28))
            end = max(end, high_end)
        sheet.text(self.behind[place], end + 5, middle + size / 3, size)


def _words(trace: Properties, values: list[float]) -> tuple[list[str], list[str]]:
    """What is written behind each bar and, where the trace has words of its own, inside of it."""
    if "meta" in trace:
        return [str(one) for one in trace["meta"]["values"]][::-1], [str(one) for one in trace["meta"]["inside"]][::-1]
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
