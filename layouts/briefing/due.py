"""What is due next, beside what needs attention."""

from __future__ import annotations

from datetime import datetime, timedelta

from dash import dcc, html
from dash.development.base_component import Component

from briefing.due import Due, DueNext
from briefing.facts import DUE_WITHIN
from layouts import ids
from layouts.briefing.links import link
from layouts.pages import PAGES
from layouts.value_names import name_of
from metricstore.quantities import quantity
from metricstore.selection import Selection
from metricstore.windows import zone


def due_section() -> Component:
    return html.Section(
        html.Div(id=ids.BRIEFING_DUE, **{"data-follows": "selection"}),
        className="attention due",
        **{"aria-label": "Due next"},
    )


def due_list(found: DueNext | None, selection: Selection, default: Selection, now: datetime) -> list[Component]:
    """Nothing where the range is over."""
    if found is None:
        return []
    if not found.posts:
        said = f"Nothing is due in the next {DUE_WITHIN[1:-1]} days."
        return [html.H2("Due next"), html.P(said, className="panel-note")]
    page = PAGES[found.page]
    text = f"{quantity(found.total, 'posts')} due in the next {DUE_WITHIN[1:-1]} days."
    ahead = {"start": "now", "stop": DUE_WITHIN}
    everything = dcc.Link(f"All on {page.title}", href=link(page.key, selection, default, ahead))
    return [
        html.H2("Due next"),
        html.P([text, " ", everything], className="panel-note"),
        html.Ol([_post(post, selection.timezone, now) for post in found.posts], className="due-list"),
    ]


def _post(post: Due, timezone: str, now: datetime) -> Component:
    about = post.topic or name_of(post.status)
    return html.Li(
        [
            html.Span(when(post, timezone, now), className="due-time"),
            html.Span([html.Strong(name_of(post.platform)), " ", about]),
        ]
    )


def when(post: Due, timezone: str, now: datetime) -> str:
    """`today 14:05`, `tomorrow`, `Thu 3 Dec 09:00`, on the zone's wall clock."""
    local, today = post.at.astimezone(zone(timezone)), now.astimezone(zone(timezone)).date()
    names = {today: "today", today + timedelta(days=1): "tomorrow"}
    day = names.get(local.date(), f"{local:%a} {local.day} {local:%b}")
    return day if post.day_only else f"{day} {local:%H:%M}"
