"""Key figures: value, unit, how it moved, a small line of its course, and where the number comes from."""

from __future__ import annotations

import base64
import math

from dash import dcc, html
from dash.development.base_component import Component

from briefing.change_columns import has_parts
from briefing.standing import Standing
from layouts import ids
from layouts.briefing.clauses import SEVERITY, SIGNS
from layouts.briefing.words import PERIOD_WORDS, pace_words
from layouts.briefing.words import shown as shown_value
from layouts.charts.model import Theme
from layouts.charts.palette import accent
from layouts.formats import change, measured
from layouts.markup import Markup
from layouts.pages import PAGES
from layouts.states import go
from layouts.tile_values import Tile, tiles_of
from metricstore.metrics import Metric

LONG_FORMULA = 56
"""Letters; longer ones are read by few and stand behind a word."""


def tile_row(page: str) -> Component:
    """The row as it stands before the first answer: as many quiet tiles as there will be."""
    found = tiles_of(page)
    facts = {"measurements": [*sorted({name for m in found for name in m.measurements}), "goals"]}
    return html.Div(
        [
            dcc.Store(id=ids.tiles_facts(page), data=facts),
            dcc.Store(id=ids.tiles_tick(page)),
            dcc.Store(id=ids.tiles_seen(page)),
            Markup(
                [_quiet(m, compared=PAGES[page].compares is not None) for m in found],
                id=ids.tiles(page),
                className="tiles",
                style={"--tiles": _columns(len(found))},
                **{"data-follows": "selection"},
            ),
        ],
        className="tile-row",
    )


def _columns(tiles: int) -> int:
    """So many side by side that the last row is not one tile alone."""
    return tiles if tiles <= 6 else 5 if tiles % 4 == 1 else 4


def _quiet(declared: Metric, *, compared: bool) -> Component:
    """What is known without an answer stands there already, so that little moves when the figure comes."""
    return html.Div(
        [
            html.H2([declared.title, _badge(declared)], className="tile-title"),
            html.P(html.Span(className="tile-skeleton"), className="tile-number"),
            *([] if compared else [_meaning(declared), *(_room() for _ in range(_remarks(declared)))]),
        ],
        className="tile waiting",
    )


def _remarks(declared: Metric) -> int:
    """How many lines are usually said of records that lack the figure or contradict others."""
    lacking = declared.source.has_field("not_reported") and not declared.counts
    return lacking + bool(declared.source.conflicts)


def _room() -> Component:
    return html.P("\u00a0", className="tile-note", **{"aria-hidden": "true"})


def tile(shown: Tile, theme: Theme, compared: str) -> Component:
    """`compared` says with what, for people: `the period before`."""
    declared = shown.metric
    text, unit = shown.number()
    course = None if shown.missing else _course(shown.course, theme)
    return html.Div(
        [
            html.H2([declared.title, _badge(declared)], className="tile-title"),
            html.P([html.Span(text, className="tile-value"), html.Span("" if unit.lower() == declared.title.lower() else unit, className="tile-unit")],
                   className="tile-number"),
            _goal(shown.standing) if shown.standing is not None else None,
            html.P(shown.missing, className="tile-note") if shown.missing else _change(shown, compared),
            _formula(shown, compared),
            *(html.P(said, className="tile-note") for said in shown.remarks),
            course,
            _why(declared) if compared and not shown.missing and not shown.before_missing else None,
        ],
        className="tile" if course is None else "tile with-course",
        title=f"{declared.meaning}" + (f" = {declared.formula}" if declared.formula else ""),
        **{"data-metric": declared.name},
    )  # fmt: skip


def unknown_tile(declared: Metric, reason: str) -> Component:
    """A tile whose question failed; the others stand."""
    return html.Div(
        [html.H2(declared.title, className="tile-title"), html.P(reason, className="tile-reason")],
        className="tile failed",
        **{"data-metric": declared.name},
    )


def older_note(text: str) -> Component:
    """Below all tiles: from when they are."""
    return html.P(text, className="tiles-older", role="status")


def _badge(declared: Metric) -> Component | None:
    if declared.provenance == "measured":
        return None
    return html.Span(declared.provenance, className=f"badge {declared.provenance}")


