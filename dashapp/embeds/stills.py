"""An embed as one picture: a chart with all it must say of itself, or a page's charts below each other."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as TooLong
from typing import TypeVar

from dashapp.embeds.showing import Shown, View, show
from dashapp.picture_queue import PictureQueue
from layouts.charts import Theme
from layouts.pictures import Heading, message, picture
from layouts.pictures.raster import SECONDS as RASTER_SECONDS
from layouts.pictures.raster import largest_scale, png
from layouts.pictures.sheet import Sheet, element

SECONDS = 10.0
"""More than that nobody waits for a picture."""
HEADROOM = 92
_TWO_COLUMNS = 720
_GAP = 12
T = TypeVar("T")
_DRAWN = PictureQueue(threads=2, waiting=8)
_RASTERED = PictureQueue(threads=2, waiting=4, kept_bytes=32 * 1024 * 1024)
USUAL_SCALE = 2.0
FRAMES = ThreadPoolExecutor(4, thread_name_prefix="frame")
"""For pages and what is only asked, so that they do not wait behind pictures."""


def still(seen: View, width: int, height: int, theme: Theme) -> str:
    """The SVG. StoreError when the store can't be asked."""
    wanted = seen.embed.wanted
    if wanted.kind == "chart":
        shown = show(seen, seen.charts[0], (theme,))
        return _single(seen, shown, width, height or shown.chart.height + HEADROOM, theme)
    return _page(seen, width, theme)


def drawn(key: str, draw: Callable[[], str]) -> str:
    """`draw()`, once for all who ask for `key` at the same time. QueueFull, or TimeoutError after SECONDS."""
    return _DRAWN.get(key, lambda: draw().encode(), SECONDS).decode()


def rastered(svg: str, scale: float | None = None) -> bytes:
    """PNG. Without `scale` the usual one, or the largest that is allowed. TooManyPixels, QueueFull, or TimeoutError."""
    scale = scale or min(USUAL_SCALE, largest_scale(svg))
    key = hashlib.sha256(f"{scale} {svg}".encode()).hexdigest()
    return _RASTERED.get(key, lambda: png(svg, scale), SECONDS + RASTER_SECONDS)


def bounded(draw: Callable[[], T], share: float = 1.0) -> T:
    """`draw()` in a thread for frames; TimeoutError after that share of SECONDS. What is slow holds up no other answer."""
    seconds = SECONDS * share
    future: Future[T] = FRAMES.submit(draw)
    try:
        return future.result(seconds)
    except TooLong:
        future.cancel()
        raise TimeoutError(f"the picture took longer than {seconds:g} s") from None


def notice(title: str, text: str, width: int, height: int, theme: Theme) -> str:
    return message([title, text], width, height, theme)


def dated(svg: str, text: str) -> str:
    """An older picture that says so in its lowest line."""
    size = re.search(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', svg)
    if size is None:
        return svg
    width, height = float(size[1]), float(size[2])
    band = element("rect", x=0, y=height - 22, width=width, height=22, fill="#fefce8")
    words = Sheet(width, height, "light", "", opaque=False)
    words.text(text, 10, height - 7, 12, fill="#713f12")
    inner = re.sub(r"^<svg.*?</title>|</svg>$", "", words.document())
    return svg.removesuffix("</svg>") + band + inner + "</svg>"


def _heading(seen: View, shown: Shown) -> Heading:
    chart = shown.chart
    lines = [seen.sentence(), *filter(None, (shown.remark, f"Warning: {shown.late}" if shown.late else ""))]
    origin = "" if chart.declared.provenance == "measured" else f" · {chart.declared.provenance} figures"
    until = f" · {shown.clock}" if shown.clock else ""
    return Heading(chart.title, shown.unit, tuple(lines), f"as of {seen.drawn_at()}{until}{origin}")


def _single(seen: View, shown: Shown, width: int, height: int, theme: Theme) -> str:
    if not shown.figures:
        return message([shown.chart.title, shown.sentence, seen.sentence()], width, height, theme)
    return picture(shown.figures[theme], width, height, theme, title=shown.chart.title, heading=_heading(seen, shown))


def _page(seen: View, width: int, theme: Theme) -> str:
    """Charts in one or two columns, each an SVG inside the SVG."""
    columns = 2 if width >= _TWO_COLUMNS else 1
    wide = (width - _GAP * (columns + 1)) // columns
    parts, y, tallest = [], float(_GAP), 0.0
    for place, chart in enumerate(seen.charts):
        if place and place % columns == 0:
            y, tallest = y + tallest + _GAP, 0.0
        shown = show(seen, chart, (theme,))
        height = chart.height + HEADROOM
        drawn = _single(seen, shown, wide, height, theme)
        x = _GAP + (place % columns) * (wide + _GAP)
        # Patterns are named anew: two charts may each have one of the same name.
        own = re.sub(r'(id="|url\(#)p', rf"\g<1>c{place}p", drawn)
        parts.append(own.replace("<svg ", f'<svg x="{x}" y="{y:g}" ', 1))
        tallest = max(tallest, float(height))
    total = y + tallest + _GAP
    sheet = Sheet(width, total, theme, seen.embed.title, opaque=True)
    return sheet.document().removesuffix("</svg>") + "".join(parts) + "</svg>"
