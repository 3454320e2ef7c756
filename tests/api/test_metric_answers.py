"""`/metrics/<name>`: shape, windows, groups, filters, units."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from dashapp.api import ENDPOINTS, Endpoint
from tests.api.conftest import Api
from tests.api.facts import RANGE, posts


def test_an_answer_has_exactly_the_promised_shape(api: Api) -> None:
    answer = api.get("/metrics/generations", **RANGE, every="1d", by="platform")
    first = {key: answer[key] for key in ("metric", "title", "unit", "start", "stop", "every", "timezone")}
    assert first == {
        "metric": "generations",
        "title": "Posts generated",
        "unit": "posts",
        "start": "2026-03-28T00:00:00+00:00",
        "stop": "2026-03-31T00:00:00+00:00",
        "every": "1d",
        "timezone": "UTC",
    }
    assert answer["data"] == [
        {"time": "2026-03-28T00:00:00+00:00", "value": 2, "platform": "linkedin"},
        {"time": "2026-03-29T00:00:00+00:00", "value": 2, "platform": "linkedin"},
        {"time": "2026-03-30T00:00:00+00:00", "value": 0, "platform": "linkedin"},
        {"time": "2026-03-28T00:00:00+00:00", "value": 1, "platform": "twitter"},
        {"time": "2026-03-29T00:00:00+00:00", "value": 1, "platform": "twitter"},
        {"time": "2026-03-30T00:00:00+00:00", "value": 0, "platform": "twitter"},
    ]


def test_every_none_is_one_value_per_group_at_the_start(api: Api) -> None:
    answer = api.get("/metrics/generations", **RANGE, every="none", by="outcome")
    assert answer["every"] == "none"
    assert {row["outcome"]: row["value"] for row in answer["data"]} == {"ok": 4, "failed": 1, "unknown": 1}
    assert {row["time"] for row in answer["data"]} == {RANGE["start"]}


def test_an_empty_range_is_zero_for_counts_and_null_for_means(api: Api) -> None:
    empty = {"start": "2025-01-01", "stop": "2025-01-02", "every": "none"}
    assert [row["value"] for row in api.get("/metrics/generations", **empty)["data"]] == [0]
    assert [row["value"] for row in api.get("/metrics/generation_times", **empty)["data"]] == [None]
    assert [row["value"] for row in api.get("/metrics/generation_success_rate", **empty)["data"]] == [None]


def test_days_follow_the_zone_and_carry_its_offset_across_a_clock_change(api: Api) -> None:
    answer = api.get("/metrics/generations", start="2026-03-28", stop="2026-03-31", every="1d", tz="Europe/Berlin")
    assert (answer["start"], answer["stop"]) == ("2026-03-28T00:00:00+01:00", "2026-03-31T00:00:00+02:00")
    assert [(row["time"], row["value"]) for row in answer["data"]] == [
        ("2026-03-28T00:00:00+01:00", 3),
        ("2026-03-29T00:00:00+01:00", 3),
        ("2026-03-30T00:00:00+02:00", 0),
    ]


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({"platform": "linkedin"}, 4),
        ({"platform": "linkedin,twitter"}, 6),
        ({"outcome": "!ok"}, 2),
        ({"topic": "~TOPIC 3"}, 1),
        ({"duration_seconds": ">=4,<=5"}, 2),
        ({"platform": "linkedin", "outcome": "failed"}, 1),
        ({"platform": "facebook"}, 0),
    ],
)
def test_columns_are_filters(api: Api, filters: dict[str, str], expected: int) -> None:
    rows = api.get("/metrics/generations", **RANGE, every="none", **filters)["data"]
    assert sum(row["value"] for row in rows) == expected


def test_a_repeated_filter_means_any_of_its_values(api: Api) -> None:
    answer = api.raw(
        "/metrics/generations?platform=linkedin&platform=twitter&every=none&start=2026-03-28&stop=2026-03-31"
    )
    assert [row["value"] for row in answer.get_json()["data"]] == [6]


@pytest.mark.parametrize(
    ("metric", "agg", "unit", "value"),
    [
        ("generation_times", "mean", "s", 4.4),
        ("generation_times", "p50", "s", 4.0),
        ("generation_times", "p95", "s", 8.0),
        ("generation_times", "sum", "s", 22.0),
        ("generation_times", "count", "records", 5),
        ("generation_times", "rate", "records/h", 5 / 72),
        ("generations", "rate", "posts/h", 6 / 72),
        ("generation_success_rate", "count", "%", 80.0),
    ],
)
def test_other_aggregates_come_with_their_own_unit(api: Api, metric: str, agg: str, unit: str, value: float) -> None:
    answer = api.get(f"/metrics/{metric}", **RANGE, every="none", agg=agg)
    assert (answer["unit"], answer["agg"]) == (unit, agg)
    assert [row["value"] for row in answer["data"]] == [pytest.approx(value)]


def test_counts_are_whole_numbers(api: Api) -> None:
    text = api.raw("/metrics/generations", query={**RANGE, "every": "none"}).get_data(as_text=True)
    assert '"value":6}' in text


def test_the_previous_period_stands_beside_each_value(api: Api) -> None:
    answer = api.get(
        "/metrics/generations",
        start="2026-03-29T00:00:00Z",
        stop="2026-03-30T00:00:00Z",
        every="1d",
        compare="previous",
    )
    assert answer["compare"] == "previous"
    assert [(row["value"], row["comparison"]) for row in answer["data"]] == [(3, 3)]


def test_a_formula_and_where_numbers_come_from_are_told(api: Api) -> None:
    answer = api.get("/metrics/engagement_rate", **RANGE)
    assert answer["provenance"] == "imported"
    assert "impressions" in answer["formula"]


def test_an_estimate_has_no_value_while_nobody_has_set_what_it_assumes(api: Api) -> None:
    unset = api.get("/metrics/time_saved", **RANGE, every="none")
    assert [(row["value"], row["why"]) for row in unset["data"]] == [(None, "not set")]
    assert unset["empty"]["cause"] == "not set"
    assert unset["empty"]["reason"] == "This estimate needs numbers that are not set yet: Writing by hand, Checking."
    known = api.get("/metrics/time_saved", **RANGE, every="none", assume="manual_minutes:45,review_minutes:10")
    assert known["data"][0]["value"] > 0 and known["empty"] is None


def test_posts_of_days_to_come_can_be_asked_for(api: Api) -> None:
    api.store.write(posts(datetime.now(UTC)))
    ahead = api.raw("/metrics/posts?start=-30d&stop=+30d&every=none&by=platform").get_json()
    assert {row["platform"]: row["value"] for row in ahead["data"]} == {"instagram": 1, "linkedin": 2}
    until_now = api.get("/metrics/linkedin_posts", every="none")
    assert [row["value"] for row in until_now["data"]] == [1]


def test_auto_says_which_window_it_chose(api: Api) -> None:
    assert api.get("/metrics/generations", **RANGE)["every"] == "1h"
    assert api.get("/metrics/generations", start="2025-03-28", stop="2026-03-28")["every"] == "1w"


def test_each_metric_of_the_catalogue_answers(api: Api) -> None:
    listed = api.get("/metrics")["data"]
    assert {"posts", "generations", "generation_times", "errors", "engagement_rate"} <= {
        each["name"] for each in listed
    }
    for each in listed:
        answer = api.get(f"/metrics/{each['name']}", **RANGE, every="none")
        assert (answer["metric"], answer["title"]) == (each["name"], each["title"])
        assert len(answer["data"]) == 1


def test_each_chart_is_listed_and_answers(api: Api) -> None:
    listed = api.get("/charts")["data"]
    assert listed
    assert all({"id", "title", "page", "metric"} <= each.keys() for each in listed)
    for each in listed:
        answer = api.get(f"/charts/{each['id']}", start="2026-03-28", stop="2026-03-29")
        assert (answer["metric"], answer["by"]) == (each["metric"], each["by"])


def test_a_chart_carries_the_answers_it_also_draws(api: Api) -> None:
    answer = api.get("/charts/generation_duration_trend", **RANGE, platform="linkedin", every="none")
    assert answer["chart"] == "generation_duration_trend"
    assert {found["agg"] for found in answer["also"].values()} == {"p95", "p99"}
    assert [row["value"] for row in answer["also"]["generation_times:p95"]["data"]] == [8.0]


@pytest.mark.parametrize(
    "endpoint", [one for one in ENDPOINTS if one.example and one.method == "GET"], ids=lambda declared: declared.path
)
def test_the_examples_of_the_reference_page_work(asking: Callable[[str], Api], endpoint: Endpoint) -> None:
    response = asking("root").raw(endpoint.example.removeprefix("/api/v1"))
    assert response.status_code == 200, response.get_data(as_text=True)


def test_the_api_lists_its_own_addresses(api: Api) -> None:
    listed = {each["path"] for each in api.get("/")["data"]}
    assert {"/api/v1/metrics/<name>", "/api/v1/charts", "/api/v1/records/<measurement>"} <= listed


def test_a_slash_at_the_end_changes_nothing(api: Api) -> None:
    assert api.get("/metrics/") == api.get("/metrics")


def test_a_change_is_told_by_parts_that_add_up(api: Api) -> None:
    found = api.get("/metrics/generations/change", **RANGE)
    assert found["compare"] == "weekdays" and found["before_stop"] <= found["start"]
    for column in found["columns"]:
        assert sum(part["change"] for part in column["parts"]) == found["after"] - found["before"], column["by"]
    assert api.raw("/metrics/send_lateness/change").status_code == 409
    only = api.get("/metrics/generations/change", **RANGE, by="platform")
    assert [column["by"] for column in only["columns"]] == ["platform"]
