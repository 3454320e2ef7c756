"""Files by HTTP: who gets which, exactly what is on screen, told before the first byte what can't be had."""

from __future__ import annotations

import csv
import io
import json
import re
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import openpyxl
import pandas as pd
import pytest
from flask import Flask

from dashapp.accounts.tokens import create_token
from dashapp.downloads import formats
from dashapp.downloads.routes import PLACES
from dashapp.downloads.verify import verify
from layouts.pages import CHARTS, TABLES
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
    assert sum(int(row["generations"]) for row in rows if row["generations"]) == 30
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


def test_a_csv_is_rows_alone_and_its_proof_is_where_it_is_asked_for(ann: Person, tmp_path: Path) -> None:
    for what in ("records/generation", "chart/generations_by_outcome", "table/log_records"):
        for kind in ("csv", "ndjson"):
            address = f"/download/{what}.{kind}?{RANGE}"
            plain = ann.client.get(address)
            assert b"_proof" not in plain.data
            assert b"_proof" in ann.client.get(f"{address}&proof=1").data
            path = tmp_path / f"{what.rpartition('/')[2]}.{kind}"
            path.write_bytes(plain.data)
            assert verify(path).state == "unproven"
            beside = ann.client.get(re.findall("<(.*)>", plain.headers["Link"])[0])
            assert beside.headers["Content-Disposition"].endswith(f'.{kind}.proof.json"')
            (tmp_path / f"{path.name}.proof.json").write_bytes(beside.data)
            assert verify(path).state == "complete"
    refused = ann.client.get(f"/download/records/generation.xlsx?{RANGE}&proof=file")
    assert (refused.status_code, refused.get_json()["parameter"]) == (400, "proof")


def test_columns_are_called_alike_in_every_format_without_units(ann: Person) -> None:
    for what in ("records/generation", "chart/generation_duration_trend", "chart/generations_by_outcome"):
        address = f"/download/{what}.%s?{RANGE}&compare=previous"
        document = ann.client.get(address % "json").get_json()
        names = [column["name"] for column in document["columns"]]
        assert all(re.fullmatch("[a-z0-9_]+", name) for name in names), names
        assert set(document["proof"]["units"]) < set(names)
        assert next(csv.reader(io.StringIO(ann.client.get(address % "csv").text))) == names
        assert list(json.loads(ann.client.get(address % "ndjson").text.splitlines()[0])) == names
        with tempfile.NamedTemporaryFile(suffix=".parquet") as file:
            Path(file.name).write_bytes(ann.client.get(address % "parquet").data)
            assert duckdb.sql(f"SELECT * FROM '{file.name}'").columns == names
        book = openpyxl.load_workbook(io.BytesIO(ann.client.get(address % "xlsx").data))
        heads = [str(cell) for cell in next(book["Data"].iter_rows(max_row=1, values_only=True))]
        assert heads[:2] == ["time [Europe/Berlin]", "time_utc_offset"]
        assert heads[2:] == names[1:]
        excel = next(csv.reader(io.StringIO(ann.client.get(f"{address % 'csv'}&excel=1").data.decode("utf-8-sig"))))
        assert excel == heads


SPREADSHEET_TIME = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d")


@pytest.mark.parametrize("what", ["records/generation", "chart/generations_by_outcome", "table/log_records"])
def test_for_spreadsheets_times_have_no_zone_in_their_cells(ann: Person, what: str) -> None:
    """Excel and LibreOffice leave `2026-03-01T08:00:00+01:00` as a text."""
    plain = rows_of(ann.client.get(f"/download/{what}.csv?{RANGE}").text)
    excel = ann.client.get(f"/download/{what}.csv?{RANGE}&excel=1").data.decode("utf-8-sig")
    sheet = openpyxl.load_workbook(io.BytesIO(ann.client.get(f"/download/{what}.xlsx?{RANGE}").data))["Data"]
    cells = [row[0] for row in sheet.iter_rows(min_row=2, values_only=True)]
    assert len(plain) == len(cells) > 2
    for row, own, cell in zip(plain, rows_of(excel), cells, strict=True):
        text, offset = own["time [Europe/Berlin]"], own["time_utc_offset"]
        assert SPREADSHEET_TIME.fullmatch(text)
        assert pd.Timestamp(f"{text}{offset.removeprefix('UTC')}") == pd.Timestamp(row["time"]).floor("s")
        assert isinstance(cell, datetime), "a real date cell"
        assert abs(cell - datetime.fromisoformat(text)) < timedelta(seconds=1.1)


