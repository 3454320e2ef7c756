"""What callbacks hand to the browser as markup is HTML alone: a component of Dash within it would come up as nothing, or as something else."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from dash import dcc, html
from dash.development.base_component import Component
from flask import Flask

from callbacks.briefing import answer_briefing
from callbacks.charts import answer_chart
from callbacks.filters import describe
from callbacks.freshness import freshness, show_warnings
from callbacks.records import open_drawer
from callbacks.tables import answer_table
from callbacks.tiles import answer_tiles
from layouts.pages import CHARTS, PAGES
from metricstore.duck import DuckStore
from tests.browser.scene import history

STATE: dict[str, Any] = {"sort": "time", "descending": True, "page": 0, "words": {}}
SCOPE: dict[str, Any] = {"measurement": "generation", "columns": ["time", "platform", "outcome"]}
WORDS = (
    {},
    {"platform": "linkedin"},
    {"platform": "nobody"},
    {"start": "2001-01-01", "stop": "2001-02-01"},
    {"start": "x"},
    {"agg": "x", "topic": "~a"},
)


@pytest.fixture(autouse=True)
def app(duck_store: DuckStore) -> Iterator[Flask]:
    duck_store.write(history())
    found = Flask("answers")
    found.extensions["metricstore"] = duck_store
    with found.test_request_context("/"):
        yield found


def not_plain(content: Any) -> Iterator[Any]:
    """What may not stand in markup, and lists within lists, which have no place in HTML."""
    if content is None or isinstance(content, str | int | float):
        return
    for one in content if isinstance(content, list | tuple) else [content]:
        if isinstance(one, Component) and one._namespace == "dash_html_components":
            yield from not_plain(getattr(one, "children", None))
        elif one is not None and not isinstance(one, str | int | float):
            yield one


@pytest.mark.parametrize("words", WORDS, ids=str)
def test_answers_are_html_alone(words: dict[str, str]) -> None:
    shown: list[Any] = [
        describe(words)[0],
        freshness(1, words)[2],
        show_warnings({"warnings": {"app_log": ["odd"]}, "collecting": "a:1"}),
    ]
    shown += [answer_tiles(words, None, "light", {"page": page})[0] for page in PAGES]
    shown += answer_briefing(words, None)[:3]
    shown.append(answer_table(words, STATE, SCOPE)[0])
    for chart in list(CHARTS)[::4]:
        answer = answer_chart(words, "table", "light", {"chart": chart})
        shown += [answer.get("message"), answer.get("table")]
    assert [one for part in shown for one in not_plain(part)] == []


def test_a_drawers_record_is_html_alone() -> None:
    rows, _ = answer_table({}, STATE, SCOPE)
    record = rows[0].__dict__["data-go"].split('"')[3]
    for view in ({"_record": record}, {"_change": "generations"}):
        _, _, body = open_drawer(view, {})
        assert list(not_plain(body.content)) == []


def test_what_is_not_plain_is_seen() -> None:
    assert list(not_plain(html.P(dcc.Link("x", href="/")))) and list(not_plain([["x"]]))
