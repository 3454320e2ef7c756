"""`/tables`: every table of every page, with the very rows the page and its download show."""

from __future__ import annotations

import csv
import io
import random
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from layouts.pages import TABLES
from layouts.tables import Table
from metricstore.point import Point, nanoseconds
from metricstore.selection import Selection
from questions.tables import question
from tests.api.conftest import Api

LISTED = {one.id: one for tables in TABLES.values() for one in tables}
NOW = datetime.now(UTC).replace(microsecond=0)
RANGE = {"start": (NOW - timedelta(days=9)).isoformat(), "stop": (NOW + timedelta(days=9)).isoformat()}


def points() -> Iterator[Point]:
    """Every column of every table's measurement filled, some days back and some ahead."""
    chance = random.Random(5)
    for number in range(160):
        for source in {one.source.name: one.source for one in LISTED.values()}.values():
            moment = nanoseconds(NOW + timedelta(days=number / 8 - 8)) + number
            tags = {tag.name: chance.choice(tag.values) if tag.values else f"{tag.name}1" for tag in source.tags}
            fields: dict[str, Any] = {}
            for column in source.fields:
                if column.type == "string":
                    fields[column.name] = chance.choice(column.values or ("a", "b, c", ""))
                else:
                    fields[column.name] = chance.randint(1, 99) if column.type == "int" else chance.randint(1, 99) / 8
            yield Point(source.name, moment, tags, fields)


@pytest.fixture
def filled(api: Api) -> Api:
    assert not api.store.write(list(points())).rejected
    return api


def on_the_page(api: Api, listed: Table) -> list[str]:
    """Ids of the rows of its first page."""
    state = {"sort": listed.order, "descending": listed.descending, "page": 0, "words": {}}
    scope = {"measurement": listed.measurement, "columns": list(listed.columns), "table": listed.id}
    asked = question(Selection.from_params(RANGE), listed.source, state, scope, datetime.now(UTC))
    return [str(name) for name in api.store.records(asked).frame["_id"]]


def test_every_table_of_every_page_is_listed_with_its_columns_and_units(api: Api) -> None:
    told = {one["id"]: one for one in api.get("/tables")["data"]}
    assert list(told) == [name for page in api.get("/pages")["data"] for name in page["tables"]]
    for name, one in told.items():
        assert [column["name"] for column in one["columns"]] == list(LISTED[name].columns)
        assert all(column["meaning"] for column in one["columns"])
    units = {column["name"]: column["unit"] for column in told["ai_calls"]["columns"]}
    assert (units["duration_seconds"], units["input_tokens"], units["provider"]) == ("s", "tokens", None)


@pytest.mark.parametrize("name", LISTED)
def test_its_rows_columns_and_order_are_those_of_the_page(filled: Api, name: str) -> None:
    expected = on_the_page(filled, LISTED[name])
    assert expected, "there is something to compare"
    page = filled.get(f"/tables/{name}/data", **RANGE, limit="25", total="true")
    assert [row["id"] for row in page["data"]] == expected
    assert set(page["data"][0]) == {"id", "time", *LISTED[name].columns}
    assert (page["table"], page["measurement"]) == (name, LISTED[name].measurement)
    whole = filled.get(f"/tables/{name}/data", **RANGE, limit="all")
    assert len(whole["data"]) == page["total"] >= len(expected)
    assert whole["data"][: len(expected)] == page["data"]
    assert "measurement" in whole
    file = filled.raw(f"/tables/{name}/data", {**RANGE, "limit": "all", "format": "csv"}).get_data(as_text=True)
    rows = csv.DictReader(io.StringIO("".join(line for line in file.splitlines(True) if not line.startswith("#"))))
    assert len(list(rows)) == page["total"]


@pytest.mark.parametrize("name", ["ai_calls", "next_posts", "stuck_posts"])
def test_pages_of_it_meet_every_row_once(filled: Api, name: str) -> None:
    address, seen = f"/tables/{name}/data?start=-9d&stop=%2B9d&limit=2&order=-time", []
    while address:
        answer = filled.raw(address)
        assert answer.status_code == 200, answer.get_data(as_text=True)
        seen += [row["id"] for row in answer.get_json()["data"]]
        link = re.fullmatch(r'</api/v1(.+)>; rel="next"', answer.headers.get("Link", ""))
        address = link[1] if link else ""
    whole = filled.get(f"/tables/{name}/data", start="-9d", stop="+9d", limit="all", order="-time")
    assert seen == [row["id"] for row in whole["data"]]
    assert len(set(seen)) == len(seen) > 2


def test_sorting_filters_and_columns_are_asked_as_of_records(filled: Api) -> None:
    rows = filled.get("/tables/ai_calls/data", **RANGE, order="input_tokens", outcome="error", columns="input_tokens")[
        "data"
    ]
    assert [row["input_tokens"] for row in rows] == sorted(row["input_tokens"] for row in rows)
    assert set(rows[0]) == {"id", "time", "input_tokens"}
    assert 0 < len(rows) < len(filled.get("/tables/ai_calls/data", **RANGE)["data"])


def test_its_own_conditions_hold_beside_those_that_are_asked(filled: Api) -> None:
    assert {row["state"] for row in filled.get("/tables/stuck_posts/data", **RANGE)["data"]} <= {"stuck", "failed"}
    assert filled.get("/tables/stuck_posts/data", **RANGE, state="done")["data"] == []
    ahead = filled.get("/tables/next_posts/data", start="-9d", stop="-8d")
    assert ahead["data"]
    assert all(datetime.fromisoformat(row["time"]) >= NOW for row in ahead["data"])


@pytest.mark.parametrize(
    ("address", "status", "parameter"),
    [("/tables/nonsense/data", 404, "name"), ("/tables/ai_calls/data?topic=x", 400, "topic"),
     ("/tables/ai_calls/data?every=1d", 400, "every"), ("/tables/ai_calls/data?order=-nonsense", 400, "order"),
     ("/tables/ai_calls/data?columns=nonsense", 400, "columns"), ("/tables?page=ai", 400, "page"),
     ("/tables/ai_calls/data?limit=all&cursor=x", 400, "cursor")],
)  # fmt: skip
def test_mistakes_are_told(api: Api, address: str, status: int, parameter: str) -> None:
    answer = api.raw(address)
    assert answer.status_code == status, answer.get_data(as_text=True)
    assert answer.get_json().get("parameter", "name") == parameter
