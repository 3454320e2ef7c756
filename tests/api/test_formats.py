"""One answer, however it is written."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from dashapp.downloads.verify import verify
from metricstore.point import Point
from tests.api.conftest import Api, StoreThatFails
from tests.api.facts import RANGE, at

MIMETYPES = {
    "csv": "text/csv",
    "ndjson": "application/x-ndjson",
    "arrow": "application/vnd.apache.arrow.stream",
    "parquet": "application/vnd.apache.parquet",
}
QUESTIONS = {
    "/metrics/generations": {"every": "1d", "by": "platform"},
    "/metrics/generation_times": {"every": "1d", "compare": "previous"},
    "/charts/generations_by_outcome/data": {},
    "/charts/generations_by_outcome": {"platform": "linkedin"},
    "/records/generation": {"order": "time"},
    "/records/log_record": {"limit": "all", "order": "time"},
    "/tables/log_records/data": {"level": "ERROR"},
}
END_OF_ARROW = b"\xff\xff\xff\xff\x00\x00\x00\x00"


def rows(form: str, path: Path) -> pd.DataFrame:
    """As other programs read it."""
    if form == "csv":
        found = pd.read_csv(path)
    elif form == "ndjson":
        found = pd.DataFrame([json.loads(line) for line in path.read_text().splitlines()])
    else:
        found = duckdb.sql(f"SELECT * FROM '{path}'").df()
    return found.drop(columns="_proof", errors="ignore")


@pytest.mark.parametrize("address", QUESTIONS)
@pytest.mark.parametrize("form", MIMETYPES)
def test_every_format_holds_the_rows_of_the_json_answer(api: Api, tmp_path: Path, address: str, form: str) -> None:
    words = {**RANGE, **QUESTIONS[address]}
    told = api.get(address, **words)["data"]
    by_word = api.raw(address, {**words, "format": form, "proof": "1"})
    by_header = api.raw(address, words, {"Accept": MIMETYPES[form]})
    for answer in (by_word, by_header):
        assert answer.status_code == 200, answer.get_data(as_text=True)
        assert answer.mimetype == MIMETYPES[form]
    path = tmp_path / f"answer.{form}"
    path.write_bytes(by_word.data)
    if form == "arrow":  # whose readers are not among our tools: whole it is, by its end
        assert path.read_bytes().endswith(END_OF_ARROW)
        return
    assert verify(path).state == "complete"
    found = rows(form, path)
    assert len(found) == len(told) > 2
    for name in {"platform", "outcome", "topic", "message"} & {*told[0]} & {*found}:
        assert sorted(found[name].fillna("").tolist()) == sorted(row[name] or "" for row in told)
    if "value" in told[0]:
        numbers = found.select_dtypes("number").iloc[:, 0].sum()
        assert numbers == pytest.approx(sum(row["value"] or 0 for row in told), abs=1e-9)


def test_rows_are_plain_and_proven_only_where_that_is_asked_for(api: Api, tmp_path: Path) -> None:
    for address, words in QUESTIONS.items():
        for form in ("csv", "ndjson"):
            asked = {**RANGE, **words, "format": form}
            plain, inside = (api.raw(address, {**asked, "proof": proof}) for proof in ("0", "1"))
            assert plain.data == api.raw(address, asked).data
            assert b"_proof" not in plain.data
            assert b"_proof" in inside.data
            beside = api.raw(address, {**asked, "proof": "file"})
            assert beside.mimetype == "application/vnd.content-metrics.proof+json"
            path = tmp_path / f"answer.{form}"
            path.write_bytes(plain.data)
            (tmp_path / f"answer.{form}.proof.json").write_bytes(beside.data)
            assert verify(path).state == "complete"


def test_columns_have_one_name_in_every_format_and_their_units_stand_beside_them(api: Api, tmp_path: Path) -> None:
    words = {**RANGE, "every": "1d", "by": "platform", "agg": "p95"}
    told = api.get("/metrics/generation_times", **words)
    names = ["time", "platform", *(f"{told['column']}{more}" for more in ("", "_missing"))]
    for form in MIMETYPES:
        path = tmp_path / f"answer.{form}"
        path.write_bytes(api.raw("/metrics/generation_times", {**words, "format": form}).data)
        if form != "arrow":
            assert list(rows(form, path)) == names
    proof = api.raw("/metrics/generation_times", {**words, "format": "csv", "proof": "file"}).get_json()
    assert proof["columns"] == names
    assert proof["units"] == {told["column"]: told["unit"]}


def test_programs_get_texts_as_they_are_unless_they_ask_for_a_guard(api: Api, failing: StoreThatFails) -> None:
    failing.write([Point("log_record", at(60), {"level": "INFO", "event": "other"},
                         {"message": "=1+1", "file": "app.log", "line": 1})])  # fmt: skip
    for words, text in (({}, "=1+1"), ({"guard": "0"}, "=1+1"), ({"guard": "1"}, "'=1+1")):
        for limit in ("100", "all"):
            asked = {**RANGE, "message": "~1+1", "format": "csv", "limit": limit, **words}
            found = pd.read_csv(io.BytesIO(api.raw("/records/log_record", asked).data))
            assert found["message"].tolist() == [text]


@pytest.mark.parametrize("words", [{"proof": "2"}, {"guard": "maybe"}, {"proof": "file", "format": "parquet"}])
def test_a_bad_word_on_how_to_write_is_named(api: Api, words: dict[str, str]) -> None:
    for address in ("/metrics/generations", "/records/generation"):
        answer = api.raw(address, {**RANGE, **words})
        assert (answer.status_code, answer.get_json()["parameter"]) == (400, next(iter(words)))


def test_what_cannot_be_had_is_406_and_an_unknown_word_400(api: Api) -> None:
    picture = api.raw("/metrics/generations", RANGE, {"Accept": "image/png"})
    assert picture.status_code == 406
    assert picture.mimetype == "application/problem+json"
    assert "text/csv" in picture.get_json()["detail"]
    word = api.raw("/metrics/generations", {**RANGE, "format": "xml"})
    assert (word.status_code, word.get_json()["parameter"]) == (400, "format")


def test_the_preferred_of_several_formats_is_given_and_json_to_whoever_does_not_say(api: Api) -> None:
    some = {"Accept": "image/png, application/x-ndjson;q=0.9, text/csv;q=0.2"}
    assert api.raw("/metrics/generations", RANGE, some).mimetype == "application/x-ndjson"
    assert api.raw("/metrics/generations", RANGE, {"Accept": "*/*"}).mimetype == "application/json"
    assert api.raw("/metrics/generations", RANGE, {"Accept": "text/html"}).mimetype == "application/json"


def test_formats_have_tags_of_their_own_that_hold(api: Api) -> None:
    words = {**RANGE, "every": "1d"}
    plain = api.raw("/metrics/generations", words).headers["ETag"]
    csv = api.raw("/metrics/generations", words, {"Accept": "text/csv"})
    assert csv.headers["ETag"] != plain
    assert "Accept" in csv.headers["Vary"]
    for accept, tag, status in (("text/csv", csv.headers["ETag"], 304), ("text/csv", plain, 200), ("*/*", plain, 304)):
        again = api.raw("/metrics/generations", words, {"Accept": accept, "If-None-Match": tag})
        assert again.status_code == status, (accept, tag)


def test_all_means_all_also_beyond_the_largest_page(api: Api, failing: StoreThatFails) -> None:
    extra = 12_000
    failing.write(
        Point("log_record", at(60, number), {"level": "INFO", "event": "other"},
              {"message": f"line {number}", "file": "app.log", "line": number})
        for number in range(extra)
    )  # fmt: skip
    told = api.get("/records/log_record", **RANGE, limit="all", total="true")
    assert len(told["data"]) == told["total"] == extra + 25
    assert told["next_cursor"] is None
    assert len({row["id"] for row in told["data"]}) == extra + 25
    csv = pd.read_csv(io.BytesIO(api.raw("/records/log_record", {**RANGE, "limit": "all", "format": "csv"}).data))
    assert len(csv) == extra + 25


def test_all_keeps_to_filters_order_columns_and_zone(api: Api) -> None:
    words = {
        **RANGE,
        "platform": "linkedin",
        "order": "-duration_seconds",
        "columns": "duration_seconds",
        "tz": "Asia/Kolkata",
    }
    paged, everything = (api.get("/records/generation", **words, **more)["data"] for more in ({}, {"limit": "all"}))
    assert paged == everything
    assert [row["duration_seconds"] for row in everything] == [8.0, 5.0, 3.0, 2.0]
    assert all(row["time"].endswith("+05:30") for row in everything)


def test_all_takes_no_cursor(api: Api) -> None:
    answer = api.raw("/records/generation", {**RANGE, "limit": "all", "cursor": "x"})
    assert (answer.status_code, answer.get_json()["parameter"]) == (400, "cursor")


def test_a_store_that_is_down_is_told_before_the_first_byte(api: Api, failing: StoreThatFails) -> None:
    with failing.unreachable():
        for form in ("json", *MIMETYPES):
            answer = api.raw("/records/generation", {**RANGE, "limit": "all", "format": form})
            assert answer.status_code == 503, form
            assert int(answer.headers["Retry-After"]) > 0


def test_a_narrowed_viewer_gets_narrowed_files(limited: Api, tmp_path: Path) -> None:
    for form in ("csv", "ndjson", "parquet"):
        for words in ({}, {"limit": "all"}):
            path = tmp_path / f"answer.{form}"
            path.write_bytes(limited.raw("/records/generation", {**RANGE, **words, "format": form}).data)
            assert set(rows(form, path)["platform"]) == {"linkedin"}


def test_head_says_what_get_would_without_the_rows(asking: Callable[[str], Api]) -> None:
    api = asking("alice")
    for words in ({}, {"format": "csv"}, {"limit": "all", "format": "csv"}):
        query = {**RANGE, **words}
        answer = api.client.head("/api/v1/records/generation", query_string=query, headers=api.headers)
        assert answer.status_code == 200
        assert answer.mimetype == api.raw("/records/generation", query).mimetype
        assert answer.data == b""
