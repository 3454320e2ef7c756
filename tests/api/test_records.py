"""`/records`, `/measurements`, `/values`, `/collectors`."""

from __future__ import annotations

import re

import pytest

from tests.api.conftest import Api
from tests.api.facts import RANGE, log_records, runs


@pytest.mark.parametrize("order", ["time", "-time", "line", "-message", "level"])
def test_paging_by_cursor_meets_every_record_once(api: Api, order: str) -> None:
    seen, cursor = [], None
    while True:
        more = {"cursor": cursor} if cursor else {}
        page = api.get("/records/log_record", **RANGE, order=order, limit="4", **more)
        seen += [row["line"] for row in page["data"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
        assert len(page["data"]) == 4
    assert sorted(seen) == list(range(1, 26))
    if order in ("time", "line"):
        assert seen == sorted(seen)
    if order == "-time":
        assert seen == sorted(seen, reverse=True)


def test_the_link_header_leads_through_all_pages(api: Api) -> None:
    address, pages = "/records/log_record?start=2026-03-28&stop=2026-03-31&limit=10&level=ERROR,INFO&tz=Asia/Tokyo", 0
    while address:
        response = api.raw(address)
        assert response.status_code == 200, response.get_data(as_text=True)
        pages += 1
        link = re.fullmatch(r'</api/v1(.+)>; rel="next"', response.headers.get("Link", ""))
        address = link[1] if link else ""
    assert pages == 3


def test_a_record_holds_every_column_with_its_own_type(api: Api) -> None:
    page = api.get("/records/generation", **RANGE, order="time", total="true")
    assert page["total"] == 6
    first, last = page["data"][0], page["data"][-1]
    assert (first["platform"], first["outcome"], first["duration_seconds"]) == ("linkedin", "ok", 2.0)
    assert (last["duration_seconds"], last["batch_size"]) == (None, None)
    assert last["position"] == 5
    assert isinstance(last["position"], int)
    assert first["id"] != last["id"]
    assert last["time"] == "2026-03-29T03:00:00+00:00", "no digits that only tell records apart"


def test_texts_come_back_as_they_were_stored(api: Api) -> None:
    page = api.get("/records/log_record", **RANGE, order="time", columns="message", limit="5")
    assert [row["message"] for row in page["data"]] == [point.fields["message"] for point in log_records(5)]
    assert set(page["data"][0]) == {"time", "id", "message"}


def test_a_comma_of_the_value_is_written_with_a_backslash(api: Api) -> None:
    page = api.get("/records/log_record", **RANGE, message='a\\, "quoted" line', total="true")
    assert page["total"] == 5


def test_the_total_is_only_counted_when_asked(api: Api) -> None:
    assert "total" not in api.get("/records/log_record", **RANGE)
    assert api.get("/records/log_record", **RANGE, level="ERROR", limit="1", total="true")["total"] == 5


def test_values_of_a_dimension_are_listed_within_range_and_filter(api: Api) -> None:
    answer = api.get("/values/generation/outcome", **RANGE)
    assert answer == {"measurement": "generation", "dimension": "outcome", "data": ["failed", "ok", "unknown"]}
    assert api.get("/values/generation/outcome", **RANGE, platform="twitter")["data"] == ["ok", "unknown"]
    assert api.get("/values/generation/outcome", start="2020-01-01", stop="2020-01-02")["data"] == []


def test_measurements_tell_tags_fields_types_and_units(api: Api) -> None:
    listed = {each["name"]: each for each in api.get("/measurements")["data"]}
    generation = listed["generation"]
    assert [tag["name"] for tag in generation["tags"]] == ["platform"]
    duration = next(field for field in generation["fields"] if field["name"] == "duration_seconds")
    assert (duration["type"], duration["unit"], duration["dimension"]) == ("float", "s", False)


def test_collectors_tell_their_last_run(api: Api) -> None:
    assert api.get("/collectors")["data"] == []
    api.store.write(runs())
    told = {each["name"]: each for each in api.get("/collectors")["data"]}
    assert set(told) == {"app_log", "calendars"}
    assert (told["app_log"]["last_outcome"], told["app_log"]["last_error"]) == ("failed", "no such file")
    assert told["app_log"]["last_success"] < told["app_log"]["last_run"]
    assert told["calendars"]["records"] == 3
