"""Layouts and callbacks agree on every id, and two applications in one process do not share anything."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from dash.development.base_component import Component
from flask import Flask
from plotly.offline import get_plotlyjs_version

from dashapp.dash_app import PLOTLY, create_dash
from layouts.markup import Field
from layouts.page_frame import page_frame
from layouts.pages import PAGES
from layouts.shell import Viewer, shell
from layouts.table import table
from layouts.tables import Table, columns_of
from metricstore.assumptions import USUAL
from metricstore.duck import DuckStore
from tests.browser.scene import history


@pytest.fixture
def server(duck_store: DuckStore) -> Flask:
    app = Flask("wiring")
    app.secret_key = "only for this test"
    app.extensions["metricstore"] = duck_store
    create_dash(app)
    return app


def walk(component: Any) -> Iterator[Component]:
    if isinstance(component, Component):
        yield component
        for _, found in component._traverse_with_paths():
            if isinstance(found, Component):
                yield found
                yield from walk(getattr(found, "title", None))  # a drawer's heading is a component too


def ids_of(component: Component) -> list[str]:
    found = [getattr(part, "id", None) for part in walk(component)]
    return [json.dumps(name, sort_keys=True) if isinstance(name, dict) else name for name in found if name is not None]


def everything() -> list[Component]:
    drawer = table(Table("records", "Records", "generation", columns_of("generation")), {"chart": "x"})
    return [shell(Viewer("ada", "viewer")), *(page_frame(page, USUAL) for page in PAGES.values()), drawer]


def shape(name: str) -> str:
    """An id's kind: a pattern's keys and type, whatever its value."""
    if not name.startswith("{"):
        return name
    keys = json.loads(re.sub(r'\["(MATCH|ALL|ALLSMALLER)"\]', '"*"', name))
    return f"{keys['type']}({','.join(sorted(set(keys) - {'type'}))})"


def wired(server: Flask) -> set[str]:
    found = set()
    for callback in server.test_client().get("/_dash-dependencies").json or []:
        found |= {part["id"] for part in [*callback["inputs"], *callback["state"]]}
        output = callback["output"]
        for part in re.split(r"\.\.\.", output.strip(".")) if output.startswith("..") else [output]:
            if "__dash_no_output" not in part and part:
                found.add(part.rpartition(".")[0])
    return {shape(name) for name in found if name and not name.startswith("_")}


def test_every_id_a_callback_names_is_in_a_layout(server: Flask) -> None:
    known = {shape(name) for layout in everything() for name in ids_of(layout)}
    assert wired(server) - known == set()


def marked_up(part: Any) -> Iterator[Component]:
    """What the browser puts up without Dash: everything within `content`."""
    for one in walk(part):
        for found in getattr(one, "content", None) or ():
            yield from walk(found)


def test_what_dash_does_not_know_is_plain_html_without_ids_of_callbacks(server: Flask) -> None:
    named = wired(server)
    parts = [part for layout in everything() for part in marked_up(layout)]
    assert len(parts) > 1_000
    assert {part._namespace for part in parts if not isinstance(part, Field)} == {"dash_html_components"}
    assert {shape(name) for part in parts for name in ids_of(part)} & named == set()
    assert not [part for part in parts if hasattr(part, "n_clicks")]


@pytest.mark.parametrize("page", PAGES)
def test_no_id_is_twice_on_a_page(page: str) -> None:
    names = ids_of(shell(Viewer("ada", "viewer"))) + ids_of(page_frame(PAGES[page], USUAL))
    assert sorted(names) == sorted(set(names))


def test_every_chart_is_on_its_page() -> None:
    for page in PAGES.values():
        shown = {part.id["chart"] for part in walk(page_frame(page, USUAL)) if isinstance(getattr(part, "id", None), dict)
                 and part.id["type"] == "chart-answer"}  # fmt: skip
        assert shown == {chart.id for chart in page.charts}


def test_two_applications_in_one_process_both_work_and_share_nothing(tmp_path: Path) -> None:
    answers = []
    for number, points in enumerate(([], history())):
        store = DuckStore(tmp_path / f"{number}.duckdb")
        store.write(points)
        app = Flask(f"app{number}")
        app.secret_key = "only for this test"
        app.extensions["metricstore"] = store
        create_dash(app)
        answers.append((app, len(app.test_client().get("/_dash-dependencies").json or [])))
    assert answers[0][1] == answers[1][1] > 20
    statuses = [ask_chart(app)["status"] for app, _ in answers]
    assert statuses == ["empty", "ok"]


def ask_chart(app: Flask) -> dict[str, Any]:
    """What a browser sends for one chart, and what it gets."""
    chart = {"chart": "generations_by_outcome"}
    own = {**chart, "type": "chart-answer"}
    wanted = {"words": {}, "mode": "picture", "theme": "light"}
    output = '{"chart":["MATCH"],"type":"chart-answer"}.data'
    body = {
        "output": output,
        "outputs": {"id": own, "property": "data"},
        "inputs": [{"id": own, "property": "wanted", "value": wanted}],
        "state": [{"id": own, "property": "id", "value": own}],
        "changedPropIds": [],
    }
    answer = app.test_client().post("/_dash-update-component", json=body)
    assert answer.status_code == 200
    found: dict[str, Any] = next(iter((answer.json or {})["response"].values()))["data"]
    return found


def test_no_two_callbacks_are_one_to_dash(server: Flask) -> None:
    """Those without an output are told apart by their inputs alone."""
    outputs = [callback["output"] for callback in server.test_client().get("/_dash-dependencies").json or []]
    assert len(outputs) == len(set(outputs))


def test_a_page_asks_no_other_host(server: Flask) -> None:
    page = server.test_client().get("/").text
    assert "cdn." not in page
    assert "unpkg" not in page


def test_the_plotly_we_serve_is_the_version_the_figures_are_made_for() -> None:
    assert f"-{get_plotlyjs_version()}-" in PLOTLY
