"""Files by HTTP: who gets which, exactly what is on screen, told before the first byte what can't be had."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import openpyxl
import pandas as pd
import pytest
from flask import Flask

from dashapp.accounts.tokens import create_token
from dashapp.downloads import formats
from dashapp.downloads.routes import PLACES
from layouts.charts import CHARTS
from layouts.table import TABLES
from metricstore.catalogue import MEASUREMENTS
from metricstore.duck import DuckStore
from metricstore.errors import StoreUnreachable
from metricstore.point import Point, nanoseconds
from tests.web.conftest import Person

RANGE = "start=-30d&tz=Europe/Berlin"


def rows_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


@pytest.mark.parametrize("kind", ["csv", "xlsx", "parquet", "json", "ndjson"])
def test_every_chart_table_and_measurement_is_a_file(ann: Person, kind: str) -> None:
    tables = [table.id for listed in TABLES.values() for table in listed]
    addresses = [f"chart/{name}" for name in CHARTS] + [f"table/{name}" for name in tables]
    addresses += [f"records/{name}" for name in MEASUREMENTS]
    for address in addresses:
        answer = ann.client.get(f"/download/{address}.{kind}?{RANGE}&platform=linkedin&compare=previous")
        assert answer.status_code == 200, address
        assert answer.headers["Content-Disposition"].endswith(f'.{kind}"'), address


def test_the_file_holds_what_filters_window_and_zone_say(ann: Person) -> None:
    rows = rows_of(
        ann.client.get(f"/download/chart/generations_by_outcome.csv?{RANGE}&every=1d&platform=linkedin").text
    )
    assert sum(int(row["generations [posts]"]) for row in rows if row["generations [posts]"]) == 30
    assert {row["outcome"] for row in rows} == {"ok", "failed"}
    assert all(row["time"].endswith(("T00:00:00+01:00", "T00:00:00+02:00")) or row is rows[0] for row in rows)
    found = json.loads(
        ann.client.get(f"/download/records/log_record.json?{RANGE}&level=ERROR&_order=time&_columns=level,line").text
    )
    assert [sorted(row) for row in found["data"][:1]] == [["_id", "level", "line", "time"]] or found["data"][0][
        "level"
    ] == "ERROR"
    assert [row["line"] for row in found["data"]] == sorted(row["line"] for row in found["data"])


def test_pandas_reads_it_without_options_and_excel_finds_types(ann: Person) -> None:
    answer = ann.client.get(f"/download/records/generation.csv?{RANGE}")
    frame = pd.read_csv(io.BytesIO(answer.data), parse_dates=["time"])
    assert len(frame) == 50
    assert frame["duration_seconds"].dtype == "float64"
    book = openpyxl.load_workbook(io.BytesIO(ann.client.get(f"/download/records/generation.xlsx?{RANGE}").data))
    heads, first = list(book["Data"].iter_rows(max_row=2, values_only=True))
    values = dict(zip(heads, first, strict=True))
    assert isinstance(values["time [Europe/Berlin]"], datetime)
    assert isinstance(values["duration_seconds"], float)
    assert isinstance(values["platform"], str)


def test_a_stranger_gets_the_login_or_401_and_a_token_needs_the_scope(app: Flask) -> None:
    address = f"/download/records/generation.csv?{RANGE}"
    assert app.test_client().get(address, headers={"Accept": "text/html"}).status_code == 302
    assert app.test_client().get(address).status_code == 401
    accounts = app.extensions["accounts"]
    user = accounts.find("ann")
    for scopes, status in ((["export"], 200), (["read"], 403), (None, 200)):
        token = create_token(user, "t", accounts=accounts, scopes=scopes)
        answer = app.test_client().get(address, headers={"Authorization": f"Bearer {token}"})
        assert answer.status_code == status
        assert status == 200 or "export" in answer.get_json()["detail"]


def test_a_narrowed_user_gets_a_narrowed_file(app: Flask, ann: Person) -> None:
    app.extensions["accounts"].set_platforms("ann", ["twitter"])
    rows = rows_of(ann.client.get(f"/download/records/generation.csv?{RANGE}").text)
    assert {row["platform"] for row in rows} == {"twitter"}
    assert ann.client.get(f"/download/records/log_record.csv?{RANGE}").status_code == 403
    refused = ann.client.get(f"/download/page/events.zip?{RANGE}")
    assert refused.status_code == 200


@pytest.mark.parametrize("address", [
    "/download/chart/nothing.csv", "/download/chart/posts_by_status.pdf", "/download/records/nothing.csv",
    "/download/table/nothing.csv", "/download/page/nothing.zip",
])  # fmt: skip
def test_what_is_not_there_is_404_with_what_is(ann: Person, address: str) -> None:
    answer = ann.client.get(address)
    assert answer.status_code == 404
    assert answer.get_json()["known"]


@pytest.mark.parametrize("words", ["start=someday", "decimal=both", "_order=nothing", "_columns=nothing", "every=3x"])
def test_a_bad_word_is_400_and_named(ann: Person, words: str) -> None:
    answer = ann.client.get(f"/download/records/generation.csv?{words}")
    assert answer.status_code == 400
    assert words.partition("=")[2] in answer.get_json()["detail"]


def test_more_rows_than_a_sheet_holds_are_refused_before_the_first_byte(
    ann: Person, monkeypatch: pytest.MonkeyPatch
) -> None:  # fmt: skip
    from dataclasses import replace

    small = replace(formats.FORMATS["xlsx"], most_rows=20)  # type: ignore[type-var]
    monkeypatch.setitem(formats.FORMATS, "xlsx", small)
    answer = ann.client.get(f"/download/records/generation.xlsx?{RANGE}")
    assert answer.status_code == 400
    assert "CSV" in answer.get_json()["detail"]
    assert "50" in answer.get_json()["detail"]


def test_a_store_that_is_down_and_a_full_house_are_told_with_a_status(
    app: Flask, ann: Person, monkeypatch: pytest.MonkeyPatch
) -> None:  # fmt: skip
    places = app.extensions[PLACES]
    while places.acquire(blocking=False):
        pass
    full = ann.client.get(f"/download/records/generation.csv?{RANGE}")
    assert full.status_code == 503
    assert "Retry-After" in full.headers
    places.release()
    monkeypatch.setattr(app.extensions["metricstore"], "lines", _down)
    monkeypatch.setattr(app.extensions["metricstore"], "stream", _down)
    assert ann.client.get(f"/download/records/generation.csv?{RANGE}").status_code == 503
    monkeypatch.undo()
    assert ann.client.get(f"/download/records/generation.csv?{RANGE}").status_code == 200


def _down(*_: object, **__: object) -> None:
    raise StoreUnreachable("connection refused")


def test_places_are_given_back_also_by_those_who_leave_or_only_ask_for_the_head(app: Flask, ann: Person) -> None:
    for _ in range(12):
        for ask in (ann.client.head, ann.client.get):
            answer = ask(f"/download/records/generation.csv?{RANGE}", buffered=False)
            assert answer.status_code == 200
            answer.close()  # as a server does when the reader has gone
    assert ann.client.get(f"/download/records/generation.csv?{RANGE}").status_code == 200


def test_formulas_are_defused_in_text_and_numbers_left_alone(make_app: Callable[[DuckStore], Flask]) -> None:
    store = DuckStore(None)
    moment = datetime.now(UTC) - timedelta(hours=1)
    texts = ("=cmd|'/c calc'!A0", "+1", "-1", "@x", "\tx", "plain")
    store.write([
        Point("generation", nanoseconds(moment) + place, {"platform": "linkedin"},
              {"outcome": "ok", "topic": text, "duration_seconds": -1.5})
        for place, text in enumerate(texts)
    ])  # fmt: skip
    person = Person(make_app(store).test_client(), "ann")
    person.log_in()
    rows = rows_of(person.client.get("/download/records/generation.csv?start=-1d").text)
    assert sorted(row["topic"] for row in rows) == sorted(["'" + text for text in texts[:-1]] + ["plain"])
    assert {row["duration_seconds"] for row in rows} == {"-1.5"}
    store.close()


def test_dates_are_cells_of_dates_and_names_carry_the_dates_of_the_zone(ann: Person, app: Flask) -> None:
    day = nanoseconds(datetime(2026, 11, 10, tzinfo=UTC)) + 77
    tags = {"platform": "linkedin", "time_kind": "date"}
    app.extensions["metricstore"].write([Point("post", day, tags, {"topic": "Dated", "status": "draft"})])
    for zone in ("Pacific/Auckland", "America/New_York"):
        answer = ann.client.get(f"/download/records/post.xlsx?start=2026-11-10&stop=2026-11-11&tz={zone}")
        assert "post_20261110-20261111.xlsx" in answer.headers["Content-Disposition"]
        sheet = openpyxl.load_workbook(io.BytesIO(answer.data))["Data"]
        (row,) = sheet.iter_rows(min_row=2)
        assert (row[0].value, row[0].number_format.replace("\\", ""), row[1].value) == (
            datetime(2026, 11, 10),
            "yyyy-mm-dd",
            None,
        )
        text = ann.client.get(f"/download/records/post.json?start=2026-11-10&stop=2026-11-11&tz={zone}").text
        assert [found["time"] for found in json.loads(text)["data"]] == ["2026-11-10"]
        assert len(json.loads(text)["proof"]["newest_record"]) == len("2026-11-10")
