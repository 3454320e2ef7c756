"""A provider's bill beside what was recorded: pasted or uploaded, told line by line, kept nowhere."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from metricstore.point import Point, nanoseconds
from tests.web.conftest import PASSWORD, csrf, entered

NOON = nanoseconds(datetime(2026, 11, 3, 12, tzinfo=UTC))
BILL = "date,model,cost_usd\n2026-11-03,glm-4.5-air,0.42\n2026-11-03,glm-5,3.00\n2026-11-04,glm-4.5-air,1.00\n"


def call(number: int, model: str, cost: float | None, **more: str) -> Point:
    fields: dict[str, str | int] = {"model": model, "pricing": "unknown" if cost is None else "estimated", **more}
    if cost is not None:
        fields["cost_nano_usd"] = round(cost * 1e9)
    tags = {"source": "app", "provider": more.get("provider", "zai"), "outcome": "ok"}
    fields.pop("provider", None)
    return Point("gen_ai_request", NOON + number, tags, fields)


@pytest.fixture
def analyst(app: Flask) -> FlaskClient:
    app.extensions["metricstore"].write([
        call(1, "glm-4.5-air-20260101", 0.40, platform="linkedin"), call(2, "glm-4.5-air", 0.02, platform="twitter"),
        call(3, "glm-5", None), call(4, "other", 0.5, provider="openai"),
    ])  # fmt: skip
    app.extensions["accounts"].add("ada", "analyst", PASSWORD)
    return entered(app, "ada")


def send(client: FlaskClient, bill: str = BILL, **more: object) -> TestResponse:
    token = csrf(client.get("/ai/bill"))
    return client.post("/ai/bill", data={"csrf_token": token, "bill": bill, **more}, content_type="multipart/form-data")


def rows(answer: TestResponse) -> list[dict[str, str]]:
    assert answer.status_code == 200, answer.text
    return list(csv.DictReader(io.StringIO(answer.text)))


def test_every_day_and_model_has_its_verdict_and_what_explains_it(analyst: FlaskClient) -> None:
    answer = send(analyst)
    assert answer.status_code == 200
    for said in ("1 agree, 0 differ, 2 only billed, 1 only recorded", "1 of 1 call here has no known price",
                 "no call was recorded here on that day", "Billed 4.4200 USD, recorded ≥ 0.9200 USD"):  # fmt: skip
        assert said in answer.text
    found = {(row["day_utc"], row["model"]): row for row in rows(send(analyst, do="csv"))}
    assert found["2026-11-03", "glm-4.5-air"]["verdict"] == "agrees"
    assert found["2026-11-03", "glm-4.5-air"]["recorded_usd"] == "0.420000000"
    assert found["2026-11-03", "other"]["verdict"] == "only recorded"
    assert found["2026-11-04", "glm-4.5-air"]["bill_lines"] == "4"


def report(model: str, cost: float | None, source: str = "openai") -> Point:
    tags = {
        "source": source,
        "provider": "openai",
        "model": model,
        "project": "none",
        "line_item": f"{model}, {source}",
    }
    fields: dict[str, str | int] = {"pricing": "unknown" if cost is None else "measured"}
    if cost is not None:
        fields["cost_nano_usd"] = round(cost * 1e9)
    return Point("gen_ai_cost", nanoseconds(datetime(2026, 11, 3, tzinfo=UTC)), tags, fields)


def test_what_the_provider_reports_has_a_column_of_its_own(app: Flask, analyst: FlaskClient) -> None:
    assert "No report of the provider's own was collected" in send(analyst).text
    app.extensions["metricstore"].write([
        report("glm-5-2026-01-01", 3.0), report("glm-5", 3.0, "litellm"), report("none", None), report("new", 0.25),
    ])  # fmt: skip
    shown = send(analyst).text
    assert "reported by the provider ≥ 3.2500 USD" in shown
    assert "1 agree, 0 differ, 2 not reported, 1 not billed; 1 line has no amount in USD" in shown
    found = {(row["day_utc"], row["model"]): row for row in rows(send(analyst, do="csv"))}
    five = found["2026-11-03", "glm-5"]
    assert (five["reported_usd"], five["report_verdict"], five["verdict"]) == ("3.000000000", "agrees", "only billed")
    assert found["2026-11-03", "glm-4.5-air"]["report_verdict"] == "not reported"
    assert found["2026-11-03", "new"]["verdict"] == "only reported"
    app.extensions["accounts"].add("lea", "analyst", PASSWORD, platforms=("linkedin",))
    part = rows(send(entered(app, "lea"), do="csv"))
    assert {row["reported_usd"] for row in part} == {""}, "a part of the calls is not held beside a whole report"


def test_one_provider_is_compared_alone(analyst: FlaskClient) -> None:
    assert {row["model"] for row in rows(send(analyst, provider="zai", do="csv"))} == {"glm-4.5-air", "glm-5"}


def test_a_file_goes_before_what_was_pasted(analyst: FlaskClient) -> None:
    file = (io.BytesIO(b"\xef\xbb\xbfday;amount\n2026-11-03;1,5\n"), "bill.csv")
    found = rows(send(analyst, "nonsense", file=file, do="csv"))
    assert [row["billed_usd"] for row in found if row["billed_usd"]] == ["1.5"]
    binary = (io.BytesIO(b"PK\x03\x04\xff\xfe"), "bill.xlsx")
    answer = send(analyst, file=binary)
    assert answer.status_code == 400
    assert "Bill.xlsx: this isn&#39;t a text file in UTF-8." in answer.text


def test_a_bill_nobody_can_read_is_told_and_stays_in_the_form(analyst: FlaskClient) -> None:
    answer = send(analyst, "date,cost\n2026-11-03,free\n")
    assert answer.status_code == 400
    assert "Line 2: &#39;free&#39; isn&#39;t an amount in US dollars." in answer.text
    assert "2026-11-03,free" in answer.text
    assert send(analyst, "date,cost\n2024-01-01,1\n2026-11-03,1\n").status_code == 400
    assert send(analyst, "date,cost\n" + "2026-11-03,1\n" * 35_000).status_code in (400, 413)


def test_hostile_names_are_texts_on_the_page_and_in_the_file(analyst: FlaskClient) -> None:
    bill = "date,model,cost\n2026-11-03,<script>x</script>,1\n2026-11-03,=cmd()|x,1\n"
    assert "<script>x" not in send(analyst, bill).text
    assert {row["model"] for row in rows(send(analyst, bill, do="csv"))} >= {"'=cmd()|x"}


def test_it_is_for_analysts_and_not_for_forged_forms(app: Flask, analyst: FlaskClient, stranger: FlaskClient) -> None:
    assert entered(app, "ann").get("/ai/bill").status_code == 403
    assert stranger.get("/ai/bill").status_code in (302, 401)
    assert analyst.post("/ai/bill", data={"bill": BILL}).status_code == 400


def test_who_sees_a_segment_compares_with_that_alone(app: Flask, analyst: FlaskClient) -> None:
    accounts = app.extensions["accounts"]
    accounts.add("lea", "analyst", PASSWORD, platforms=("linkedin",))
    found = {(row["day_utc"], row["model"]): row for row in rows(send(entered(app, "lea"), do="csv"))}
    assert found["2026-11-03", "glm-4.5-air"]["recorded_usd"] == "0.400000000"
    assert ("2026-11-03", "other") not in found
