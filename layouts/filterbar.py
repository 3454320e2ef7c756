"""The filter bar all pages share. Its controls only change the URL; the URL changes everything else."""

from __future__ import annotations

from datetime import datetime

from dash import dcc, html
from dash.development.base_component import Component

from layouts import ids
from layouts.formats import COMPARED_WITH, WINDOW_NAMES, filter_text, moment, preset_name, span
from layouts.markup import Markup
from layouts.pages import PAGES
from layouts.states import go, go_button
from layouts.value_names import name_of
from metricstore.catalogue import PLATFORMS
from metricstore.catalogue.content import STATUSES
from metricstore.selection import OFF, PRESETS, Selection

COMPARISONS = [
    {"label": "Off", "value": OFF}, {"label": "Previous period", "value": "previous"},
    {"label": "Same weekdays before", "value": "weekdays"}, {"label": "A year ago", "value": "year"},
]  # fmt: skip


def own_comparisons() -> dict[str, dict[str, str]]:
    """By page the choice that stands for the comparison that its figures have by themselves."""
    labels = {choice["value"]: choice["label"] for choice in COMPARISONS}
    return {
        page.key: {"label": f"{labels[page.compares]} (figures)", "value": ""}
        for page in PAGES.values()
        if page.compares is not None
    }


def filterbar(zones: list[str], timezone: str = "UTC") -> Component:
    """Range, zone, platform, status, window and comparison, with room for chips below. `timezone`: where no address says one."""
    return html.Section(
        [
            html.Button("Filters", className="button filters-toggle", type="button",
                        **{"data-toggle": "filters", "aria-expanded": "false", "aria-controls": "filters"}),
            html.Div(
                [
                    _range_menu(timezone),
                    _control("Platform", ids.PLATFORM, [{"label": name_of(p, "platform"), "value": p} for p in PLATFORMS],
                             multi=True, placeholder="All"),
                    _control("Status", ids.STATUS, [{"label": s, "value": s} for s in STATUSES], multi=True,
                             placeholder="All"),
                    _control("Window", ids.WINDOW, [{"label": t, "value": v} for v, t in WINDOW_NAMES.items()]),
                    _control("Compare", ids.COMPARE, COMPARISONS, width="widest"),
                    _control("Time zone", ids.ZONE, [], searchable=True, width="wide"),
                    dcc.Store(id=ids.ZONES, data=zones),
                    dcc.Store(id=ids.ZONES_WANTED),
                    html.Button("Reset", className="button quiet reset", type="button", **{"data-reset": "true"}),
                ],
                id="filters",
                className="filters",
            ),
            Markup(id=ids.CHIPS, className="chips", **{"aria-live": "polite"}),
            html.Div(id="kiosk-chips", className="kiosk-chips"),
        ],
        className="filterbar",
        **{"aria-label": "Filters"},
    )  # fmt: skip


def _control(
    label: str, name: str, options: list[dict[str, str]] | list[str], *, multi: bool = False, searchable: bool = False,
    placeholder: str = "", width: str = "",
) -> Component:  # fmt: skip
    return html.Div(
        [
            html.Label(label, htmlFor=name, className="control-label"),
            dcc.Dropdown(options, id=name, multi=multi, clearable=multi, searchable=searchable,
                         placeholder=placeholder, className="control-menu"),
        ],
        className=f"control {width}".rstrip(),
    )  # fmt: skip


def _range_menu(timezone: str) -> Component:
    return html.Div(
        [
            html.Span("Range", className="control-label", id="range-name"),
            html.Details(
                [
                    html.Summary(html.Span("…", id=ids.RANGE_LABEL), className="menu-button",
                                 **{"aria-labelledby": f"range-name {ids.RANGE_LABEL}"}),
                    html.Div([_presets(), _custom(timezone)], className="menu-panel range-panel"),
                ],
                className="menu",
                **{"data-menu": "range"},
            ),
        ],
        className="control range",
    )  # fmt: skip


