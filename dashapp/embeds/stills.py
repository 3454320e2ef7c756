"""An embed as one picture: a chart with all it must say of itself, or a page's charts below each other."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as TooLong
from math import ceil
from typing import TypeVar

from dashapp.embeds.showing import Shown, View, key_figures, show
from dashapp.picture_queue import PictureQueue
from layouts.charts import Theme
from layouts.pictures import Heading, letters, message, picture
from layouts.pictures.raster import SECONDS as RASTER_SECONDS
from layouts.pictures.raster import largest_scale, png
from layouts.pictures.sheet import Sheet, element
from metricstore.memory_budget import SHARES

SECONDS = 10.0
"""More than that nobody waits for a picture."""
_TWO_COLUMNS = 720
_FIGURE = (150, 50)
"""Least width and height of a key figure."""
_GAP = 12
T = TypeVar("T")
_DRAWN = PictureQueue(threads=2, waiting=8)
_RASTERED = PictureQueue(threads=2, waiting=4, kept_bytes=SHARES["pictures"])
USUAL_SCALE = 2.0
FRAMES = ThreadPoolExecutor(4, thread_name_prefix="frame")
"""For pages and what is only asked, so that they do not wait behind pictures."""


def still(seen: View, width: int, height: int, theme: Theme) -> str:
    """The SVG. StoreError when the store can't be asked."""
    wanted = seen.embed.wanted
    if wanted.kind == "chart":
        shown = show(seen, seen.charts[0], (theme,))
        return _single(seen, shown, width, height or _height(seen, shown, width), theme)
    return _page(seen, width, theme)


def drawn(owner: str, key: str, draw: Callable[[], str]) -> str:
    """`draw()`, once for all who ask for `key` at the same time. QueueFull, or TimeoutError after SECONDS.

    `owner`: the link's id, of `rastered`, too. What all links need is shared fairly among them.
    """
    return _DRAWN.get(owner, key, lambda: draw().encode(), SECONDS).decode()


def rastered(owner: str, subject: str, svg: str, scale: float | None = None) -> bytes:
    """PNG of what `subject` looks like at the moment. Without `scale` the usual one, or the largest that is allowed.

    TooManyPixels, QueueFull, or TimeoutError.
    """
    scale = scale or min(USUAL_SCALE, largest_scale(svg))
    key = hashlib.sha256(f"{scale} {svg}".encode()).hexdigest()
    return _RASTERED.get(owner, key, lambda: png(svg, scale), SECONDS + RASTER_SECONDS, f"{subject} {scale}")


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


def _height(seen: View, shown: Shown, width: int) -> int:
    return shown.chart.height + ceil(_heading(seen, shown).height(width))


def _single(seen: View, shown: Shown, width: int, height: int, theme: Theme) -> str:
    if not shown.figures:
        return message([shown.chart.title, shown.sentence, seen.sentence()], width, height, theme)
    return picture(shown.figures[theme], width, height, theme, title=shown.chart.title, heading=_heading(seen, shown))


def _page(seen: View, width: int, theme: Theme) -> str:
    """Title and key figures, then charts in one or two columns, each an SVG inside the SVG."""
    head, top = _page_head(seen, width, theme)
    columns = 2 if width >= _TWO_COLUMNS else 1
    wide = (width - _GAP * (columns + 1)) // columns
    parts, y, tallest = [head], top, 0.0
    for place, chart in enumerate(seen.charts):
        if place and place % columns == 0:
            y, tallest = y + tallest + _GAP, 0.0
        shown = show(seen, chart, (theme,))
        height = _height(seen, shown, wide)
        drawn = _single(seen, shown, wide, height, theme)
        x = _GAP + (place % columns) * (wide + _GAP)
        # Patterns are named anew: two charts may each have one of the same name.
        own = re.sub(r'(id="|url\(#)p', rf"\g<1>c{place}p", drawn)
        parts.append(own.replace("<svg ", f'<svg x="{x}" y="{y:g}" ', 1))
        tallest = max(tallest, float(height))
    total = y + tallest + _GAP
    sheet = Sheet(width, total, theme, seen.embed.title, opaque=True)
    return sheet.document().removesuffix("</svg>") + "".join(parts) + "</svg>"


def _page_head(seen: View, width: int, theme: Theme) -> tuple[str, float]:
    """(SVG, height) of what stands above a page's charts: its title, range and zone, and its key figures."""
    sheet = Sheet(width, 1, theme, "", opaque=False)
    room, y = width - 2 * _GAP, 30.0
    sheet.text(letters.fitted(seen.embed.title, 19, room), _GAP, y, 18, font_weight=600)
    for line in letters.lines(f"{seen.sentence()} · as of {seen.drawn_at()}", 12, room, 4):
        y += 17
        sheet.text(line, _GAP, y, 12, fill=sheet.ink["faint"])
    columns = max(1, int(room // _FIGURE[0]))
    wide = room / columns
    figures = key_figures(seen)
    for first in range(0, len(figures), columns):
        row, y = figures[first : first + columns], y + _FIGURE[1]
        said = [letters.lines(one.goal, 11, wide - 8, 3) for one in row]
        for place, (one, goal) in enumerate(zip(row, said, strict=True)):
            x = _GAP + place * wide
            sheet.text(letters.fitted(one.title, 11, wide - 8), x, y - 20, 11, fill=sheet.ink["faint"])
            sheet.pair(letters.fitted(one.number, 18, wide - 8), one.unit, x, y, 18)
            for number, words in enumerate(goal, 1):
                sheet.text(letters.fitted(words, 11, wide - 8), x, y + 2 + 14 * number, 11)
        y += 14 * max(map(len, said))
    return re.sub(r"^<svg.*?</title>|</svg>$", "", sheet.document()), y + 18
