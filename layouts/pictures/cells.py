"""A grid of cells, the darker the more."""

from __future__ import annotations

import math

from layouts.charts.figure import Properties
from layouts.charts.palette import mixed, readable
from layouts.pictures import letters
from layouts.pictures.axes import Linear
from layouts.pictures.marks import Box, axis_title, numbers, spelled
from layouts.pictures.sheet import Sheet

_SMALL = 11.0
_NAMES = 0.36
"""Most of the width that names may take."""


def draw_cells(sheet: Sheet, traces: list[Properties], layout: Properties, box: Box) -> None:
    """The first trace's cells and, over the same grid, those of the others."""
    left, top, right, bottom = box
    trace = traces[0]
    layers = [(one, [numbers(row) for row in one["z"]], one.get("text")) for one in traces]
    downwards = layout.get("yaxis", {}).get("autorange") == "reversed"
    names = [str(name) for name in trace["y"]]
    if not downwards:
        names = names[::-1]
        layers = [(one, rows[::-1], words[::-1] if words else None) for one, rows, words in layers]
    if not any(not math.isnan(value) for _, rows, _ in layers for row in rows for value in row):
        return
    known = [value for row in layers[0][1] for value in row if not math.isnan(value)] or [0.0]
    low, high = min(known), max(known)
    heads = [str(head) for head in trace["x"]]
    if trace.get("showscale", True):
        right = _scale(sheet, trace, low, high, (left, top, right, bottom))
    most = (right - left) * _NAMES
    left += min(most, max(letters.width(name, _SMALL) for name in names)) + 8
    title = letters.lines(axis_title(layout, "xaxis"), 10, right - box[0])
    bottom -= 22 + 12 * len(title) if title else 20
    wide, tall = (right - left) / len(heads), (bottom - top) / len(names)
    for down, name in enumerate(names):
        sheet.name(name, most, left - 6, top + (down + 0.5) * tall + 4, _SMALL, text_anchor="end")
    for one, rows, words in layers:
        for down, row in enumerate(rows):
            for across, value in enumerate(row):
                if not math.isnan(value):
                    place = (left + across * wide, top + down * tall, wide, tall)
                    share = (value - low) / ((high - low) or 1.0) if one is trace else 0.0
                    _cell(sheet, one, value, share, place, words[down][across] if words else None)
    each = max(1, math.ceil(max(letters.width(head, _SMALL) + 6 for head in heads) / wide)) if len(heads) > 12 else 1
    for across, head in enumerate(heads):
        if across % each == 0:
            sheet.name(
                head, max(wide * each, 16), left + (across + 0.5) * wide, bottom + 14, _SMALL, text_anchor="middle"
            )
    for number, line in enumerate(title):
        reach = letters.width(line, 10) / 2
        middle = min(max((left + right) / 2, box[0] + reach), box[2] - reach)
        sheet.text(line, middle, bottom + 30 + 12 * number, 10, text_anchor="middle", fill=sheet.ink["faint"])


def _cell(sheet: Sheet, trace: Properties, value: float, share: float, place: Box, words: str | None = None) -> None:
    x, y, wide, tall = place
    gap = 1.0
    colour = mixed(trace["colorscale"][0][1], trace["colorscale"][-1][1], share)
    sheet.add(
        "rect", x=x + gap, y=y + gap, width=max(0.5, wide - 2 * gap), height=max(0.5, tall - 2 * gap), fill=colour
    )
    template = trace.get("texttemplate")
    told = words if words is not None else spelled(value, template) if template else ""
    if told and wide > letters.width(told, _SMALL):
        sheet.text(told, x + wide / 2, y + tall / 2 + 4, _SMALL, text_anchor="middle",
                   fill=readable(colour))  # fmt: skip


def _scale(sheet: Sheet, trace: Properties, low: float, high: float, box: Box) -> float:
    """The strip that says which shade means how much; where the cells' right side is then."""
    _, top, right, bottom = box
    if unit := str(trace.get("colorbar", {}).get("title", {}).get("text", "")):
        sheet.text(unit, right, top + 10, _SMALL, text_anchor="end", fill=sheet.ink["faint"])
        top += 16
    axis = Linear(low, high, bottom - 36, top + 6)
    ticks = axis.ticks(4)
    room = max((letters.width(tick.text, _SMALL) for tick in ticks), default=0.0) + 24
    x, parts = right - room + 8, 24
    tall = (bottom - 36 - top - 6) / parts
    for part in range(parts):
        colour = mixed(trace["colorscale"][0][1], trace["colorscale"][-1][1], 1 - (part + 0.5) / parts)
        sheet.add("rect", x=x, y=top + 6 + part * tall, width=10, height=tall + 0.5, fill=colour)
    for tick in ticks:
        sheet.text(tick.text, x + 14, tick.place + 4, _SMALL)
    return right - room - 6
