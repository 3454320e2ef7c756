"""Annotations in the app: who writes, who reads, who deletes, and that nobody sees more by them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from callbacks.charts import answer_chart
from dashapp.accounts import AccountError, Accounts
from dashapp.accounts.annotations import AnnotationBook, Draft
from dashapp.accounts.user import User
from layouts.charts.readable import OPEN
from metricstore.annotation import Annotation
from metricstore.point import Point, nanoseconds
from tests.web.conftest import PASSWORD, Person, csrf
from tests.web.test_administration import SCRIPT, send

NOW = datetime.now(UTC).replace(microsecond=0)


@pytest.fixture
def book(app: Flask) -> AnnotationBook:
    found: AnnotationBook = app.extensions["annotations"]
    return found


def add(person: Person, text: str = "launch", **fields: Any) -> TestResponse:
    start = (NOW - timedelta(days=1)).strftime("%Y-%m-%dT%H:%M")
    return send(
        person, "/annotations", "/annotations", **{"text": text, "start": start, "tz": "UTC", "platform": "", **fields}
    )


def test_an_analyst_writes_and_everybody_reads(eve: Person, viewer: Person, book: AnnotationBook) -> None:
    answer = add(eve, "  New\nprompt ", tags="Launch, launch , ,outage", platform="linkedin",
                 stop=NOW.strftime("%Y-%m-%dT%H:%M"))  # fmt: skip
    assert answer.status_code == 302
    (made,) = book.within(None, None)
    assert (made.text, made.tags, made.platform, made.author) == ("New prompt", ("launch", "outage"), "linkedin", "eve")
    assert made.stop is not None and made.start < made.stop
    assert "New prompt" in viewer.client.get("/annotations").text


def test_times_are_those_of_the_chosen_zone(eve: Person, book: AnnotationBook) -> None:
    assert add(eve, start="2026-07-01T14:00", tz="Europe/Berlin").status_code == 302
    (made,) = book.within(None, None)
    assert made.start == datetime(2026, 7, 1, 12, tzinfo=UTC)


def test_a_mark_of_a_chart_fills_the_form_and_the_way_leads_back(eve: Person) -> None:
    query = {
        "start": "2026-07-01T12:00:00+00:00",
        "tz": "Europe/Berlin",
        "platform": "twitter",
        "next": "/ai?start=-7d",
    }
    page = eve.client.get("/annotations", query_string=query)
    assert 'value="2026-07-01T14:00"' in page.text
    assert '<option selected value="twitter">' in page.text
    sent = eve.client.post("/annotations", data={"csrf_token": csrf(page), "text": "x", "start": "2026-07-01T14:00",
                           "tz": "Europe/Berlin", "platform": "twitter", "next": "/ai?start=-7d"})  # fmt: skip
    assert sent.headers["Location"] == "/ai?start=-7d"
    assert add(eve, next="//evil.example").headers["Location"] == "/"


@pytest.mark.parametrize(
    ("wrong", "says"),
    [({"text": " \n"}, "needs a text"), ({"start": "soon"}, "neither ISO 8601"), ({"start": "0001-01-01T00:00+14:00"}, "too far away"), ({"start": ""}, "when it was"),
     ({"stop": "2020-01-01T00:00"}, "after its start"), ({"platform": "myspace"}, "choice"), ({"text": "a\0b"}, "can&#39;t be written"),
     ({"tags": "x" * 33}, "at most 32"), ({"tags": ",".join(f"t{number}" for number in range(11))}, "at most 10 tags"),
     ({"text": "x" * 501}, "500")],
    ids=str,
)  # fmt: skip
def test_what_is_no_annotation_is_told_why(eve: Person, book: AnnotationBook, wrong: dict[str, str], says: str) -> None:
    answer = add(eve, **wrong)
    assert answer.status_code == 400
    assert says in answer.text
    assert book.within(None, None) == []


def test_a_viewer_reads_but_neither_writes_nor_deletes(viewer: Person, eve: Person, book: AnnotationBook) -> None:
    add(eve)
    page = viewer.client.get("/annotations").text
    assert "launch" in page and "<textarea" not in page and "/delete" not in page
    assert send(viewer, "/annotations", text="x", start="2026-01-01T00:00", platform="").status_code == 403
    assert send(viewer, "/annotations/1/delete").status_code == 403
    assert len(book.within(None, None)) == 1


def test_authors_delete_their_own_and_administrators_all(app: Flask, eve: Person, accounts: Accounts) -> None:
    accounts.add("bob", "analyst", PASSWORD)
    bob, root = Person(app.test_client(), "bob"), Person(app.test_client(), "root")
    bob.log_in(), root.log_in()
    add(eve), add(eve)
    assert send(bob, "/annotations/1/delete").status_code == 403
    assert send(eve, "/annotations/1/delete").status_code == 302
    assert send(root, "/annotations/2/delete").status_code == 302
    assert send(root, "/annotations/2/delete").status_code == 404
    assert send(root, f"/annotations/{2**70}/delete").status_code == 404


def test_a_hostile_text_is_a_text(eve: Person, viewer: Person) -> None:
    add(eve, SCRIPT, tags=SCRIPT)
    for page in (eve.client.get("/annotations"), viewer.client.get("/annotations")):
        assert SCRIPT not in page.text and "&lt;script&gt;" in page.text


def test_a_limited_user_neither_sees_nor_touches_what_lies_outside(
    eve: Person, app: Flask, accounts: Accounts, book: AnnotationBook
) -> None:
    for platform in ("linkedin", "twitter", ""):
        add(eve, f"about {platform or 'all'}", platform=platform)
    accounts.add("lin", "analyst", PASSWORD, platforms=["linkedin"])
    lin = Person(app.test_client(), "lin")
    lin.log_in()
    page = lin.client.get("/annotations").text
    assert "about linkedin" in page and "about twitter" not in page and "about all" not in page
    assert send(lin, "/annotations/2/delete").status_code == 404, "it does not even say that it is there"
    for platform in ("twitter", ""):
        refused = add(lin, "mine", platform=platform)
        assert refused.status_code == 400 and "lies outside" in refused.text
    assert add(lin, "mine", platform="linkedin").status_code == 302
    accounts.set_role("lin", "admin")
    assert send(lin, "/annotations/2/delete").status_code == 404
    assert len(book.within(None, None)) == 4


@pytest.fixture
def drawn(app: Flask) -> Iterator[Any]:
    """What a chart shows to a user."""
    from flask import g

    moment = NOW - timedelta(hours=5)
    app.extensions["metricstore"].write(
        Point("generation", nanoseconds(moment) + number, {"platform": platform}, {"outcome": "ok"})
        for number, platform in enumerate(("linkedin", "twitter"))
    )

    def draw(user: User | None, **words: str) -> list[str]:
        with app.test_request_context("/"):
            if user is not None:
                g._login_user = user
            told = answer_chart({"start": "-7d", **words}, "picture", "light", {"chart": "generations_by_outcome"})
            assert told["status"] == "ok", told
            return [
                text["text"] for text in told["figure"]["layout"].get("annotations", []) if text.get("name") != OPEN
            ]

    yield draw


def test_charts_show_what_their_viewer_may_see_of_the_platforms_asked_for(
    app: Flask, accounts: Accounts, book: AnnotationBook, drawn: Any
) -> None:
    root = accounts.find("root")
    assert root is not None
    for platform in ("linkedin", "twitter", ""):
        book.add(Draft(NOW - timedelta(days=1), platform or "all", platform=platform), root)
    book.add(Draft(NOW - timedelta(days=30), "long ago"), root)
    assert drawn(root) == ["linkedin", "twitter", "all"]
    assert drawn(root, platform="twitter") == ["twitter", "all"]
    accounts.set_platforms("ann", ["linkedin"])
    assert drawn(accounts.find("ann")) == ["linkedin"]
    assert drawn(accounts.find("ann"), platform="linkedin,twitter") == ["linkedin"]


def test_a_new_annotation_makes_open_pages_draw_again(app: Flask, accounts: Accounts, book: AnnotationBook) -> None:
    from callbacks.freshness import revisions

    root = accounts.find("root")
    assert root is not None
    with app.test_request_context("/"):
        known = revisions(None, "/", None)
        made = book.add(Draft(NOW, "x"), root)
        after = revisions(None, "/", known)
        assert after["annotations"] != known["annotations"]
        book.remove(made.id, root)
        book.add(Draft(NOW, "y"), root)
        assert revisions(None, "/", after)["annotations"] not in (known["annotations"], after["annotations"])


def test_spans_and_moments_fall_into_a_range_half_open(accounts: Accounts, book: AnnotationBook) -> None:
    root = accounts.find("root")
    assert root is not None
    day = timedelta(days=1)
    book.add(Draft(NOW, "moment"), root)
    book.add(Draft(NOW - day, "span", NOW), root)

    def texts(start: datetime, stop: datetime) -> list[str]:
        found = book.within(start, stop)
        assert all(isinstance(one, Annotation) and one.within(start, stop) for one in found)
        return [one.text for one in found]

    assert texts(NOW, NOW + day) == ["moment"]
    assert texts(NOW - day, NOW) == ["span"]
    assert texts(NOW - timedelta(hours=1), NOW + day) == ["span", "moment"]
    assert texts(NOW - 3 * day, NOW - day) == []


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(AccountError, match="offset"):
        Draft(datetime(2026, 1, 1), "x")


def test_both_databases_keep_annotations_alike(database_url: str) -> None:
    accounts = Accounts.open(database_url)
    ann = accounts.add("ann", "analyst", PASSWORD)
    book = AnnotationBook(accounts)
    before = book.revision()
    made = book.add(Draft(NOW - timedelta(days=2), "\N{SNOWMAN} " + "x" * 490, NOW, ("a" * 32, "B"), "linkedin"), ann)
    assert book.within(NOW - timedelta(days=1), None) == [made]
    assert (book.get(made.id), book.get(2**70), book.get(-1)) == (made, None, None)
    assert book.revision() != before
    for wrong in ({"text": "a\0b"}, {"text": "\ud800"}, {"tags": ["a\0"]}, {"platform": "\0"}):
        with pytest.raises(AccountError):
            book.add(Draft(NOW, **{"text": "x", **wrong}), ann)
    book.remove(made.id, ann)
    with pytest.raises(AccountError, match="no annotation"):
        book.remove(made.id, ann)
    assert {entry.action for entry in accounts.audit()} >= {"annotation added", "annotation deleted"}
    accounts.close()
