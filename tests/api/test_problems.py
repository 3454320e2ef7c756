"""Errors are problem documents that name what was wrong."""

from __future__ import annotations

import pytest

from tests.api.conftest import Api, StoreThatFails


@pytest.mark.parametrize(
    ("address", "parameter"),
    [
        ("/metrics/generations?colour=red", "colour"),
        ("/metrics/generations?start=yesterdayish", "start"),
        ("/metrics/generations?start=", "start"),
        ("/metrics/generations?stop=9999-12-31", "stop"),
        ("/metrics/generations?start=-99999999y", "start"),
        ("/metrics/generations?start=2026-02-01&stop=2026-01-01", "start"),
        ("/metrics/generations?start=-7d&start=-8d", "start"),
        ("/metrics/generations?every=1fortnight", "every"),
        ("/metrics/generations?every=7h", "every"),
        ("/metrics/generations?every=1m&start=-365d", "every"),
        ("/metrics/generations?by=colour", "by"),
        ("/metrics/generations?by=topic", "by"),
        ("/metrics/generations?by=platform,platform", "by"),
        ("/metrics/generations?agg=median", "agg"),
        ("/metrics/generations?agg=p95", "agg"),
        ("/metrics/generation_success_rate?agg=mean", "agg"),
        ("/metrics/generations?tz=Mars/Olympus", "tz"),
        ("/metrics/generations?tz=../../etc/passwd", "tz"),
        ("/metrics/generations?compare=tomorrow", "compare"),
        ("/metrics/generations?duration_seconds=>=fast", "duration_seconds"),
        ("/metrics/generations?duration_seconds=>=nan", "duration_seconds"),
        ("/metrics/generations?platform=>=5", "platform"),
        ("/records/log_record?limit=0", "limit"),
        ("/records/log_record?limit=many", "limit"),
        ("/records/log_record?limit=1000000", "limit"),
        ("/records/log_record?order=colour", "order"),
        ("/records/log_record?columns=colour", "columns"),
        ("/records/log_record?cursor=nonsense", "cursor"),
        ("/records/log_record?total=perhaps", "total"),
        ("/records/log_record?colour=red", "colour"),
        ("/records/log_record?every=1d", "every"),
        ("/values/log_record/event?colour=red", "colour"),
        ("/metrics?colour=red", "colour"),
        ("/charts?colour=red", "colour"),
        ("/charts/batches_by_outcome?colour=red", "colour"),
        ("/charts/batches_by_outcome?by=outcome", "by"),
        ("/collectors?colour=red", "colour"),
    ],
)
def test_a_bad_parameter_is_400_and_named(api: Api, address: str, parameter: str) -> None:
    response = api.raw(address)
    problem = response.get_json(force=True)
    assert response.status_code == 400, problem
    assert response.mimetype == "application/problem+json"
    assert problem["parameter"] == parameter
    assert problem["status"] == 400
    assert problem["type"] == "about:blank"
    assert problem["title"] == "Bad Request"
    assert problem["detail"]
    assert problem["instance"].startswith("/api/v1/")


@pytest.mark.parametrize(
    "address",
    ["/metrics/nothing", "/charts/nothing", "/records/nothing", "/values/nothing/event", "/values/log_record/message",
     "/nowhere", "/metrics/a/b", "/records/log_record/1"],
)  # fmt: skip
def test_an_unknown_name_is_404(api: Api, address: str) -> None:
    response = api.raw(address)
    assert response.status_code == 404
    assert response.mimetype == "application/problem+json"
    assert response.get_json(force=True)["status"] == 404


@pytest.mark.parametrize(
    ("address", "meant"),
    [
        ("/metrics/generation", "generations"),
        ("/records/log_records", "log_record"),
        ("/metrics/generations?agg=p95x", "p95"),
        ("/records/log_record?order=massage", "message"),
        ("/records/log_record?columns=lvel", "level"),
    ],
)
def test_a_misspelt_name_is_answered_with_the_nearest_one(api: Api, address: str, meant: str) -> None:
    assert f"did you mean '{meant}'?" in api.raw(address).get_json(force=True)["detail"]


def test_the_api_only_reads(api: Api) -> None:
    response = api.client.delete("/api/v1/metrics/generations", headers=api.headers)
    assert response.status_code == 405
    assert response.mimetype == "application/problem+json"
    assert "GET" in response.headers["Allow"]


@pytest.mark.parametrize("address", ["/metrics", "/metrics/nothing", "/records/log_record", "/nowhere", "/collectors"])
def test_without_a_login_everything_is_401(api: Api, address: str) -> None:
    for headers in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": "Bearer"}):
        response = api.client.get(f"/api/v1{address}", headers=headers)
        assert response.status_code == 401
        assert response.mimetype == "application/problem+json"
        assert response.headers["WWW-Authenticate"].startswith("Bearer")


def test_a_store_that_does_not_answer_is_503_and_says_when_to_come_back(failing: StoreThatFails, api: Api) -> None:
    with failing.unreachable():
        for address in ("/metrics/generations", "/records/log_record", "/values/log_record/event", "/collectors"):
            response = api.raw(address)
            assert response.status_code == 503
            assert int(response.headers["Retry-After"]) > 0
            assert "secret-host" not in response.get_data(as_text=True)


def test_the_unexpected_is_500_with_an_id_found_in_the_log(
    failing: StoreThatFails, api: Api, caplog: pytest.LogCaptureFixture
) -> None:
    with failing.broken():
        response = api.raw("/metrics/generations")
    problem = response.get_json(force=True)
    assert response.status_code == 500
    assert problem["id"] in caplog.text
    assert "inner detail" not in response.get_data(as_text=True)


def test_hostile_values_are_only_values(api: Api) -> None:
    for text in (
        "'; DROP TABLE log_record; --",
        '") |> drop()',
        "\x00",
        "\ud7ff\U0001f600",
        "a" * 4000,
        "\\",
        "%",
        "_",
    ):
        response = api.raw("/records/log_record", query={"start": "2026-03-28", "stop": "2026-03-31", "message": text})
        assert response.status_code == 200, response.get_data(as_text=True)
        assert response.get_json()["data"] == []