def test_the_guard_is_put_on_for_people_and_left_away_where_that_is_asked_for(
    make_app: Callable[[DuckStore], Flask],
) -> None:
    store = DuckStore(None)
    moment = datetime.now(UTC) - timedelta(hours=1)
    store.write([
        Point("generation", nanoseconds(moment), {"platform": "linkedin"}, {"outcome": "ok", "topic": "=1+1"})
    ])  # fmt: skip
    person = Person(make_app(store).test_client(), "ann")
    person.log_in()
    for what in ("records/generation",):
        for words, text in (("", "'=1+1"), ("&guard=1", "'=1+1"), ("&guard=0", "=1+1")):
            (row,) = rows_of(person.client.get(f"/download/{what}.csv?start=-1d{words}").text)
            assert row["topic"] == text
    store.close()


@pytest.mark.parametrize("words", ["proof=2", "guard=maybe", "excel=perhaps", "decimal=both"])
def test_how_a_file_is_to_be_written_is_said_with_known_words(ann: Person, words: str) -> None:
    answer = ann.client.get(f"/download/chart/generations_by_outcome.csv?{words}")
    assert (answer.status_code, answer.get_json()["parameter"]) == (400, words.partition("=")[0])


def test_links_of_former_versions_still_answer(ann: Person) -> None:
    for words in ("decimal=comma&excel=1", "excel=0", "excel=true", "excel=false", "decimal=point"):
        answer = ann.client.get(f"/download/records/generation.csv?{RANGE}&{words}")
        assert answer.status_code == 200, words


def test_moments_that_are_stored_as_texts_are_times_for_spreadsheets_too(
    make_app: Callable[[DuckStore], Flask],
) -> None:
    store = DuckStore(None)
    moment = datetime.now(UTC) - timedelta(hours=1)
    store.write(
        Point("social_post", nanoseconds(moment) + number, {"platform": "linkedin"}, {"status": "sent", **fields})
        for number, fields in enumerate(({"due": "2026-03-29T00:30:00Z"}, {"due": "2026-03-29T04:00:00+02:00"}, {}))
    )
    person = Person(make_app(store).test_client(), "ann")
    person.log_in()
    address = "/download/records/social_post.%s?start=-1d&tz=Europe/Berlin&_order=time"
    rows = rows_of(person.client.get(f"{address % 'csv'}&excel=1").data.decode("utf-8-sig"))
    assert [row["due [Europe/Berlin]"] for row in rows] == ["2026-03-29 01:30:00", "2026-03-29 04:00:00", ""]
    assert [row["due_utc_offset"] for row in rows] == ["UTC+01:00", "UTC+02:00", ""]
    book = openpyxl.load_workbook(io.BytesIO(person.client.get(address % "xlsx").data))
    heads, *found = book["Data"].iter_rows(values_only=True)
    place = heads.index("due [Europe/Berlin]")
    assert [row[place] for row in found] == [datetime(2026, 3, 29, 1, 30), datetime(2026, 3, 29, 4), None]
    plain = rows_of(person.client.get(address % "csv").text)
    assert [row["due"] for row in plain] == ["2026-03-29T00:30:00Z", "2026-03-29T04:00:00+02:00", ""], "as stored"
    store.close()


def test_every_text_that_is_said_to_be_a_time_is_declared_as_one() -> None:
    texts = [field for source in MEASUREMENTS.values() for field in source.fields if field.type == "string"]
    assert [field.name for field in texts if "ISO" in field.meaning and not field.moment] == []
