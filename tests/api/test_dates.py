"""A record whose time is a date says so on every surface of the API, and no time has made-up digits."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime

import duckdb
import pytest

from metricstore.point import Point, nanoseconds
from tests.api.conftest import Api, StoreThatFails

DAY = {"start": "2026-11-10", "stop": "2026-11-11"}
ZONES = {"Europe/Berlin": "2026-11-10T15:30:00+01:00", "America/New_York": "2026-11-10T09:30:00-05:00",
         "Pacific/Auckland": None}  # fmt: skip
"""What the instant of that day is there; in Auckland it is the next day."""


@pytest.fixture(autouse=True)
def filled(failing: StoreThatFails) -> None:
    day, moment = datetime(2026, 11, 10, tzinfo=UTC), datetime(2026, 11, 10, 14, 30, tzinfo=UTC)
    failing.write([
        Point("post", nanoseconds(day) + 123_456_789, {"platform": "linkedin", "time_kind": "date"}, {"topic": "Dated"}),
        Point("post", nanoseconds(moment) + 987_654_321, {"platform": "linkedin", "time_kind": "instant"}, {"topic": "Timed"}),
    ])  # fmt: skip


def expected(zone: str) -> list[str]:
    return ["2026-11-10", *filter(None, [ZONES[zone]])]


@pytest.mark.parametrize("zone", ZONES)
def test_records_in_every_format_have_the_date_and_the_times_of_the_zone(api: Api, zone: str) -> None:
    asked = {**DAY, "tz": zone, "order": "time", "columns": "topic"}
    paged = api.get("/records/post", **asked)["data"]
    assert [row["time"] for row in paged] == expected(zone)
    assert paged[0]["id"].partition(",")[0] == str(nanoseconds(datetime(2026, 11, 10, tzinfo=UTC)) + 123_456_789)
    assert api.get("/records/post", **asked, limit="all")["data"] == paged
    for form in ("csv", "ndjson"):
        for limit in ("100", "all"):
            text = api.raw("/records/post", {**asked, "format": form, "limit": limit}).text
            rows = csv.DictReader(io.StringIO(text)) if form == "csv" else map(json.loads, text.splitlines())
            assert [row["time"] for row in rows] == expected(zone)


def test_values_of_a_day_are_those_of_the_date_in_every_zone(api: Api) -> None:
    for zone in ZONES:
        found = api.get("/values/post/topic", **DAY, tz=zone)["data"]
        assert found == (["Dated"] if ZONES[zone] is None else ["Dated", "Timed"])


def test_columns_of_parquet_hold_no_digits_below_the_sources(api: Api, tmp_path) -> None:  # type: ignore[no-untyped-def]
    path = tmp_path / "posts.parquet"
    path.write_bytes(api.raw("/records/post", {**DAY, "tz": "Europe/Berlin", "format": "parquet"}).data)
    moments = [moment for (moment,) in duckdb.sql(f"SELECT epoch_ns(time) FROM '{path}' ORDER BY 1").fetchall()]
    assert moments == [
        nanoseconds(datetime(2026, 11, 9, 23, tzinfo=UTC)),
        nanoseconds(datetime(2026, 11, 10, 14, 30, tzinfo=UTC)),
    ]


def test_a_metric_counts_the_date_on_its_day(api: Api) -> None:
    for zone, wanted in {"Europe/Berlin": 2, "America/New_York": 2, "Pacific/Auckland": 1}.items():
        data = api.get("/metrics/posts", **DAY, tz=zone, every="1d")["data"]
        assert [row["value"] for row in data] == [wanted], zone
        (row,) = api.get("/metrics/posts", **DAY, tz=zone, every="none", agg="per_day")["data"]
        assert row["value"] == wanted


def test_an_hour_leaves_dates_out(api: Api) -> None:
    for words, count in (({"hour": "15"}, 1), ({"hour": "0"}, 0), ({"hour": "!15"}, 1), ({"weekday": "tue"}, 2)):
        (row,) = api.get("/metrics/posts", **DAY, tz="Europe/Berlin", every="none", **words)["data"]
        assert row["value"] == count, words


def test_an_empty_answer_says_what_is_stored_as_its_source_gives_it(api: Api) -> None:
    for tz in ("Europe/Berlin", "Pacific/Auckland"):
        asked = {"start": "2026-11-01", "stop": "2026-11-02", "tz": tz, "every": "none"}
        for path, words in (("/metrics/posts", asked), ("/records/post", {**asked, "every": None})):
            empty = api.get(path, **{name: word for name, word in words.items() if word is not None})["empty"]
            last = expected(tz)[-1]
            assert empty["stored"] == {
                "first": "2026-11-10",
                "last": last if "T" in last else "2026-11-11T03:30:00+13:00",
            }
