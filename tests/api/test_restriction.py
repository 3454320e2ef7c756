"""An account limited to some platforms sees those alone, whatever it asks."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.api.conftest import Api
from tests.api.facts import RANGE


@pytest.mark.parametrize(
    "wish", [{}, {"platform": "twitter"}, {"platform": "twitter,linkedin"}, {"platform": "!linkedin"}]
)
def test_a_filter_cannot_widen_what_an_account_may_see(limited: Api, wish: dict[str, str]) -> None:
    answer = limited.get("/metrics/generations", **RANGE, every="none", by="platform", **wish)
    assert {row["platform"] for row in answer["data"]} <= {"linkedin"}
    page = limited.get("/records/generation", **RANGE, **wish)
    assert {row["platform"] for row in page["data"]} <= {"linkedin"}
    assert set(limited.get("/values/generation/platform", **RANGE, **wish)["data"]) <= {"linkedin"}


def test_ratios_are_limited_above_and_below_the_line(limited: Api, api: Api) -> None:
    rate = "/metrics/generation_success_rate"
    assert limited.get(rate, **RANGE, every="none")["data"][0]["value"] == 75.0
    assert api.get(rate, **RANGE, every="none")["data"][0]["value"] == 80.0


def test_totals_are_limited_too(limited: Api) -> None:
    assert limited.get("/records/generation", **RANGE, total="true")["total"] == 4


def test_records_that_name_no_platform_are_closed_but_may_be_counted(limited: Api) -> None:
    assert limited.raw("/records/log_record", query=RANGE).status_code == 403
    assert limited.raw("/tables/log_records/data", query=RANGE).status_code == 403
    assert limited.get("/metrics/errors", **RANGE, every="none")["data"][0]["value"] == 5
    assert limited.raw("/metrics/errors", query={**RANGE, "message": "~launch"}).status_code == 403
    assert limited.raw("/values/log_record/event", query={**RANGE, "message": "~launch"}).status_code == 403


def test_tags_of_answers_differ_between_accounts(limited: Api, api: Api) -> None:
    mine = api.raw("/metrics/generations", query=RANGE).headers["ETag"]
    assert limited.raw("/metrics/generations", query=RANGE, headers={"If-None-Match": mine}).status_code == 200


def test_an_account_without_any_platform_sees_none(asking: Callable[[str], Api]) -> None:
    nobody = asking("nobody")
    assert nobody.get("/metrics/generations", **RANGE, every="none")["data"][0]["value"] == 0
    assert nobody.get("/records/generation", **RANGE)["data"] == []
