"""How high a frame must be to show all of a chart, from a phone's width to a wiki's."""

from __future__ import annotations

import math

from dashapp.embeds.model import Kind
from dashapp.embeds.page import WIDTHS, all_shown
from dashapp.embeds.showing import Shown, View
from layouts.pages import CHARTS
from layouts.pictures import letters

PAGE_HEIGHT = 900
"""A page of charts is scrolled within its frame."""
_AROUND = 130
_DRAWINGS = ((430, "narrow"), (690, "middle"), (math.inf, "wide"))
"""As in `embed.css`: up to which width of the picture which drawing is shown."""
_FRAMES = (260, 320, 390, 454, 560, 714, 760, 860, 920)
"""Pictures are highest just below the width of the next drawing."""
_PADDING, _LINE = (12, 10), 1.45
_WIDER = 1.15
"""Where Inter is not installed, the system's font takes more room."""
_SMALL, _BETWEEN, _TABLE = 12.0, 6, 24
"""Letters of remarks, room above them, the line that opens the table."""


def usual_height(kind: Kind, name: str) -> int:
    """Where it can't be known what will be said of the chart."""
    return CHARTS[name].height + _AROUND if kind == "chart" else PAGE_HEIGHT


def frame_height(seen: View) -> int:
    """Pixels. StoreError when the store can't be asked."""
    if seen.embed.wanted.kind == "page":
        return PAGE_HEIGHT
    (shown,) = all_shown(seen)
    return math.ceil(max(_height(seen, shown, frame) for frame in _FRAMES))


def _height(seen: View, shown: Shown, frame: int) -> float:
    wide, wanted = frame - 2 * _PADDING[0], seen.embed.wanted
    said = [
        shown.sentence,
        f"⚠ {shown.late}" if shown.late else "",
        shown.remark,
        shown.clock,
        f"{seen.sentence()} · as of {seen.drawn_at()} · Download",
    ]
    texts = _paragraph(f"{seen.embed.title} {shown.unit}", wide, 15.0) + sum(
        _paragraph(text, wide) for text in said if text
    )
    drawing = next(name for most, name in _DRAWINGS if wide <= most)
    picture = wide * shown.chart.height / WIDTHS["chart"][drawing] + _TABLE if shown.figures else 80.0
    controls = 8 + 34 * math.ceil(len(wanted.narrow) / max(1, wide // 240)) if wanted.narrow else 0
    return 2 * _PADDING[1] + texts + picture + controls


def _paragraph(text: str, wide: float, size: float = _SMALL) -> float:
    """Its height with the room above it."""
    return math.ceil(letters.width(text, size) * _WIDER / wide) * size * _LINE + _BETWEEN
