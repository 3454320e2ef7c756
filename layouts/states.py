"""What a chart, a table or a page says when there is nothing to draw."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime

from dash import html
from dash.development.base_component import Component

from layouts.charts.caveats import empty_sentence
from layouts.formats import filter_text
from metricstore.emptiness import Cause
from metricstore.selection import Selection
from metricstore.windows import zone


def skeleton(height: int) -> Component:
    """A quiet placeholder of the final height, so that nothing jumps."""
    return html.Div(html.Div(className="skeleton-bars"), className="skeleton", style={"height": height},
                    role="status", **{"aria-label": "Loading"})  # fmt: skip


def empty(cause: Cause, what: str, selection: Selection, figure: str = "", now: datetime | None = None) -> Component:
    """Why there is nothing, and one button for each thing that would widen the question."""
    changes: list[tuple[str, dict[str, str | None]]] = []
    if cause.kind == "filtered":
        words = {column: selection.where[column] for column in cause.filters if column in selection.where}
        changes = [(f"Without “{filter_text(column, own)}”", {column: None}) for column, own in words.items()]
        if not cause.alone and len(words) > 1:
            changes = [("Without filters", dict.fromkeys(words))]
    elif cause.stored is not None:
        place = zone(selection.timezone)
        first, last = (f"{moment.astimezone(place):%Y-%m-%d}" for moment in cause.stored)
        start, stop = selection.range(now or datetime.now(UTC))
        if cause.stored[0] < start or stop <= cause.stored[1]:  # else it would change nothing
            changes = [("Show all time", {"start": first, "stop": f"{last}T23:59:59"})]
    sentence = empty_sentence(cause, what, selection, figure)
    buttons = [go_button(text, change) for text, change in changes]
    return html.Div([html.P(sentence, className="state-text"), html.Div(buttons, className="state-actions")],
                    className="state state-empty")  # fmt: skip


def search_on(found: int, edge: datetime, limit: str, timezone: str) -> Component:
    """How far a search got. `limit` is what of the range has to be moved to go on, `start` or `stop`; "" where it can't be."""
    place = edge.astimezone(zone(timezone))
    direction, rest = ("up", "Later records") if limit == "start" else ("back", "Older records")
    said = f"{'Nothing' if not found else f'{found:,}'} found, searched {direction} to {place:%Y-%m-%d %H:%M}."
    if not limit:
        return html.Div(
            html.P(f"{said} Choose a shorter range to search all of it.", className="state-text"), className="state"
        )
    button = go_button(f"Search {rest.lower()}", {limit: f"{place:%Y-%m-%dT%H:%M:%S.%f}"})
    words = f"{said} {rest} were not searched yet."
    return html.Div(
        [html.P(words, className="state-text"), html.Div(button, className="state-actions")], className="state"
    )


def unset_assumptions(titles: Sequence[str]) -> Component:
    """Numbers that it would rest on are invented until somebody sets them: the page has fields for them above."""
    sentence = f"{empty_sentence(Cause('not set', unset=tuple(titles)), '', Selection())} Set them above."
    return html.Div(html.P(sentence, className="state-text"), className="state state-empty")


def failed(sentence: str, error_id: str) -> Component:
    """What went wrong, with the id under which the server's log tells the rest. Without one it is not the server's fault,
    and asking the same again would not help."""
    ours = [
        html.P(["Error id ", html.Code(error_id), " in the server's log."], className="state-id"),
        html.Button("Try again", className="button small", **{"data-again": "true"}),
    ]
    return html.Div(
        [html.P(sentence, className="state-text"), *(ours if error_id else ())],
        className="state state-failed",
        role="alert",
    )


def go_button(text: str, changes: dict[str, str | None], class_name: str = "button small") -> Component:
    """A button that changes the query string: `board.js` reads `data-go`."""
    return html.Button(text, className=class_name, type="button", **go(changes))


def go(changes: dict[str, str | None]) -> dict[str, str]:
    """The attribute that makes any element change the query string; None removes a key."""
    return {"data-go": json.dumps(changes, ensure_ascii=False)}
