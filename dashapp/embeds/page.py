"""What is inside the frame's page: pictures drawn for a width, the same numbers as tables, what may be narrowed."""

from __future__ import annotations

from urllib.parse import urlencode

from flask import render_template, request

from dashapp.addresses import root
from dashapp.embeds.model import RANGE
from dashapp.embeds.showing import Shown, View, choices, key_figures, show, themes_of
from layouts.charts import Theme
from layouts.formats import column_name
from layouts.pictures import picture
from metricstore.selection import PRESETS

_TWO_COLUMNS = 900
_GAP, _MARGIN = 16, 12

Control = tuple[str, str, str, list[tuple[str, str]]]
"""Parameter, label, chosen value, choices."""


def body(seen: View, width: int) -> str:
    """HTML. StoreError when the store can't be asked."""
    columns = 2 if seen.embed.wanted.kind == "page" and width >= _TWO_COLUMNS else 1
    wide = (width - 2 * _MARGIN - _GAP * (columns - 1)) // columns
    panels: list[tuple[Shown, dict[Theme, str]]] = []
    for chart in seen.charts:
        shown = show(seen, chart, themes_of(seen.embed))
        drawn = {theme: picture(figure, wide, chart.height, theme, title=chart.title)
                 for theme, figure in shown.figures.items()}  # fmt: skip
        panels.append((shown, _apart(drawn, len(panels))))
    return render_template(
        "embed/body.html", seen=seen, embed=seen.embed, panels=panels, columns=columns, figures=key_figures(seen),
        controls=_controls(seen), download=_download_href(seen), width=width,
    )  # fmt: skip


def _apart(drawn: dict[Theme, str], place: int) -> dict[Theme, str]:
    """Patterns of several pictures in one document need names of their own."""
    return {
        theme: svg.replace('id="p', f'id="c{place}p').replace("url(#p", f"url(#c{place}p")
        for theme, svg in drawn.items()
    }


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
