"""The paper a picture is drawn on: SVG elements as text, every value escaped."""

from __future__ import annotations

import re
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from layouts.charts.model import Theme
from layouts.charts.palette import INK
from layouts.pictures import letters

FONTS = "Inter, system-ui, -apple-system, 'Segoe UI', 'DejaVu Sans', sans-serif"
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")


class Sheet:
    def __init__(self, width: float, height: float, theme: Theme, title: str, *, opaque: bool) -> None:
        self.width, self.height, self.theme, self.title, self.opaque = width, height, theme, title, opaque
        self.ink = INK[theme]
        self._parts: list[str] = []
        self._defined: dict[str, str] = {}

    def add(self, name: str, content: str = "", **properties: object) -> None:
        """An element; `content` is taken as it is, properties are escaped."""
        self._parts.append(element(name, content, **properties))

    def text(self, words: str, x: float, y: float, size: float = 12, **properties: object) -> None:
        own = {"fill": self.ink["text"], **properties}
        self.add("text", escape(clean(words)), x=x, y=y, font_size=size, **own)

    def name(self, words: str, most: float, x: float, y: float, size: float, **properties: object) -> None:
        """A text of at most `most` pixels; where it is cut a pointer over it shows the whole."""
        shown = letters.fitted(words, size, most)
        whole = element("title", escape(clean(words))) if shown != words else ""
        self.add("text", whole + escape(clean(shown)), x=x, y=y, font_size=size, fill=self.ink["text"], **properties)

    def pair(self, words: str, beside: str, x: float, y: float, size: float) -> None:
        """A strong word and a faint one right after it, wherever the first ends."""
        after = element(
            "tspan", escape(clean(beside)), dx=8, font_size=size - 3, font_weight=400, fill=self.ink["faint"]
        )
        self.add("text", escape(clean(words)) + (after if beside else ""), x=x, y=y, font_size=size, font_weight=600,
                 fill=self.ink["text"])  # fmt: skip

    def fill(self, colour: str, shape: str) -> str:
        """A colour, or the name of a pattern over it."""
        if not shape:
            return colour
        name = f"p{sum(map(ord, colour + shape))}-{self.theme[0]}"
        self._defined.setdefault(name, _pattern(name, colour, shape, self.ink["paper"]))
        return f"url(#{name})"

    def document(self) -> str:
        ground = element("rect", width=self.width, height=self.height, fill=self.ink["paper"]) if self.opaque else ""
        label = escape(clean(self.title))
        defined = f"<defs>{''.join(self._defined.values())}</defs>" if self._defined else ""
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_short(self.width)} {_short(self.height)}" '
            f'width="{_short(self.width)}" height="{_short(self.height)}" role="img" aria-label={quoteattr(clean(self.title))} '
            f'font-family="{FONTS}"><title>{label}</title>{defined}{ground}{"".join(self._parts)}</svg>'
        )


def element(name: str, content: str = "", **properties: object) -> str:
    words = "".join(
        f" {key.replace('_', '-')}={quoteattr(_short(value))}" for key, value in properties.items() if value is not None
    )
    return f"<{name}{words}>{content}</{name}>" if content else f"<{name}{words}/>"


def clean(text: str) -> str:
    """Without the characters XML has no place for."""
    return _FORBIDDEN.sub("�", text)


def message(lines: list[str], width: int, height: int, theme: Theme) -> str:
    """A picture that only says something."""
    sheet = Sheet(width, height, theme, " ".join(lines), opaque=True)
    for place, line in enumerate(lines):
        sheet.text(line, width / 2, height / 2 + (place - (len(lines) - 1) / 2) * 20, 13 if place else 14,
                   text_anchor="middle", fill=sheet.ink["faint" if place else "text"])  # fmt: skip
    return sheet.document()


def _short(value: object) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)


def _pattern(name: str, colour: str, shape: str, paper: str) -> str:
    """Lines or dots over a colour, so that nobody has to tell red from green."""
    stroke: dict[str, Any] = {"stroke": paper, "stroke_width": 1.1, "stroke_opacity": 0.75}
    marks = {
        "/": element("path", d="M-1,1 l2,-2 M0,6 l6,-6 M5,7 l2,-2", **stroke),
        "\\": element("path", d="M-1,5 l2,2 M0,0 l6,6 M5,-1 l2,2", **stroke),
        "x": element("path", d="M0,6 l6,-6 M0,0 l6,6", **stroke),
        ".": element("circle", cx=3, cy=3, r=1, fill=paper, fill_opacity=0.8),
    }
    ground = element("rect", width=6, height=6, fill=colour)
    return element("pattern", ground + marks.get(shape, ""), id=name, width=6, height=6, patternUnits="userSpaceOnUse")
