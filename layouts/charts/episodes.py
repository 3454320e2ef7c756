"""Episodes of alerts on a time axis: a toned band each, named where the pointer rests on its mark and in a sentence under the picture."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from layouts.charts.model import Theme
from layouts.charts.notes import wall
from layouts.charts.palette import INK
from metricstore.episode import Episode
from metricstore.evaluation import Answer

NAME = "alert"
_TONES: dict[Theme, str] = {"light": "#dc2626", "dark": "#f87171"}
_OPACITY, _THINNEST = 0.13, 0.004
"""How strong a band is, and the least part of the picture that it takes."""
_SYMBOL = "▲"
_MOST = 40
"""Of more only the newest are drawn: bands side by side say nothing."""
_MOST_NAMES = 3


def mark(layout: dict[str, Any], found: Sequence[Episode], answer: Answer, theme: Theme) -> None:
    """Add a band for each to a timed figure's layout."""
    shown = found[-_MOST:]
    if not shown:
        return
    layout["shapes"] = [*(_band(one, answer, theme) for one in shown), *layout.get("shapes", [])]
    layout["annotations"] = [*layout.get("annotations", []), *(_sign(one, answer, theme) for one in shown)]


def sentence(found: Sequence[Episode]) -> str:
    """`Alerts (red): AI requests fail (provider b), 3 times.`; "" for none."""
    counts = Counter(one.name for one in found)
    if not counts:
        return ""
    names = [name + (f", {count} times" if count > 1 else "") for name, count in counts.most_common(_MOST_NAMES)]
    more = f"; and {len(counts) - _MOST_NAMES} more" if len(counts) > _MOST_NAMES else ""
    return f"Alerts (red): {'; '.join(names)}{more}."


def _band(one: Episode, answer: Answer, theme: Theme) -> dict[str, Any]:
    begun = max(one.start, answer.start)
    ended = min(max(one.stop or answer.stop, begun + _THINNEST * (answer.stop - answer.start)), answer.stop)
    return {
        "type": "rect", "xref": "x", "yref": "paper", "x0": wall(begun, answer), "x1": wall(ended, answer), "y0": 0, "y1": 1,
        "layer": "below", "line": {"width": 0}, "fillcolor": _TONES[theme], "opacity": _OPACITY, "name": NAME,
    }  # fmt: skip


def _sign(one: Episode, answer: Answer, theme: Theme) -> dict[str, Any]:
    ink = INK[theme]
    when = f"{_minute(one, answer)} – {wall(one.stop, answer)[:16].replace('T', ' ') if one.stop else 'still open'}"
    return {
        "x": wall(max(one.start, answer.start), answer), "xref": "x", "y": 0.01, "yref": "paper", "xanchor": "left",
        "yanchor": "bottom", "text": _SYMBOL, "showarrow": False, "font": {"size": 10, "color": _TONES[theme]},
        "hovertext": f"Alert: {one.name}\n{when}", "name": NAME,
        "hoverlabel": {"bgcolor": ink["paper"], "bordercolor": ink["grid"], "font": {"color": ink["text"]}},
    }  # fmt: skip


def _minute(one: Episode, answer: Answer) -> str:
    return wall(one.start, answer)[:16].replace("T", " ")
