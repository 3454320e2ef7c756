"""What is due next, beside what needs attention."""

from __future__ import annotations

from datetime import datetime, timedelta

from dash import html
from dash.development.base_component import Component

from briefing.due import Due, DueNext
from briefing.facts import DUE_WITHIN
from layouts import ids
from layouts.briefing.links import link
from layouts.formats import filter_text, not_filtered_by
from layouts.markup import Markup, page_link
from layouts.pages import PAGES
from layouts.value_names import name_of
from metricstore.quantities import quantity
from metricstore.selection import Selection
from metricstore.windows import zone

_USUAL = "scheduled"
"""The status that goes without saying."""


def due_section() -> Component:
    return Markup(
        tag="section",
        id=ids.BRIEFING_DUE,
        className="attention due",
        **{"aria-label": "Due next", "data-follows": "selection"},
    )


def due_list(found: DueNext | None, selection: Selection, default: Selection, now: datetime) -> list[Component]:
    """Nothing where the range is over."""
    if found is None:
        return []
    within = f"due in the next {DUE_WITHIN[1:-1]} days{_filters(found, selection)}."
    if not found.posts:
        return [html.H2("Due next"), html.P(f"Nothing is {within}", className="panel-note")]
    page = PAGES[found.page]
    text = f"{quantity(found.total, 'posts')} {within}"
    ahead = {"start": found.start, "stop": DUE_WITHIN}
    everything = page_link(f"All on {page.title}", link(page.key, selection, default, ahead))
    return [
        html.H2("Due next"),
        html.P([text, " ", everything], className="panel-note"),
        html.Ol([_post(post, selection.timezone, now) for post in found.posts], className="due-list"),
    ]


def _filters(found: DueNext, selection: Selection) -> str:
    """` (Status: posted; not filtered by topic)`: a chosen status may be none that waits, and other filters may not be known here."""
    status = selection.where.get("status", ())
    said = [filter_text("status", status) if status else "", not_filtered_by(found.ignored)]
    return f" ({'; '.join(filter(None, said))})" if any(said) else ""


def _post(post: Due, timezone: str, now: datetime) -> Component:
    usual = post.status in ("", _USUAL)
    about = " · ".join(filter(None, (post.topic, "" if usual and post.topic else name_of(post.status, "status"))))
    return html.Li(
        [
            html.Span(when(post, timezone, now), className="due-time"),
            html.Span([html.Strong(name_of(post.platform, "platform")), " ", about]),
        ]
    )


def when(post: Due, timezone: str, now: datetime) -> str:
    """`today 14:05`, `tomorrow`, `Thu 3 Dec 09:00`, on the zone's wall clock."""
    local, today = post.at.astimezone(zone(timezone)), now.astimezone(zone(timezone)).date()
    names = {today: "today", today + timedelta(days=1): "tomorrow"}
    day = names.get(local.date(), f"{local:%a} {local.day} {local:%b}")
    return day if post.day_only else f"{day} {local:%H:%M}"
