"""What the drawer shows: the records behind a mark, one record in full, and the log around it."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
from dash import html
from dash.development.base_component import Component

from layouts.charts import Chart
from layouts.field_texts import field_text, is_absent
from layouts.formats import NOTHING, column_name, filter_text
from layouts.related import steps_taken
from layouts.states import go_button
from layouts.table import record_link, table, time_text
from layouts.tables import Table, columns_of, dicts
from layouts.value_names import name_of
from metricstore.catalogue import Measurement
from metricstore.dates import DATED
from metricstore.selection import split_values


def records_of_chart(chart: Chart, measurement: str, value: str | None, at: str | None, span: str) -> Component:
    """The table behind a mark; what narrows it stands above it."""
    shown = Table("records", "Records", measurement, columns_of(measurement))
    scope = {"chart": chart.id}
    narrowed = [span]
    if value is not None and chart.click_dimension:
        scope["value"] = value
        narrowed.insert(0, filter_text(chart.click_dimension, split_values(value)))
    if at is not None:
        scope["at"] = at
    return html.Div([html.P(" · ".join(narrowed), className="drawer-scope"), table(shown, scope)])


def record_detail(
    source: Measurement, row: Mapping[str, object], timezone: str, context: Component | None, *, back: bool,
    related: Component | None = None, post: str | None = None,
) -> Component:  # fmt: skip
    """Every field of a record that has a value, its message whole, the log lines around it, and what belongs to it.

    `post` is the record it was opened from as one of its own.
    """
    long = "message" if source.has_field("message") else "content" if source.has_field("content") else ""
    told = time_text(row, timezone)
    pairs = [("Time", told if not is_absent(row.get(DATED)) else f"{told} ({timezone})")]
    for column in source.columns:
        text = field_text(source, column, row.get(column), timezone)
        if column != long and text not in (NOTHING, ""):
            pairs.append((column_name(column), name_of(text, column) if column in source.dimensions else text))
    parts: list[Component | None] = [
        go_button("← Back to the records", {"_record": None, "_post": None}) if back else None,
        go_button("← Back to the post", {"_record": post, "_post": None}) if post else None,
    ]
    if source.name == "post_journey":
        parts.append(steps_taken(row, timezone))
    if long and not is_absent(row.get(long)):
        parts.append(html.Pre(str(row[long]), className="whole-text"))
    parts.append(related)
    parts.append(context)
    parts.append(html.Dl([item for name, text in pairs for item in (html.Dt(name), html.Dd(text))], className="fields"))
    parts.append(html.Button("Copy link to this record", className="button small", type="button",
                             **{"data-copy": "link"}))  # fmt: skip
    return html.Div(parts, className="record")


def log_context(frame: pd.DataFrame, file: str, line: int, timezone: str) -> Component:
    """The log records around `line`, the one itself marked. `frame` is sorted as the file is."""
    lines = [_log_line(row, line, timezone) for row in dicts(frame)]
    return html.Section(
        [
            html.H3(["In the log: ", html.Code(f"{file}:{line}")]),
            html.Ol(lines, className="log-lines"),
        ],
        className="log-context",
        **{"aria-label": f"Log around {file} line {line}"},
    )


def _log_line(row: Mapping[str, object], line: int, timezone: str) -> Component:
    own = int(row["line"]) == line  # type: ignore[call-overload]
    content = [
        html.Span(str(int(row["line"])), className="log-number"),  # type: ignore[call-overload]
        html.Span(time_text(row, timezone), className="log-time"),
        html.Span(str(row["level"]), className=f"log-level value-{str(row['level']).lower()}"),
        html.Span(str(row["message"]), className="log-message"),
    ]
    if own:
        return html.Li(content, className="log-line own", **{"aria-current": "true"})
    link = record_link("log_record", row["time"], str(row["_id"]))  # type: ignore[arg-type]
    return html.Li([*content, go_button("Open", link, "link")], className="log-line")


def nothing(sentence: str) -> Component:
    return html.P(sentence, className="state-text")
