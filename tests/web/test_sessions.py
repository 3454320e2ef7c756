"""Logging in, staying in, being out."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from flask_login import current_user
from pydantic import SecretStr
from sqlalchemy import update

from dashapp.accounts import Accounts
from dashapp.accounts.database import now, stamp
from dashapp.accounts.models import SessionRow
from dashapp.factory import create_app
from dashapp.security import require_role, sessions
from dashapp.settings import Settings
from metricstore.duck import DuckStore
from tests.web.conftest import PASSWORD, Person, csrf


@pytest.fixture
def settings(tmp_path: Path, database_url: str) -> Settings:
    """On SQLite and on PostgreSQL."""
    return Settings(data_dir=tmp_path / "var", timezone="UTC", source_timezone="UTC",
                    database_url=SecretStr(database_url))  # fmt: skip


def age(accounts: Accounts, **columns: timedelta) -> None:
    """Make all logins look older."""
    with accounts.database.session() as session:
        session.execute(update(SessionRow).values({name: stamp(now() - by) for name, by in columns.items()}))


def test_the_right_password_opens_the_application(ann: Person) -> None:
    assert not ann.logged_in()
    assert ann.log_in().headers["Location"] == "/"
    assert ann.logged_in()
    assert ann.client.get("/").status_code == 200


@pytest.mark.parametrize(("name", "password"), [("ann", "wrong"), ("nobody", PASSWORD), ("ann", ""), ("", PASSWORD)])
def test_anything_else_does_not(app: Flask, name: str, password: str) -> None:
    person = Person(app.test_client(), name)
    assert person.log_in(password).status_code in (400, 401)
    assert not person.logged_in()


def test_wrong_name_and_wrong_password_are_told_alike(app: Flask) -> None:
    texts = []
    for name, password in (("ann", "wrong password"), ("nobody", "wrong password")):
        page = Person(app.test_client(), name).log_in(password).text
        texts.append(page.split('role="alert">')[1].split("<")[0])
    assert texts[0] == texts[1]


def test_the_name_is_compared_without_case(app: Flask) -> None:
    person = Person(app.test_client(), "  ANN ")
    person.log_in()
    assert person.logged_in()


def test_a_session_ends_after_its_lifetime_however_busy(viewer: Person, accounts: Accounts) -> None:
    age(accounts, created=timedelta(hours=13))
    assert viewer.client.post("/_dash-update-component", json={}).status_code == 401
    assert viewer.client.get("/").status_code == 302


def test_an_idle_session_ends_earlier(viewer: Person, accounts: Accounts) -> None:
    age(accounts, seen=timedelta(hours=3, minutes=50))
    assert viewer.logged_in()
    age(accounts, seen=timedelta(hours=4, minutes=1))
    assert not viewer.logged_in()


def test_a_request_counts_as_activity(viewer: Person, accounts: Accounts) -> None:
    for _ in range(3):
        age(accounts, seen=timedelta(hours=3))
        assert viewer.logged_in()


def test_logging_out_makes_a_copied_cookie_worthless(app: Flask, viewer: Person) -> None:
    name = app.config["SESSION_COOKIE_NAME"]
    cookie = viewer.client.get_cookie(name)
    assert cookie is not None
    assert viewer.client.post("/logout").headers["Location"] == "/login"
    thief = app.test_client()
    thief.set_cookie(name, cookie.value)
    assert thief.get("/_dash-layout").status_code == 401
    assert viewer.client.post("/logout").status_code == 302, "a second click is no error"


def test_a_disabled_user_is_out_at_the_next_request(viewer: Person, accounts: Accounts) -> None:
    accounts.set_active("ann", False)
    assert not viewer.logged_in()
    assert viewer.log_in().status_code == 401


def test_a_changed_role_counts_from_the_next_request_on(app: Flask, viewer: Person, accounts: Accounts) -> None:
    roles: list[str] = []
    app.view_functions["/_reload-hash"] = lambda: roles.append(current_user.role) or "ok"
    viewer.client.get("/_reload-hash")
    accounts.set_role("ann", "analyst")
    viewer.client.get("/_reload-hash")
    assert roles == ["viewer", "analyst"]
    app.view_functions["/_reload-hash"] = require_role("admin")(lambda: "ok")
    assert viewer.client.get("/_reload-hash").status_code == 403
    accounts.set_role("ann", "admin")
    assert viewer.client.get("/_reload-hash").status_code == 200


def test_a_new_password_ends_the_other_logins_and_keeps_this_one(app: Flask, viewer: Person) -> None:
    phone = Person(app.test_client(), "ann")
    phone.log_in()
    page = viewer.client.get("/account/password")
    fields = {"current": PASSWORD, "new": "another fine password", "again": "another fine password"}
    answer = viewer.client.post("/account/password", data={**fields, "csrf_token": csrf(page)})
    assert answer.status_code == 302
    assert viewer.logged_in()
    assert not phone.logged_in()
    assert phone.log_in().status_code == 401
    assert phone.log_in("another fine password").status_code == 302


@pytest.mark.parametrize(
    ("current", "new", "again", "says"),
    [
        ("wrong", "another fine password", "another fine password", "current password is wrong"),
        (PASSWORD, "another fine password", "another fine passwort", "differ"),
        (PASSWORD, "short", "short", "at least 10"),
        (PASSWORD, PASSWORD, PASSWORD, "is the old one"),
        (PASSWORD, "password123456", "password123456", "easy to guess"),
    ],
)
def test_a_refused_password_is_told_why(viewer: Person, current: str, new: str, again: str, says: str) -> None:
    page = viewer.client.get("/account/password")
    fields = {"current": current, "new": new, "again": again, "csrf_token": csrf(page)}
    answer = viewer.client.post("/account/password", data=fields)
    assert answer.status_code == 400
    assert says in answer.text


def test_a_one_time_password_opens_nothing_but_the_form_to_change_it(app: Flask, accounts: Accounts) -> None:
    accounts.set_password("ann", "one-time-secret-7", must_change=True)
    person = Person(app.test_client(), "ann")
    assert person.log_in("one-time-secret-7", "/events").headers["Location"] == "/account/password?next=/events"
    assert person.client.get("/").headers["Location"] == "/account/password"
    assert person.client.get("/_dash-layout").status_code == 403
    assert person.client.get("/api/v1/metrics").status_code == 403
    assert person.client.get("/assets/00-tokens.css").status_code == 200
    page = person.client.get("/account/password?next=/events")
    fields = {"current": "one-time-secret-7", "new": "another fine password", "again": "another fine password"}
    answer = person.client.post("/account/password", data={**fields, "next": "/events", "csrf_token": csrf(page)})
    assert answer.headers["Location"] == "/events"
    assert person.logged_in()


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(make_app: Callable[..., Flask]) -> None:
    app = make_app(trusted_proxies=1)
    person = Person(app.test_client(), "ann")
    plain = person.log_in().headers["Set-Cookie"]
    assert "HttpOnly" in plain
    assert "SameSite=Lax" in plain
    assert "Secure" not in plain
    assert person.client.get("/login").status_code == 302
    https = app.test_client().get("/login", headers={"X-Forwarded-Proto": "https"})
    assert "Secure" in https.headers["Set-Cookie"]


def test_two_applications_on_one_host_do_not_share_a_cookie(tmp_path: Path) -> None:
    names = set()
    for key in ("a" * 32, "b" * 32):
        app = Flask(key)
        sessions.init_app(app, Settings(data_dir=tmp_path, secret_key=SecretStr(key)))
        names.add(app.config["SESSION_COOKIE_NAME"])
    assert len(names) == 2


def test_a_session_survives_a_restart(make_app: Callable[..., Flask]) -> None:
    first = make_app()
    person = Person(first.test_client(), "ann")
    person.log_in()
    name = first.config["SESSION_COOKIE_NAME"]
    cookie = person.client.get_cookie(name)
    assert cookie is not None
    second = create_app(first.extensions["settings"], DuckStore(None))
    client = second.test_client()
    client.set_cookie(name, cookie.value)
    assert client.get("/_dash-layout").status_code == 200
