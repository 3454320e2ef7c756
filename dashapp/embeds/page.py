"""What is inside the frame's page: pictures drawn for a width, the same numbers as tables, what may be narrowed."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlencode

from flask import render_template, request

from dashapp.addresses import root
from dashapp.embeds.model import RANGE, Kind
from dashapp.embeds.showing import Shown, View, choices, key_figures, show, themes_of
from layouts.charts import Theme
from layouts.formats import column_name
from layouts.pictures import picture
from metricstore.selection import PRESETS

WIDTHS: Mapping[Kind, Mapping[str, int]] = {
    "chart": {"narrow": 340, "middle": 560, "wide": 840},
    "page": {"narrow": 340, "middle wide": 560},
}
"""Class in `embed.css` and width of each drawing: the reader's frame shows the one that fits, so that it is asked for once at any width."""

Control = tuple[str, str, str, list[tuple[str, str]]]
"""Parameter, label, chosen value, choices."""


def body(seen: View) -> str:
    """HTML. StoreError when the store can't be asked."""
    panels = [(shown, _drawn(seen, shown, place)) for place, shown in enumerate(all_shown(seen))]
    return render_template(
        "embed/body.html", seen=seen, embed=seen.embed, panels=panels, figures=key_figures(seen),
        controls=_controls(seen), download=_download_href(seen),
    )  # fmt: skip


def all_shown(seen: View) -> list[Shown]:
    return [show(seen, chart, themes_of(seen.embed)) for chart in seen.charts]


def _drawn(seen: View, shown: Shown, place: int) -> dict[Theme, dict[str, str]]:
    """SVG by theme and class of width."""
    chart = shown.chart
    return {
        theme: {
            name: _apart(picture(figure, width, chart.height, theme, title=chart.title), f"{place}{theme}{width}")
            for name, width in WIDTHS[seen.embed.wanted.kind].items()
        }
        for theme, figure in shown.figures.items()
    }


def _apart(svg: str, name: str) -> str:
    """Patterns of several pictures in one document need names of their own."""
    return svg.replace('id="p', f'id="c{name}p').replace("url(#p", f"url(#c{name}p")


def _controls(seen: View) -> list[Control]:
    chosen = dict(seen.chosen)
    found: list[Control] = []
    for column in seen.embed.wanted.narrow:
        if column == RANGE:
            spans = [(preset, f"Last {preset[1:]}") for preset in PRESETS if preset.startswith("-")]
            found.append(("start", "Range", chosen.get("start", ""), [("", "Whole range"), *spans]))
        else:
            options = [("", "All"), *choices(seen, column)]
            found.append((column, column_name(column), chosen.get(column, ""), options))
    return found


def _download_href(seen: View) -> str:
    wanted = seen.embed.wanted
    if not wanted.download:
        return ""
    words = {"sig": request.args.get("sig", ""), **dict(seen.chosen)}
    return f"{root()}/embed/{seen.embed.id}.{'csv' if wanted.kind == 'chart' else 'zip'}?{urlencode(words)}"
