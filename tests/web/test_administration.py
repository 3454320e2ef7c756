"""One's own account and the administrators' area: who may do what, and what is shown once stays shown once."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text
from werkzeug.test import TestResponse

from dashapp.accounts import Accounts, segments, tokens
from dashapp.administration import ADMINISTRATION
from metricstore.point import Point, nanoseconds
from metricstore.segment import Segment
from tests.web.conftest import PASSWORD, Person, csrf

SECRET = re.compile(r"dash_[\w-]{40,}")
ONE_TIME = re.compile(r"\b(?:\w{5}-){3}\w{5}\b")
LINKEDIN = Segment.from_params({"platform": "linkedin"})
SCRIPT = "<script>alert(1)</script>"


@pytest.fixture
def root(app: Flask) -> Person:
    """An administrator, logged in."""
    found = Person(app.test_client(), "root")
    assert found.log_in().status_code == 302
    return found


def send(person: Person, path: str, page: str = "/account", **fields: Any) -> TestResponse:
    """A form of `page`, sent as its button would."""
    token = csrf(person.client.get(page))
    return person.client.post(path, data={"csrf_token": token, **fields})


def make_token(person: Person, label: str = "script", **fields: Any) -> str:
    answer = send(person, "/account/tokens", label=label, scopes=["read"], segment="", expires="90d", **fields)
    assert answer.status_code == 200, answer.text
    (found,) = set(SECRET.findall(answer.text))
    return str(found)


def ask_api(app: Flask, token: str) -> int:
    return app.test_client().get("/api/v1/metrics", headers={"Authorization": f"Bearer {token}"}).status_code


def test_a_token_is_shown_once_and_never_again(app: Flask, viewer: Person, accounts: Accounts) -> None:
    token = make_token(viewer)
    assert ask_api(app, token) == 200
    page = viewer.client.get("/account")
    assert token not in page.text
    assert token[:10] in page.text
    assert all(token not in str(cookie) for cookie in page.headers.getlist("Set-Cookie"))
    with accounts.database.session() as session:
        for table in ("api_tokens", "audit_log"):
            assert token not in str(session.execute(text(f"SELECT * FROM {table}")).all())


def test_a_page_sent_again_makes_no_second_token(viewer: Person, accounts: Accounts) -> None:
    make_token(viewer)
    again = send(viewer, "/account/tokens", label=" script ", scopes="read", segment="", expires="never")
    assert again.status_code == 400
    assert "already" in again.text and not SECRET.search(again.text)
    assert len(tokens.listed(accounts, "ann")) == 1


def test_a_revoked_token_is_worth_nothing_from_the_next_request_on(app: Flask, viewer: Person) -> None:
    token = make_token(viewer)
    assert send(viewer, "/account/tokens/1/revoke").status_code == 302
    assert ask_api(app, token) == 401
    assert "revoked" in viewer.client.get("/account").text


def test_nobody_revokes_another_ones_token_but_administrators(app: Flask, viewer: Person, root: Person) -> None:
    token = make_token(root)
    assert send(viewer, "/account/tokens/1/revoke").status_code == 404
    assert send(viewer, "/admin/tokens/1/revoke").status_code == 403
    assert ask_api(app, token) == 200
    mine = make_token(viewer)
    assert send(root, "/admin/tokens/2/revoke", next="//evil.example/").headers["Location"] == "/admin/tokens"
    assert ask_api(app, mine) == 401


def test_scopes_end_and_segment_of_a_token_are_those_of_the_form(viewer: Person, accounts: Accounts) -> None:
    segments.create(accounts, "team", LINKEDIN)
    answer = send(viewer, "/account/tokens", label="x", scopes=["export", "read"], segment="team", expires="7d")
    assert answer.status_code == 200
    (made,) = tokens.listed(accounts, "ann")
    assert (made.scopes, made.segment) == (("read", "export"), "team")
    assert made.expires is not None
    left = datetime.fromisoformat(made.expires) - datetime.now(UTC)
    assert timedelta(days=6, hours=23) < left <= timedelta(days=7)


@pytest.mark.parametrize(
    "wrong",
    [{"scopes": "admin"}, {"scopes": []}, {"scopes": "everything"}, {"segment": "other"}, {"expires": "soon"},
     {"label": ""}, {"label": "x" * 101}, {"label": "a\0b"}],
    ids=str,
)  # fmt: skip
def test_what_a_form_does_not_offer_makes_no_token(viewer: Person, accounts: Accounts, wrong: dict[str, Any]) -> None:
    fields = {"label": "x", "scopes": "read", "segment": "", "expires": "90d", **wrong}
    assert send(viewer, "/account/tokens", **fields).status_code == 400
    assert tokens.listed(accounts) == []


def test_a_limited_user_is_offered_no_segment_that_speaks_of_more(app: Flask, ann: Person, accounts: Accounts) -> None:
    for name, words in (("own", {"platform": "linkedin", "start": "-7d"}), ("foreign", {"platform": "twitter"}),
                        ("anyones", {"outcome": "ok"})):  # fmt: skip
        segments.create(accounts, name, Segment.from_params(words))
    accounts.set_platforms("ann", ["linkedin"])
    ann.log_in()
    page = ann.client.get("/account").text
    assert "own" in re.findall(r'<option value="(\w*)">', page)
    assert "foreign" not in page and "anyones" not in page
    token = make_token(ann, "limited")
    acting = tokens.verify(token, accounts)
    assert acting is not None and acting.segments == (Segment.of_platforms(("linkedin",)),)
    refused = send(ann, "/account/tokens", label="y", scopes="read", segment="foreign", expires="90d")
    assert refused.status_code == 400


def test_hostile_names_are_shown_as_text(viewer: Person, root: Person) -> None:
    make_token(viewer, SCRIPT)
    for page in (viewer.client.get("/account"), root.client.get("/admin/tokens"), root.client.get("/admin/users/ann"),
                 root.client.get("/admin/audit")):  # fmt: skip
        assert SCRIPT not in page.text
        assert "&lt;script&gt;" in page.text


def test_logins_are_listed_and_ended_one_by_one_or_all_others(app: Flask, viewer: Person) -> None:
    second, third = Person(app.test_client(), "ann"), Person(app.test_client(), "ann")
    second.log_in(), third.log_in()
    page = viewer.client.get("/account").text
    assert page.count("this one") == 1
    numbers = re.findall(r"/account/sessions/(\w{64})/end", page)
    assert len(numbers) == 2
    assert send(viewer, f"/account/sessions/{numbers[0]}/end").status_code == 302
    assert [second.logged_in(), third.logged_in()].count(True) == 1
    assert send(viewer, "/account/sessions/end").status_code == 302
    assert not second.logged_in() and not third.logged_in() and viewer.logged_in()


def test_nobody_ends_another_ones_login(viewer: Person, root: Person) -> None:
    page = viewer.client.get("/account").text
    assert "/account/sessions/" not in page
    root_again = root.client.get("/admin/users/ann").text
    assert not re.search(r"\w{64}", root_again.replace(csrf(root.client.get("/account")), ""))
    assert send(viewer, f"/account/sessions/{'0' * 64}/end").status_code == 404


def admin_rules(app: Flask) -> list[tuple[str, str]]:
    found = []
    for rule in app.url_map.iter_rules():
        if rule.rule.startswith("/admin"):
            path = re.sub(r"<int:\w+>", "1", rule.rule).replace("<name>", "ann")
            found += [(method, path) for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})]
    return found


def test_administration_is_closed_to_all_others(app: Flask, accounts: Accounts) -> None:
    accounts.add("eve", "analyst", PASSWORD)
    accounts.add("limited", "admin", PASSWORD, platforms=["linkedin"])
    rules = admin_rules(app)
    assert len(rules) >= 14
    for name in ("ann", "eve", "limited"):
        person = Person(app.test_client(), name)
        person.log_in()
        token = csrf(person.client.get("/account"))
        for method, path in rules:
            answer = person.client.open(path, method=method, data={"csrf_token": token} if method == "POST" else None)
            assert answer.status_code == 403, (name, method, path)
        assert "/admin/" not in person.client.get("/account").text
        assert "/admin/" not in person.client.get("/_dash-layout").text
    assert segments.listed(accounts) == []


def test_whose_view_is_limited_is_told_why_administration_is_closed(app: Flask, accounts: Accounts) -> None:
    accounts.add("limited", "admin", PASSWORD, platforms=["linkedin"])
    person = Person(app.test_client(), "limited")
    person.log_in()
    assert "platform is linkedin" in person.client.get("/admin/users").text


def test_every_form_needs_its_own_token(app: Flask, root: Person, accounts: Accounts) -> None:
    make_token(root)
    segments.create(accounts, "ann", LINKEDIN)
    asked = 0
    for rule in app.url_map.iter_rules():
        if str(rule.endpoint).startswith("desk.") and "POST" in (rule.methods or ()):
            path = re.sub(r"<int:\w+>", "1", rule.rule).replace("<name>", "ann").replace("<number>", "0" * 64)
            fields = {"label": "x", "scopes": "read", "expires": "7d", "name": "bob", "role": "admin", "do": "save",
                      "column": "platform", "values": "x", "text": "x", "start": "2026-01-01"}  # fmt: skip
            for token in ({}, {"csrf_token": "forged"}):
                assert root.client.post(path, data={**fields, **token}).status_code == 400, path
            asked += 1
    assert asked >= 12
    assert accounts.find("bob") is None
    assert len(tokens.listed(accounts)) == 1 and not tokens.listed(accounts)[0].revoked
    assert [found.segment for found in segments.listed(accounts)] == [LINKEDIN]


def test_another_site_can_not_send_the_forms(root: Person, accounts: Accounts) -> None:
    token = csrf(root.client.get("/account"))
    answer = root.client.post("/admin/users", data={"csrf_token": token, "name": "bob", "role": "admin", "segment": ""},
                              headers={"Sec-Fetch-Site": "cross-site"})  # fmt: skip
    assert answer.status_code == 403
    assert accounts.find("bob") is None


def test_a_new_user_gets_a_password_that_is_shown_once_and_works_once(
    app: Flask, root: Person, accounts: Accounts
) -> None:
    segments.create(accounts, "team", LINKEDIN)
    answer = send(root, "/admin/users", name="Bob", role="analyst", segment="team", platforms=["linkedin", "twitter"])
    (password,) = set(ONE_TIME.findall(answer.text))
    assert password not in root.client.get("/admin/users").text
    bob = accounts.find("bob")
    assert bob is not None and (bob.role, bob.segment, bob.platforms) == ("analyst", "team", ("linkedin", "twitter"))
    person = Person(app.test_client(), "bob")
    assert person.log_in(password).headers["Location"].startswith("/account/password")
    assert person.client.get("/account").headers["Location"].startswith("/account/password"), "nothing before that"
    taken = send(root, "/admin/users", name="bob", role="viewer", segment="")
    assert taken.status_code == 400 and "already" in taken.text and not ONE_TIME.search(taken.text)


def test_a_changed_user_is_changed_from_the_next_request_on(
    app: Flask, viewer: Person, root: Person, accounts: Accounts
) -> None:
    segments.create(accounts, "team", LINKEDIN)
    answer = send(root, "/admin/users/ann", role="analyst", segment="team", active="y")
    assert answer.status_code == 302
    found = accounts.find("ann")
    assert found is not None and (found.role, found.segment) == ("analyst", "team")
    assert "platform is linkedin" in viewer.client.get("/account").text
    shown = root.client.get("/admin/users/ann").text
    assert re.search(r'<option selected value="team">', shown)
    assert send(root, "/admin/users/ann", role="analyst", segment="team").status_code == 302
    assert not viewer.logged_in(), "disabled"
    assert send(root, "/admin/users/ann", role="analyst", segment="", active="y").status_code == 302
    assert viewer.log_in().status_code == 302
    assert "limited" not in viewer.client.get("/account").text.split("<section")[0]


@pytest.mark.parametrize(
    "fields",
    [{"role": "viewer", "active": "y"}, {"role": "admin"}, {"role": "admin", "active": "y", "platforms": "twitter"}],
)
def test_nobody_locks_oneself_out(root: Person, accounts: Accounts, fields: dict[str, str]) -> None:
    answer = send(root, "/admin/users/root", segment="", **fields)
    assert answer.status_code == 400
    assert "another administrator" in answer.text
    found = accounts.find("root")
    assert found is not None and (found.role, found.active, found.segments) == ("admin", True, ())


def test_a_reset_password_is_shown_once_and_ends_all_logins(app: Flask, viewer: Person, root: Person) -> None:
    answer = send(root, "/admin/users/ann/password")
    (password,) = set(ONE_TIME.findall(answer.text))
    assert not viewer.logged_in()
    assert Person(app.test_client(), "ann").log_in().status_code == 401
    assert Person(app.test_client(), "ann").log_in(password).status_code == 302


def test_logins_of_a_user_are_ended_by_an_administrator(viewer: Person, root: Person) -> None:
    assert send(root, "/admin/users/ann/sessions/end").status_code == 302
    assert not viewer.logged_in() and root.logged_in()


def test_a_user_nobody_has_heard_of_is_a_404(root: Person) -> None:
    for name in ("nobody", "%00", "a%0ab", "<b>", "x" * 300):
        assert root.client.get(f"/admin/users/{name}").status_code == 404
        assert root.client.get(f"/admin/segments/of/{name}").status_code == 404


def points(app: Flask, *platforms: str) -> None:
    moment = datetime.now(UTC) - timedelta(hours=5)
    app.extensions["metricstore"].write(
        Point("generation", nanoseconds(moment) + number, {"platform": platform}, {"outcome": "ok", "topic": "x"})
        for number, platform in enumerate(platforms)
    )


def test_a_segment_tells_in_words_and_numbers_what_it_lets_through(
    app: Flask, root: Person, accounts: Accounts
) -> None:
    points(app, "linkedin", "linkedin", "twitter")
    fields = {"name": "team", "tz": "UTC", "column": ["platform", "", "weekday"], "values": ["linkedin", "x", ""],
              "start": "-30d"}  # fmt: skip
    shown = send(root, "/admin/segments/new", "/admin/segments/new", do="preview", **fields)
    assert shown.status_code == 200
    assert "platform is linkedin, from -30d" in shown.text
    assert "<strong>2</strong> of 3 records" in shown.text
    assert segments.listed(accounts) == [], "a preview keeps nothing"
    assert 'value="linkedin"' in shown.text, "what was typed stays"
    saved = send(root, "/admin/segments/new", "/admin/segments/new", do="save", **fields)
    assert saved.status_code == 302
    (made,) = segments.listed(accounts)
    assert made.segment == Segment.from_params({"platform": "linkedin", "start": "-30d"})


@pytest.mark.parametrize(
    ("wrong", "says"),
    [({"column": "no_such", "values": "x"}, "no_such"), ({"start": "soon"}, "Start"), ({"every": "3x"}, "3x"),
     ({"tz": "Mars/Phobos"}, "Mars/Phobos"), ({}, "without any limit"), ({"name": "a/b", "start": "-7d"}, "a name for a segment"),
     ({"start": "-1d", "stop": "-7d"}, "not before"), ({"column": "weekday", "values": "someday"}, "someday")],
    ids=str,
)  # fmt: skip
def test_a_segment_that_is_none_is_told_why(root: Person, accounts: Accounts, wrong: dict[str, str], says: str) -> None:
    answer = send(root, "/admin/segments/new", "/admin/segments/new", do="save", **{"name": "team", **wrong})
    assert answer.status_code == 400
    assert says in answer.text
    assert segments.listed(accounts) == []


def test_a_changed_segment_shows_its_holders_and_counts_for_them_at_once(
    viewer: Person, root: Person, accounts: Accounts
) -> None:
    segments.create(accounts, "team", LINKEDIN, "for the team")
    accounts.set_segment("ann", "team")
    page = root.client.get("/admin/segments/of/team")
    assert "/admin/users/ann" in page.text and 'value="linkedin"' in page.text and "for the team" in page.text
    held = send(root, "/admin/segments/of/team/delete", "/admin/segments/of/team")
    assert held.status_code == 302 and segments.listed(accounts), "not while somebody holds it"
    saved = send(root, "/admin/segments/of/team", "/admin/segments/of/team", do="save", column="platform",
                 values="twitter", description="now for others", tz="UTC")  # fmt: skip
    assert saved.status_code == 302
    assert "platform is twitter" in viewer.client.get("/account").text
    accounts.set_segment("ann", None)
    send(root, "/admin/segments/of/team/delete", "/admin/segments/of/team")
    assert segments.listed(accounts) == []


def test_every_change_made_in_the_app_names_who_made_it(root: Person, accounts: Accounts) -> None:
    make_token(root)
    send(root, "/admin/users", name="bob", role="viewer", segment="")
    send(root, "/admin/users/bob", role="analyst", segment="", active="y")
    send(root, "/admin/users/bob/password")
    by_root = {entry.action for entry in accounts.audit() if entry.actor == "root"}
    assert by_root >= {"token created", "user added", "role changed", "password changed"}
    assert "role changed" in root.client.get("/admin/audit").text


def test_every_section_opens_and_says_where_one_is(root: Person) -> None:
    assert root.client.get("/admin").headers["Location"] == ADMINISTRATION[0].prefix
    for section in ADMINISTRATION:
        page = root.client.get(section.prefix)
        assert page.status_code == 200, section
        assert f'<a href="{section.prefix}" aria-current="page">' in page.text


def test_the_way_back_leads_to_our_own_pages_only(viewer: Person) -> None:
    assert 'href="/generation?start=-7d&amp;platform=x"' in viewer.client.get(
        "/account", query_string={"next": "/generation?start=-7d&platform=x"}
    ).text  # fmt: skip
    for target in ("//evil.example", "https://evil.example", "/\\evil.example", "javascript:alert(1)"):
        assert "evil" not in viewer.client.get("/account", query_string={"next": target}).text


def test_a_token_opens_none_of_these_pages(app: Flask, root: Person, stranger: FlaskClient) -> None:
    bearer = {"Authorization": f"Bearer {make_token(root)}"}
    for path in ("/account", "/admin/users", "/annotations"):
        assert stranger.get(path, headers=bearer).status_code == 302


def test_two_applications_keep_their_own_accounts(make_app: Callable[..., Flask], settings: Any, tmp_path: Any) -> None:
    first, second = make_app(), make_app(data_dir=tmp_path / "other")
    person = Person(first.test_client(), "root")
    person.log_in()
    send(person, "/admin/users", name="bob", role="viewer", segment="")
    assert first.extensions["accounts"].find("bob") is not None
    assert second.extensions["accounts"].find("bob") is None