def _presets() -> Component:
    return html.Div(
        [go_button(preset_name(start), {"start": start, "stop": None}, "preset") for start in PRESETS],
        className="presets",
    )


def _custom(timezone: str) -> Component:
    """Native date and time fields: `board.js` turns the two inputs into them and reads them on Apply."""
    return html.Form(
        [
            html.Label(["Type a range", dcc.Input(id="range-typed", type="text", autoComplete="off",
                                                  placeholder="10.11.2026, last week, -14d")]),
            html.Label(["or from", dcc.Input(id="range-from", type="text", className="moment", autoComplete="off",
                                          placeholder="2026-11-01 08:00 or -14d")]),
            html.Label(["to", dcc.Input(id="range-to", type="text", className="moment", autoComplete="off",
                                        placeholder="now")]),
            html.P(id=ids.RANGE_ERROR, className="field-error", role="alert"),
            html.Button("Apply", className="button primary", type="submit"),
        ],
        className="custom-range",
        **{"data-form": "range", "data-tz": timezone},
    )  # fmt: skip


def chips(selection: Selection, default: Selection) -> list[Component]:
    """A removable chip for every filter that is not the default."""
    found = []
    if (selection.start, selection.stop) != (default.start, default.stop):
        found.append(_chip(range_name(selection), {"start": None, "stop": None}))
    if selection.every != default.every:
        found.append(_chip(f"Window: {WINDOW_NAMES.get(selection.every, selection.every)}", {"every": None}))
    if selection.compare != default.compare and selection.compare:
        found.append(_chip(f"Compared with {COMPARED_WITH[selection.compare]}", {"compare": None}))
    if selection.timezone != default.timezone:
        found.append(_chip(selection.timezone, {"tz": None}))
    for column in sorted(selection.where):
        found.append(_chip(filter_text(column, selection.where[column]), {column: None}))
    if len(found) > 1:
        found.append(html.Button("Clear all", className="chip-clear", type="button", **{"data-reset": "true"}))
    return found


def wrong(sentence: str) -> Component:
    """What the query string asks for and can't be had, and the way out."""
    return html.Span(
        [
            html.Span(f"This link can't be shown as it is: {sentence}.", className="chip-text"),
            html.Button("Reset", className="chip-clear", type="button", **{"data-reset": "true"}),
        ],
        className="chip wrong",
        role="alert",
    )


def left_out(sentence: str, name: str) -> Component:
    """A filter of the query string that is a mistake, and so isn't obeyed; removable."""
    return html.Span(
        [
            html.Span(f"Not filtered: {sentence}", className="chip-text"),
            html.Button("×", className="chip-remove", type="button", **{"aria-label": f"Remove {name}"},
                        **go({name: None})),
        ],
        className="chip wrong",
        role="alert",
    )  # fmt: skip


def range_name(selection: Selection) -> str:
    """`Last 30 days`, or both ends as they were given."""
    if selection.stop == "now":
        return preset_name(selection.start.replace("T", " "))
    if _is_date(selection.start) and _is_date(selection.stop):
        return span(*selection.range(), selection.timezone)
    return " – ".join(_end(text, selection.timezone) for text in (selection.start, selection.stop))


def _is_date(text: str) -> bool:
    """Whether it is a day: a range of days names its last one."""
    return len(text) == 10 and text[4] == text[7] == "-" and text.replace("-", "").isdigit()


def _end(text: str, timezone: str) -> str:
    """An end of the range as the viewer's wall clock shows it."""
    try:
        given = datetime.fromisoformat(text)
    except ValueError:
        return text
    if given.tzinfo is None:
        return text.replace("T", " ")
    return moment(given, timezone, seconds=False)


def _chip(text: str, changes: dict[str, str | None]) -> Component:
    return html.Span(
        [
            html.Span(text, className="chip-text"),
            html.Button("×", className="chip-remove", type="button", **{"aria-label": f"Remove filter {text}"},
                        **go(changes)),
        ],
        className="chip",
    )  # fmt: skip