def _goal(one: Standing) -> Component:
    """How far the goal is reached: a bar with the pace as a mark, and the same in words."""
    goal = one.goal
    severity, mark = SEVERITY[one.verdict], "" if math.isnan(one.pace) else _share(one.pace, goal.value)
    bar = html.Span(
        [html.Span(className=f"track-fill {severity}", style={"width": _share(one.value, goal.value)}),
         html.Span(className="track-mark", style={"left": mark}) if mark else None],
        className="track", **{"aria-hidden": "true"},
    )  # fmt: skip
    sign, meaning = SIGNS[severity]
    return html.Div(
        [bar if goal.grows and not math.isnan(one.value) else None,
         html.P([html.Span(sign, className=f"sign {severity}", title=meaning), goal_words(one)])],
        className="tile-goal",
    )  # fmt: skip


def goal_words(one: Standing) -> str:
    """`61 of 100 posts this week, 4 behind pace`."""
    goal, declared = one.goal, one.goal.declared
    value, wanted = measured(one.value, declared)[0], shown_value(goal.value, declared)
    said = f"{value} of {wanted}" if goal.grows else f"goal {goal.direction} {wanted}: {value}"
    return f"{said} {PERIOD_WORDS[goal.period]}, {pace_words(one)}"


def _share(value: float, whole: float) -> str:
    return f"{min(100.0, max(0.0, value / whole * 100)) if whole else 0:.1f}%"


def _change(shown: Tile, compared: str) -> Component:
    if shown.before_missing:
        return html.P(shown.before_missing, className="tile-note")
    moved = change(shown.value, shown.before, shown.metric.unit) if compared else None
    if moved is None:
        return _meaning(shown.metric)
    good = shown.metric.good
    rising = shown.value > shown.before
    direction = "same" if moved.startswith("±") else "up" if rising else "down"
    feeling = "neutral" if good == "neither" or direction == "same" else "good" if direction == good else "bad"
    arrow = {"up": "▲", "down": "▼", "same": "="}[direction]
    before, unit = measured(shown.before, shown.metric)
    return html.P(
        [html.Span(f"{arrow} {moved}", className=f"moved {feeling}"), f" {compared}: {before}\u00a0{unit}".rstrip()],
        className="tile-note",
        title=f"compared with {shown.before_range}" if shown.before_range else None,
    )


def _why(declared: Metric) -> Component | None:
    """A way to what made up the change."""
    if not has_parts(declared):
        return None
    return html.Button("What changed?", className="link tile-why", type="button", **go({"_change": declared.name}),
                       **{"aria-label": f"What changed: {declared.title}"})  # fmt: skip


def _formula(shown: Tile, compared: str) -> Component | None:
    """Where a comparison has taken the line under the number, what the number is made of still stands there."""
    if (
        shown.missing
        or not shown.metric.formula
        or not compared
        or (change(shown.value, shown.before, shown.metric.unit) is None and not shown.before_missing)
    ):
        return None
    return _formula_line(shown.metric)


def _meaning(declared: Metric) -> Component:
    return _formula_line(declared) if declared.formula else html.P(declared.meaning, className="tile-note")


def _formula_line(declared: Metric) -> Component:
    """What the number is made of; of a long formula first what it means."""
    if len(declared.formula) <= LONG_FORMULA:
        return html.P(declared.formula, className="tile-note tile-formula")
    whole = html.Details([html.Summary("Formula"), html.P(declared.formula)], className="tile-how")
    return html.Div([html.P(declared.meaning, className="tile-note"), whole], className="tile-formula")


def _course(values: tuple[float, ...], theme: Theme) -> Component | None:
    """A line of the windows' values, as a picture: decoration, the number above says it."""
    if sum(not math.isnan(value) for value in values) < 2:
        return None
    svg = _svg(values, accent(theme))
    data = base64.b64encode(svg.encode()).decode()
    return html.Img(src=f"data:image/svg+xml;base64,{data}", className="tile-course", alt="")


def _svg(values: tuple[float, ...], colour: str) -> str:
    known = [value for value in values if not math.isnan(value)]
    low, high = min(0.0, *known), max(known)
    reach = (high - low) or 1.0
    step = 120 / max(1, len(values) - 1)
    runs: list[list[str]] = [[]]
    for place, value in enumerate(values):
        if math.isnan(value):
            runs.append([])
        else:
            runs[-1].append(f"{place * step:.1f},{26 - (value - low) / reach * 24:.1f}")
    lines = "".join(
        f'<polyline points="{" ".join(run)}" fill="none" stroke="{colour}" stroke-width="1.6" '
        'stroke-linejoin="round" vector-effect="non-scaling-stroke"/>'
        for run in runs
        if run
    )
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 120 28" preserveAspectRatio="none">{lines}</svg>'
