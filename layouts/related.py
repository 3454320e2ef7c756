"""Which records of other measurements belong to one record, and how the drawer lists them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from dash import html
from dash.development.base_component import Component

from layouts.field_texts import field_text
from layouts.formats import NOTHING, column_name, moment
from layouts.relations import Found, Relation
from layouts.states import go_button
from layouts.table import record_link, time_text
from layouts.value_names import name_of
from metricstore.catalogue import measurement
from metricstore.catalogue.journey import STEPS


def steps_taken(row: Mapping[str, Any], timezone: str) -> Component:
    """A post's steps in order, each with its time where that is known; the one it is in is marked, and why it stays."""
    now = STEPS.index(str(row["step"])) if row.get("step") in STEPS else -1
    lines = [
        html.Li(
            [
                html.Span(name_of(step, "step").capitalize()),
                " ",
                html.Span(_told(row.get(step), timezone), className="faint"),
            ],
            className="step" + (" own" if place == now else "" if place < now else " ahead"),
            **({"aria-current": "step"} if place == now else {}),
        )
        for place, step in enumerate(STEPS)
    ]
    why = [
        name_of(str(row[name]), name) for name in ("state", "cause", "cause_detail") if isinstance(row.get(name), str)
    ]
    return html.Div([html.Ol(lines, className="steps"), html.P(" · ".join(why).capitalize(), className="drawer-scope")])


def _told(moment_of_step: object, timezone: str) -> str:
    if not isinstance(moment_of_step, str):
        return ""
    if len(moment_of_step) == len("2026-11-10"):
        return moment_of_step
    return moment(datetime.fromisoformat(moment_of_step), timezone, seconds=False)


def related_section(found: Sequence[Found], timezone: str, back: str) -> Component | None:
    """Everything the sources tell; each record opens, and `back` is the record to come back to."""
    parts = [part for one in found if (part := _kind(one, timezone, back)) is not None]
    if not parts:
        return None
    return html.Section(
        [html.H3("What each source reports"), *parts], className="related", **{"aria-label": "Related records"}
    )


def _kind(found: Found, timezone: str, back: str) -> Component | None:
    if found.refused:
        return html.Div([html.H4(found.relation.title), html.P(found.refused, className="state-text")])
    if not found.rows:
        return None
    lines: list[Component] = [_line(found.relation, row, timezone, back) for row in found.rows]
    if found.more:
        lines.insert(0, html.Li(f"the latest {len(found.rows)} of them", className="faint"))
    return html.Div([html.H4(found.relation.title), html.Ul(lines, className="related-records")])


def _line(relation: Relation, row: Mapping[str, Any], timezone: str, back: str) -> Component:
    source = measurement(relation.measurement)
    told = [
        f"{column_name(column)} {name_of(text, column)}"
        for column in relation.shows
        if (text := field_text(source, column, row.get(column), timezone)) not in (NOTHING, "")
    ]
    link = record_link(relation.measurement, row["time"], str(row["_id"])) | {"_post": back}
    return html.Li([
        html.Span(time_text(row, timezone), className="nowrap"), " ", html.Span(" · ".join(told)), " ",
        go_button("Open", link, "link"),
    ])  # fmt: skip
