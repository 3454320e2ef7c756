"""What has not changed is not sent again."""

from __future__ import annotations

import pytest

from metricstore.point import Point
from tests.api.conftest import Api
from tests.api.facts import RANGE, at


@pytest.mark.parametrize("address", ["/metrics/generations", "/records/generation", "/values/generation/outcome"])
def test_an_unchanged_answer_is_304_until_something_is_written(api: Api, address: str) -> None:
    first = api.raw(address, query=RANGE)
    tag = first.headers["ETag"]
    again = api.raw(address, query=RANGE, headers={"If-None-Match": tag})
    assert (again.status_code, again.get_data()) == (304, b"")
    assert again.headers["ETag"] == tag

    api.store.write([Point("generation", at(30), {"platform": "instagram"}, {"outcome": "partial"})])
    changed = api.raw(address, query=RANGE, headers={"If-None-Match": tag})
    assert changed.status_code == 200
    assert changed.get_data() != first.get_data()


def test_a_write_elsewhere_leaves_an_answer_as_it_was(api: Api) -> None:
    tag = api.raw("/metrics/generations", query=RANGE).headers["ETag"]
    api.store.write([Point("ai_retry", at(1), {"endpoint": "/x"}, {"wait_seconds": 1.0})])
    assert api.raw("/metrics/generations", query=RANGE, headers={"If-None-Match": tag}).status_code == 304


def test_another_question_has_another_tag(api: Api) -> None:
    asked = [
        {},
        {"every": "1d"},
        {"platform": "linkedin"},
        {"by": "platform"},
        {"tz": "Asia/Tokyo"},
        {"compare": "year"},
    ]
    tags = [api.raw("/metrics/generations", query=RANGE | more).headers["ETag"] for more in asked]
    assert len(set(tags)) == len(asked)


def test_nobody_else_may_keep_an_answer(api: Api) -> None:
    headers = api.raw("/metrics/generations", query=RANGE).headers
    assert headers["Cache-Control"] == "private, no-cache"
    assert "Authorization" in headers["Vary"]
    assert "Cookie" in headers["Vary"]
