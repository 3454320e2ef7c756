"""A figure's traces as a picture: heading, legend, axes and marks, each in its place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from layouts.charts.figure import Figure, Properties
from layouts.charts.model import Theme
from layouts.pictures import cells, letters
from layouts.pictures.days import draw_days
from layouts.pictures.flat import draw_flat
from layouts.pictures.sheet import Sheet
from layouts.pictures.upright import draw_upright

_SMALL = 11
_MARGIN, _LINE = 14.0, 16
_MOST_LINES = 12
"""Of one remark: more would leave no room for the marks."""


@dataclass(frozen=True)
class Heading:
    """What a picture that stands alone must say of itself."""

    title: str
    unit: str = ""
    lines: tuple[str, ...] = ()
    """Range and zone, filters, remarks: each begins a line of its own and takes as many as it needs."""
    foot: str = ""

    def wrapped(self, width: float) -> list[str]:
        return [line for words in self.lines for line in letters.lines(words, 12, width - 2 * _MARGIN, _MOST_LINES)]

    def height(self, width: float) -> float:
        """What stands above and below the marks, in a picture that wide."""
        return 2 * _MARGIN + 12 + _LINE * len(self.wrapped(width)) + 12 + (_LINE if self.foot else 0)


def picture(
    figure: Figure, width: int, height: int, theme: Theme, *, title: str, heading: Heading | None = None
) -> str:  # fmt: skip
    """The figure as an SVG document of `width` × `height` pixels; `title` is what a screen reader says.

    Without `heading` it has no ground of its own and stands in a page that says the rest.
    """
    sheet = Sheet(width, height, theme, title, opaque=heading is not None)
    margin = _MARGIN if heading else 2.0
    top, bottom = _heading(sheet, heading, margin) if heading else 2.0, height - (margin if heading else 2.0)
    if heading and heading.foot:
        sheet.text(letters.fitted(heading.foot, _SMALL, width - 2 * margin), margin, height - 10, _SMALL,
                   fill=sheet.ink["faint"])  # fmt: skip
        bottom -= 16
    traces, layout = figure.data, figure.layout
    if layout.get("showlegend"):
        top = _legend(sheet, [trace for trace in traces if trace.get("showlegend", True)], margin, top)
    bottom = _remarks(sheet, layout, width - margin, bottom)
    box = (margin, top, width - margin, bottom)
    if "calendar" in layout.get("meta", {}):
        draw_days(sheet, traces, layout, box)
    elif traces and traces[0]["type"] == "heatmap":
        cells.draw_cells(sheet, traces, layout, box)
    elif traces and traces[0].get("orientation") == "h":
        draw_flat(sheet, traces, layout, box)
    elif traces:
        draw_upright(sheet, traces, layout, box)
    return sheet.document()


def _heading(sheet: Sheet, heading: Heading, margin: float) -> float:
    room = sheet.width - 2 * margin
    y = margin + 12
    title = letters.fitted(heading.title, 16, room - letters.width(heading.unit, 12) - 8)
    sheet.pair(title, heading.unit, margin, y, 15)
    for words in heading.wrapped(sheet.width):
        y += _LINE
        sheet.text(words, margin, y, 12, fill=sheet.ink["faint"])
    return y + 12


def _legend(sheet: Sheet, traces: list[Properties], left: float, top: float) -> float:
    """Names with their colours, in as many lines as they need."""
    x, y = left, top + 10
    for trace in traces:
        name, most = str(trace.get("name", "")), sheet.width - 2 * left - 20
        room = min(letters.width(name, _SMALL), most) + 32
        if x > left and x + room - 16 > sheet.width - left:
            x, y = left, y + 16
        colour, shape, dash = look(trace)
        if trace["type"] == "bar":
            sheet.add("rect", x=x, y=y - 9, width=10, height=10, rx=2, fill=sheet.fill(colour, shape))
        else:
            sheet.add("line", x1=x, x2=x + 12, y1=y - 4, y2=y - 4, stroke=colour, stroke_width=2,
                      stroke_dasharray="2 2" if dash else None)  # fmt: skip
        sheet.name(name, most, x + 16, y, _SMALL)
        x += room
    return y + 10


def look(trace: Properties) -> tuple[str, str, bool]:
    """(colour, pattern, dotted) of a trace that has one of each."""
    if trace["type"] == "scatter":
        line = trace.get("line", {})
        return str(line.get("color", "#888888")), "", bool(line.get("dash"))
    marker = trace.get("marker", {})
    colour = marker.get("color", "#888888")
    shape = marker.get("pattern", {}).get("shape", "")
    return (colour if isinstance(colour, str) else colour[0]), (shape if isinstance(shape, str) else ""), False


def _remarks(sheet: Sheet, layout: dict[str, Any], right: float, bottom: float) -> float:
    """Words beside the marks, such as how many there are beyond those shown, or in the place of marks."""
    for remark in layout.get("annotations", ()):
        place = remark.get("y") if remark.get("yref") == "paper" else None
        words, faint = str(remark.get("text", "")), sheet.ink["faint"]
        if place == 0:
            sheet.text(words, right, bottom - 2, _SMALL, text_anchor="end", fill=faint)
            bottom -= 16
        elif place == 0.5:
            sheet.text(words, sheet.width / 2, bottom / 2, 13, text_anchor="middle", fill=faint)
    return bottom
