"""The briefing as it stands on the Overview."""

from __future__ import annotations

from collections.abc import Mapping

from dash import dcc, html
from dash.development.base_component import Component

from briefing.facts import MEASUREMENTS, Facts
from layouts import ids
from layouts.briefing.attention import needed
from layouts.briefing.clauses import SIGNS, Clause, Need
from layouts.briefing.who import ADMINISTRATORS
from layouts.briefing.words import judged
from layouts.markup import Markup, page_link
from layouts.unbroken import unbroken
from metricstore.quantities import quantity
from metricstore.selection import Selection

MOST_SOURCES = 3
"""More that are late or fail have one cause, and stand as one."""


def briefing() -> list[Component]:
    """As it stands before the first answer: of its usual height, so that nothing jumps."""
    return [
        dcc.Store(id=ids.BRIEFING_FACTS, data={"measurements": [*MEASUREMENTS, "goals"]}),
        dcc.Store(id=ids.BRIEFING_SEEN),
        dcc.Store(id=ids.BRIEFING_TICK),
        Markup(
            [html.P("Reading the figures …", className="verdict waiting")],
            tag="section",
            id=ids.BRIEFING,
            className="briefing",
            **{"aria-label": "Briefing", "data-follows": "selection"},
        ),
    ]


def attention() -> Component:
    return html.Section(
        [
            html.H2("Needs attention"),
            html.P(
                "Most urgent first, grouped by the most likely cause, with whose work it is. Each link opens the records.",
                className="panel-note",
            ),
            Markup(tag="ul", id=ids.BRIEFING_NEEDS, className="needs"),
            Markup(tag="ul", id=ids.BRIEFING_QUIET, className="needs"),
        ],
        className="attention",
        **{"aria-label": "Needs attention"},
    )


def verdict(facts: Facts, default: Selection) -> list[Component]:
    found = judged(facts, default)
    parts: list[Component | str] = [html.Strong(f"{found.opening}: ")] if found.opening else []
    for clause in found.clauses:
        parts += [*_clause(clause), " "]
    said: list[Component] = [html.P(parts or "There is not enough data for this range yet.", className="verdict")]
    if not facts.standings:
        said.append(html.P(["No goal is set for this view, so figures are compared with what is usual on the same weekdays. ", html.A("Goals", href="/goals")],
                           className="verdict-unknown"))  # fmt: skip
    if found.unknown:
        said.append(html.P(f"Not known: {'; '.join(found.unknown)}.", className="verdict-unknown"))
    return said


def _clause(clause: Clause) -> list[Component | str]:
    sign, meaning = SIGNS[clause.severity]
    mark = html.Span([html.Span(sign, **{"aria-hidden": "true"}), html.Span(f"{meaning}: ", className="sr-only")],
                     className=f"sign {clause.severity}") if meaning else None  # fmt: skip
    proof = page_link(unbroken(clause.proved), clause.href, f"proof {clause.severity}")
    return [*([mark, "\u00a0"] if mark else []), proof, *unbroken(f"{clause.rest}.")]


def needs(facts: Facts, default: Selection) -> list[Component]:
    found = needed(facts, default)
    return (
        [_need(one) for one in found]
        if found
        else [html.Li("Nothing in this range needs attention.", className="need-none")]
    )


def quiet_sources(wrong: Mapping[str, str]) -> list[Component]:
    """Sources that are not read, or quieter than usual, in the words that the header has for them."""
    texts = list(wrong.values())
    if len(texts) <= MOST_SOURCES:
        detail = "Figures from this source may be out of date."
        return [_need(Need("warn", text, detail, "/data-health", "Check source", ADMINISTRATORS)) for text in texts]
    names = [text.partition(":")[0] for text in texts]
    detail = (
        f"{', '.join(names[:MOST_SOURCES])} and {len(names) - MOST_SOURCES} more: their figures may be out of date."
    )
    title = f"{quantity(len(texts), 'sources')} are not read as they should be"
    return [_need(Need("warn", title, detail, "/data-health", "Check sources", ADMINISTRATORS))]


def _need(one: Need) -> Component:
    sign, meaning = SIGNS[one.severity]
    return html.Li(
        [
            html.Span([html.Span(sign, **{"aria-hidden": "true"}), html.Span(meaning, className="sr-only")],
                      className=f"sign {one.severity}"),
            html.Div([html.Strong(one.title), html.Span(f"Who acts: {one.who}", className="who") if one.who else None,
                      html.P(one.detail) if one.detail else None]),
            page_link([one.action, html.Span(f": {one.title}", className="sr-only")], one.href),
        ],
        className="need",
    )  # fmt: skip


def unknown(sentence: str) -> Component:
    return html.P(sentence, className="verdict-unknown", role="alert")


def older(text: str) -> Component:
    return html.P(text, className="tiles-older", role="status")
