"""What changed and why: a sentence, and the parts of the change as small bars whose numbers add up to it."""

from __future__ import annotations

from math import isnan

from dash import html
from dash.development.base_component import Component

from briefing.change import Change
from briefing.change_columns import HOUR
from briefing.parts import Made, Part
from layouts.briefing.words import reason_words
from layouts.formats import column_name, measured, number, span
from layouts.value_names import name_of
from metricstore import nothing
from metricstore.metrics import Metric
from metricstore.quantities import quantity

_REASONS = ("outcome_reason", "error_class", "error_kind", "cause", "http_status")
MOST_PARTS = 6
"""Of more the rest is one bar."""


def sentence(change: Change) -> str:
    """`98.2 % → 96.1 %, −2.1 points. Most of it: model a (−1.6).`"""
    if change.why:
        return f"The change is not known: {nothing.COMPARED_KINDS.get(change.why, change.why)}."
    moved = f"{_value(change.before, change.metric)} → {_value(change.after, change.metric)}, {_signed(change.after - change.before, change.metric)}"
    if change.before == change.after:
        return f"{moved}: nothing changed."
    if change.made is None:
        return f"{moved}. Nothing stands out: no group contributed much more than its size suggests."
    parts = [f"{named(change.made.column, part)} ({_signed(part.change, change.metric)}{_mixed(part, change.metric)})"
             for part in change.made.outstanding]  # fmt: skip
    return f"{moved}. Most of it: {', '.join(parts)}."


def change_view(change: Change) -> Component:
    """The body of the drawer."""
    zone = change.selection.timezone
    dates = f"{span(change.start, change.stop, zone)}, against {span(change.before_start, change.before_stop, zone)} ({zone})"
    shown = [change.made] if change.made is not None else list(change.by[:1])
    others = [one for one in change.by if one not in shown and len(one.parts) > 1]
    return html.Div(
        [
            html.P(dates, className="drawer-scope"),
            html.P(sentence(change), className="change-sentence"),
            *(_bars(one, change.metric) for one in shown),
            *(html.Details([html.Summary(f"By {column_name(one.column).lower()}"), _bars(one, change.metric)], className="change-more")
              for one in others),
            html.P(_how(change.metric), className="drawer-scope") if change.by else None,
        ],
        className="change",
    )  # fmt: skip


def named(column: str, part: Part) -> str:
    """`platform X`, `model not given`."""
    return f"{column_name(column).lower() if column_name(column)[1:2].islower() else column_name(column)} {_name(column, part.value)}"


def _name(column: str, value: str) -> str:
    """Reasons in words, hours as a clock shows them; all other values as they are called."""
    if column == HOUR:
        return f"{value}:00"
    return reason_words(value) if value and column in _REASONS else name_of(value, column)


def _bars(made: Made, metric: Metric) -> Component:
    shown, rest = made.parts[:MOST_PARTS], made.parts[MOST_PARTS:]
    rows = [(_name(made.column, part.value), part.change, _detail(part, metric)) for part in shown]
    if rest:
        rows.append((quantity(len(rest), "others"), sum(part.change for part in rest), ""))
    most = max((abs(change) for _, change, _ in rows), default=0.0) or 1.0
    return html.Table(
        [
            html.Caption(f"By {column_name(made.column).lower()}", className="sr-only"),
            html.Thead(html.Tr([html.Th(column_name(made.column), scope="col"), html.Th("Contribution", scope="col", colSpan=2)])),
            html.Tbody([*(_row(*row, most, metric) for row in rows), _sum(made, metric)]),
        ],
        className="change-parts",
    )  # fmt: skip


def _row(name: str, change: float, detail: str, most: float, metric: Metric) -> Component:
    good = metric.good != "neither" and (change > 0) == (metric.good == "up")
    feeling = "neutral" if metric.good == "neither" or not change else "good" if good else "bad"
    bar = html.Span(
        className=f"change-bar {feeling}",
        style={"width": f"{abs(change) / most * 100:.1f}%"},
        **{"aria-hidden": "true"},
    )
    return html.Tr(
        [html.Th([name, html.Span(detail, className="change-detail")], scope="row"), html.Td(bar, className="change-bar-cell"),
         html.Td(_signed(change, metric), className="number")]
    )  # fmt: skip


def _sum(made: Made, metric: Metric) -> Component:
    return html.Tr(
        [
            html.Th("Total change", scope="row"),
            html.Td(),
            html.Td(_signed(made.change, metric), className="number"),
        ],
        className="change-sum",
    )


def _detail(part: Part, metric: Metric) -> str:
    before, after = (_value(value, metric) for value in (part.before, part.after))
    return f"{before} → {after}{_mixed(part, metric)}"


def _mixed(part: Part, metric: Metric) -> str:
    """`; rate −1.2, mix −0.4` of a ratio."""
    if metric.per is None:
        return ""
    return f"; rate {_signed(part.rate, metric, unit=False)}, mix {_signed(part.mix, metric, unit=False)}"


def _how(metric: Metric) -> str:
    if metric.per is None:
        return "Each row is one group's change. Together they add up to the total change."
    return ("Each row adds two effects: rate (the group's own value changed) and mix (the group's share of the whole changed). Together the "
            "rows add up to the total change.")  # fmt: skip


def _value(value: float, metric: Metric) -> str:
    return "none" if isnan(value) else " ".join(filter(None, measured(value, metric)))


def _signed(value: float, metric: Metric, *, unit: bool = True) -> str:
    """`+4 posts`, `−2.1 points`."""
    decimals = max(metric.decimals, 1 if metric.unit == "%" else 0)
    text = number(abs(value), decimals)
    sign = "±" if not text.strip("0.,") else "+" if value > 0 else "−"
    told = "points" if metric.unit == "%" else metric.unit
    return f"{sign}{text} {told}" if unit else f"{sign}{text}"
