"""Every place that shows or hands out a number, asked for the same one."""

from __future__ import annotations

import io
import json
import math
import tempfile
from collections.abc import Callable
from functools import partial
from typing import Any

import duckdb
import numpy as np
import openpyxl
import pandas as pd
from flask import Flask
from flask.testing import FlaskClient

from dashapp.embeds import keeping, links
from dashapp.embeds.model import Wanted
from layouts.charts import Chart, ChartData
from layouts.charts.marks import decimals_of_answers
from layouts.formats import number
from layouts.pages import CHARTS
from layouts.panel import MOST_ROWS, table_twin
from metricstore.metrics import metric
from metricstore.rounding import settled
from metricstore.selection import Selection, settled_now
from questions.charts import ask as ask_chart
from questions.tiles import ask as ask_tile
from tests.samenumber.world import State

EMPTY = math.nan


def total(values: Any) -> float:
    """A sum as everybody makes it: exact, then rounded once; not a number when there is nothing."""
    known = [float(value) for value in values if value is not None and not math.isnan(float(value))]
    return float(settled(np.array([math.fsum(known)]))[0]) if known else EMPTY


def trend_of(name: str) -> Chart:
    """A declared chart that draws the metric over time, added up over its groups."""
    return next(
        c for c in CHARTS.values() if c.metric == name and c.every == "selection" and c.draw.__name__ == "stacked_bars"
    )


class Surfaces:
    """Asks one application in every way it can be asked."""

    def __init__(self, app: Flask, client: FlaskClient, headers: dict[str, str]) -> None:
        self.app, self.client, self.headers = app, client, headers
        self.store = app.extensions["metricstore"]

    def numbers(self, state: State) -> dict[str, float]:
        """The whole range's number by surface."""
        return {name: found(state) for name, found in self.ways().items()}

    def ways(self) -> dict[str, Callable[[State], float]]:
        files = {f"file, {kind}": partial(self.file, kind) for kind in READERS}
        return {"tile": self.tile, "chart": self.chart, "table twin": self.table, "api": self.api,
                "api, window by window": self.api_windows, "embed": self.embed, **files}  # fmt: skip

    def tile(self, state: State) -> float:
        return ask_tile(self.store, metric(state.metric), state.selection, settled_now()).value

    def chart(self, state: State) -> float:
        answers = ask_chart(self.store, trend_of(state.metric), state.selection)
        main = answers.pop("")
        figure = trend_of(state.metric).draw(ChartData(main, answers, state.selection, "light"))
        return _whole(state, [y for trace in figure.data if trace["type"] == "bar" for y in trace["y"]])

    def table(self, state: State) -> float:
        """What the table shows is what its answer says, row by row, as far as digits are shown."""
        (answer,) = ask_chart(self.store, trend_of(state.metric), state.selection).values()
        shown = [text.removeprefix("≥ ") for text in _texts(table_twin(trend_of(state.metric), [answer]))]
        values = answer.frame["value"]
        if len(values) <= MOST_ROWS:
            decimals = decimals_of_answers([answer], answer.metric.unit)
            assert sorted(shown) == sorted(number(value, decimals) for value in values.dropna())
        return _whole(state, values)

    def api(self, state: State) -> float:
        (row,) = self._get(state, every="none")["data"]
        return EMPTY if row["value"] is None else float(row["value"])

    def api_windows(self, state: State) -> float:
        return total(row["value"] for row in self._get(state)["data"])

    def file(self, kind: str, state: State) -> float:
        """What a program reads from the downloaded chart. Its own proof says the same."""
        chart = trend_of(state.metric)
        response = self.client.get(f"/download/chart/{chart.id}.{kind}", query_string=state.words, headers=self.headers)
        assert response.status_code == 200, response.get_data(as_text=True)
        return _whole(state, READERS[kind](response.get_data()))

    def embed(self, state: State) -> float:
        """What somebody without an account sees through a link that is locked to all of it."""
        chart = trend_of(state.metric)
        known = (*chart.declared.source.columns, "start", "stop", "tz", "every")
        words = {name: text for name, text in state.words.items() if name in known}
        made = keeping.create(self.app.extensions["accounts"], Wanted("chart", chart.id, words), None, Selection())
        with self.app.test_request_context():
            address = links.url(made, "", kind=".json")
        figures = self.app.test_client(use_cookies=False).get(address).get_json()
        traces = figures[chart.id]["data"] if chart.id in figures else []
        return _whole(state, [y for trace in traces if trace["type"] == "bar" for y in trace["y"]])

    def _get(self, state: State, **more: str) -> dict[str, Any]:
        columns = metric(state.metric).source.columns
        words = {k: v for k, v in state.words.items() if k in columns or k in ("start", "stop", "tz", "every")}
        response = self.client.get(
            f"/api/v1/metrics/{state.metric}", query_string={**words, **more}, headers=self.headers
        )
        assert response.status_code == 200, response.get_data(as_text=True)
        found: dict[str, Any] = response.get_json()
        return found


def _whole(state: State, parts: Any) -> float:
    """The sum of groups and windows; counting nothing gives 0, adding up nothing gives nothing."""
    counted = metric(state.metric).measure.aggregate == "count"
    return 0.0 if counted and not len(parts) else total(parts)


def _csv(data: bytes) -> list[float]:
    frame = pd.read_csv(io.BytesIO(data))
    return frame.iloc[:, _value_place(list(frame.columns))].dropna().tolist()


def _json(data: bytes) -> list[float | None]:
    document = json.loads(data)
    rows = document["data"]
    return [row[list(row)[_value_place(list(row))]] for row in rows]


def _parquet(data: bytes) -> list[float | None]:
    with tempfile.NamedTemporaryFile(suffix=".parquet") as file:
        file.write(data)
        file.flush()
        found = duckdb.sql(f"SELECT * FROM '{file.name}'")
        return [row[_value_place(found.columns)] for row in found.fetchall()]


def _xlsx(data: bytes) -> list[Any]:
    sheet = openpyxl.load_workbook(io.BytesIO(data), read_only=True)["Data"]
    heads, *rows = sheet.iter_rows(values_only=True)
    return [row[_value_place([str(head) for head in heads])] for row in rows]


def _value_place(columns: list[str]) -> int:
    """Where the numbers stand: in the last column that is neither proof of completeness nor says something of them."""
    beside = ("_missing", "_bound", "_rows_not_counted")
    return max(
        place for place, name in enumerate(columns) if name and not name.startswith("_") and not name.endswith(beside)
    )


READERS: dict[str, Callable[[bytes], list[Any]]] = {"csv": _csv, "json": _json, "parquet": _parquet, "xlsx": _xlsx}


def _texts(component: Any) -> list[str]:
    """The number cells of a table, top to bottom."""
    found: list[str] = []
    children = getattr(component, "children", None)
    if getattr(component, "className", None) == "number" and isinstance(children, str):
        return [children]
    for child in children if isinstance(children, list | tuple) else [children]:
        if child is not None and not isinstance(child, str):
            found += _texts(child)
    return found
