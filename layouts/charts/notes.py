"""Annotations on a time axis: a thin line or a band each, with its text; all of it where the pointer rests."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from layouts.charts.model import Theme
from layouts.charts.palette import INK, accent
from metricstore.annotation import Annotation
from metricstore.evaluation import Answer
from metricstore.windows import zone

_ROWS = 3
"""Rows of texts one below the other; what finds no room keeps its line and its hover."""
_ROW_HEIGHT = 0.08
"""Of the picture, above the data: a text covers no mark."""
_ROOM, _LETTER, _EDGE = 360.0, 5.6, 12.0
"""Pixels: between a phone's and a desk's picture, of a letter, around a text."""
_LONGEST = 24
_ALONE = "▾"


def annotate(layout: dict[str, Any], found: Sequence[Annotation], answer: Answer, theme: Theme) -> None:
    """Add what falls into the answer's range to a figure's layout, and room for its texts above the data."""
    shown = [one for one in found if one.within(answer.start, answer.stop)]
    if not shown:
        return
    places = _places(shown, answer)
    rows = max((place for place in places if place is not None), default=-1) + 1
    layout["shapes"] = [_shape(one, answer, theme) for one in shown]
    layout["annotations"] = [_text(one, place, answer, theme) for one, place in zip(shown, places, strict=True)]
    layout["yaxis"] = {**layout["yaxis"], "domain": [0, 1 - rows * _ROW_HEIGHT]}


def _places(shown: Sequence[Annotation], answer: Answer) -> list[int | None]:
    """The row of each text, from the top; None where all rows are taken at that place."""
    ends = [-1.0] * _ROWS
    places: list[int | None] = []
    for one in shown:
        at, width = _part(one, answer), (len(_short(one)) * _LETTER + _EDGE) / _ROOM
        left = at if at < 0.5 else at - width
        row = next((number for number in range(_ROWS) if ends[number] <= left), None)
        if row is not None:
            ends[row] = left + width
        places.append(row)
    return places


def _short(one: Annotation) -> str:
    return one.text if len(one.text) <= _LONGEST else one.text[: _LONGEST - 1].rstrip() + "…"


def _part(one: Annotation, answer: Answer) -> float:
    """Where it begins, as a part of the range."""
    return (max(one.start, answer.start) - answer.start) / (answer.stop - answer.start)


def _shape(one: Annotation, answer: Answer, theme: Theme) -> dict[str, Any]:
    place = {"xref": "x", "yref": "paper", "y0": 0, "y1": 1, "x0": wall(max(one.start, answer.start), answer)}
    if one.stop is None:
        line = {"color": INK[theme]["faint"], "width": 1, "dash": "dash"}
        return {"type": "line", **place, "x1": place["x0"], "line": line}
    band = {"fillcolor": accent(theme), "opacity": 0.12, "layer": "below", "line": {"width": 0}}
    return {"type": "rect", **place, "x1": wall(min(one.stop, answer.stop), answer), **band}


def _text(one: Annotation, row: int | None, answer: Answer, theme: Theme) -> dict[str, Any]:
    ink = INK[theme]
    return {
        "x": wall(max(one.start, answer.start), answer), "xref": "x",
        "y": 1 - (row or 0) * _ROW_HEIGHT if row is not None else 0.02, "yref": "paper",
        "yanchor": "top" if row is not None else "bottom",
        # Towards the middle, so that no text widens the axis.
        "xanchor": "center" if row is None else "left" if _part(one, answer) < 0.5 else "right",
        "text": _ALONE if row is None else _short(one), "showarrow": False, "align": "left",
        "font": {"size": 10, "color": ink["text"]}, "bgcolor": ink["paper"], "opacity": 0.9, "borderpad": 2,
        "hovertext": _whole(one, answer), "hoverlabel": {"bgcolor": ink["paper"], "bordercolor": ink["grid"],
                                                         "font": {"color": ink["text"]}},
    }  # fmt: skip


def _whole(one: Annotation, answer: Answer) -> str:
    """All of it, in lines that fit."""
    when = " – ".join(wall(moment, answer)[:16].replace("T", " ") for moment in (one.start, one.stop) if moment)
    about = " · ".join(part for part in (one.platform, *(f"#{tag}" for tag in one.tags), one.author) if part)
    return "\n".join([when, *_wrapped(one.text), about])


def _wrapped(text: str, width: int = 60) -> list[str]:
    lines = [""]
    for word in text.split(" "):
        while len(word) > width:
            lines.append(word[:width])
            word = word[width:]
        if len(lines[-1]) + len(word) >= width:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return [line for line in lines if line]


def wall(moment: datetime, answer: Answer) -> str:
    """The zone's wall clock: Plotly's axes know no zone."""
    return moment.astimezone(zone(answer.timezone)).replace(tzinfo=None).isoformat(timespec="seconds")
