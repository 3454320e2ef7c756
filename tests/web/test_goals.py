"""Goals in the app: who sets, who reads, who removes; by form, by API and from a file."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest
from flask import Flask

from dashapp.accounts import Accounts
from dashapp.accounts.applied_file import AppliedFile
from dashapp.accounts.goals import GoalBook
from tests.web.conftest import Person
from tests.web.test_administration import send

WEEK = {"metric": "generations", "direction": "at least", "value": "14", "period": "week", "platform": "linkedin"}


@pytest.fixture
def book(app: Flask) -> GoalBook:
    found: GoalBook = app.extensions["goals"]
    return found


def test_an_analyst_sets_and_everybody_reads(eve: Person, viewer: Person, book: GoalBook) -> None:
    assert send(eve, "/goals", "/goals", **WEEK, filters="topic=launch").status_code == 302
    (made,) = book.all()
    assert (made.value, made.where, made.author) == (14, (("platform", ("linkedin",)), ("topic", ("launch",))), "eve")
    page = viewer.client.get("/goals").text
    assert "Posts generated" in page and "at least 14 posts a week" in page and "Topic: launch" in page
    assert "Set goal" not in page
    assert viewer.client.post(f"/goals/{made.id}/delete").status_code in (400, 403)
    again = send(eve, "/goals", "/goals", **WEEK, filters="topic=launch")
    assert again.status_code == 400 and "there is a goal" in again.text.lower()
    assert send(eve, f"/goals/{made.id}/delete", "/goals").status_code == 302
    assert book.all() == ()


def test_a_mistake_is_said_and_sets_nothing(eve: Person, book: GoalBook) -> None:
    for wrong in ({"value": "much"}, {"value": "0"}, {"filters": "nonsense=1"}):
        assert send(eve, "/goals", "/goals", **{**WEEK, **wrong}).status_code == 400
    assert book.all() == ()


def test_the_api_sets_lists_and_removes(eve: Person, viewer: Person) -> None:
    body = {"metric": "ai_cost", "direction": "at most", "value": 6, "period": "month"}
    made = eve.client.post("/api/v1/goals", json=body)
    assert made.status_code == 201, made.text
    assert made.json == {**body, "id": 1, "unit": "USD", "filters": {}, "author": "eve", "file": None}
    assert eve.client.post("/api/v1/goals", json=body).status_code == 409
    assert viewer.client.get("/api/v1/goals").json == {"data": [made.json]}
    assert viewer.client.delete("/api/v1/goals/1").status_code == 403
    assert eve.client.post("/api/v1/goals", json={**body, "metric": "nonsense"}).status_code == 400
    assert eve.client.delete("/api/v1/goals/1").status_code == 200
    assert eve.client.delete("/api/v1/goals/1").status_code == 404


def test_a_limited_view_knows_only_goals_about_its_part(app: Flask, eve: Person, viewer: Person) -> None:
    accounts: Accounts = app.extensions["accounts"]
    accounts.set_platforms("eve", ["linkedin"])
    everything = {key: text for key, text in WEEK.items() if key != "platform"}
    assert "covers data outside of it" in send(eve, "/goals", "/goals", **everything, platform="").text
    assert send(eve, "/goals", "/goals", **WEEK).status_code == 302
    accounts.set_platforms(viewer.name, ["twitter"])
    assert viewer.client.get("/api/v1/goals").json == {"data": []}


def test_a_file_is_applied_when_it_changes_and_a_wrong_one_changes_nothing(
    book: GoalBook, eve: Person, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "goals.toml"
    file = AppliedFile(path, book.apply, "goals")
    path.write_text('[[goal]]\nmetric = "posts"\nat_least = 7\nper = "week"\n')
    file.apply()
    (made,) = book.all()
    assert (made.metric, made.value, made.file) == ("posts", 7, str(path))
    assert eve.client.delete(f"/api/v1/goals/{made.id}").status_code == 409
    path.write_text('[[goal]]\nmetric = "posts"\nat_least = 8\nper = "weak"\n')
    with caplog.at_level(logging.ERROR):
        file.apply()
    assert "goals.toml:4: per = 'weak' is not known" in caplog.text
    assert book.all() == (made,)
    path.write_text("\n\n")
    file.apply()
    assert book.all() == ()
