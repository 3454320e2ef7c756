"""Walks over the address map, so that a new route is tested the moment it exists."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import update
from werkzeug.test import TestResponse

from dashapp.accounts import Accounts, tokens
from dashapp.accounts.models import SessionRow
from dashapp.accounts.tokens import create_token
from dashapp.embeds import keeping
from dashapp.embeds.model import Wanted
from dashapp.embeds.signing import signature
from metricstore.selection import Selection
from tests.web.conftest import Person, entered

PAGE = {"Accept": "text/html"}
LONG_AGO = "2020-01-01T00:00:00+00:00"
OPEN = {
    "/login",
    "/logout",
    "/healthz",
    "/readyz",
    "/static/<path:filename>",
    "/assets/<path:filename>",
    "/assets/page.css",
    "/assets/page.js",
    "/_favicon.ico",
    "/_dash-component-suites/<string:package_name>/<path:fingerprinted_path>",
    "/embed/assets/<path:filename>",
    "/alert-link/<token>",  # to a signature alone; tests/web/test_alert_links.py
    # These answer to a signature alone; tests/embeds say what they show.
    *(f"/embed/<id>{kind}" for kind in ("", ".json", ".svg", ".png", ".csv", ".zip")),
}


def addresses(app: Flask) -> list[tuple[str, str]]:
    """Every method of every guarded rule, its variables filled in."""
    found = []
    for rule in app.url_map.iter_rules():
        if rule.rule not in OPEN:
            path = re.sub(r"<[^>]+>", "posts", re.sub(r"<int:[^>]+>", "987654", rule.rule))
            found += [(method, path) for method in sorted(rule.methods or ())]
    return found


def demand_refused(answer: TestResponse, method: str, path: str) -> None:
    """As a stranger is: pages lead to the login, programs hear 401."""
    if path.startswith(("/api/", "/_")) or path == "/metrics" or method not in ("GET", "HEAD"):
        assert answer.status_code == 401, (method, path)
    else:
        assert answer.status_code == 302, (method, path)
        assert answer.headers["Location"].startswith("/login"), (method, path)


def test_no_guarded_route_answers_a_stranger(app: Flask, stranger: FlaskClient) -> None:
    asked = addresses(app)
    assert len(asked) > 25
    for method, path in asked:
        demand_refused(stranger.open(path, method=method, headers=PAGE), method, path)


def test_no_guarded_route_answers_to_a_login_that_has_ended(app: Flask, accounts: Accounts) -> None:
    assert entered(app, "root").get("/admin/users").status_code == 200
    for method, path in addresses(app):
        client = entered(app, "root")
        with accounts.database.session() as session:
            session.execute(update(SessionRow).values(created=LONG_AGO, seen=LONG_AGO))
        demand_refused(client.open(path, method=method, headers=PAGE), method, path)


def test_no_guarded_route_answers_to_a_token_that_is_unknown_expired_or_revoked(app: Flask, accounts: Accounts) -> None:
    root = accounts.find("root")
    assert root is not None
    expired = create_token(root, "expired", timedelta(seconds=-1), accounts)
    revoked, made = tokens.made_token(root, "revoked", accounts=accounts)
    tokens.revoke(accounts, made.id)
    for method, path in addresses(app):
        for secret in ("dash_unknown", expired, revoked):
            answer = app.test_client().open(path, method=method, headers={**PAGE, "Authorization": f"Bearer {secret}"})
            demand_refused(answer, method, path)


def test_a_token_opens_nothing_but_the_api_downloads_and_metrics(app: Flask, accounts: Accounts) -> None:
    root = accounts.find("root")
    assert root is not None
    headers = {**PAGE, "Authorization": f"Bearer {create_token(root, 'all', accounts=accounts)}"}
    for method, path in addresses(app):
        if not path.startswith(("/api/", "/download/")) and path != "/metrics":
            demand_refused(app.test_client().open(path, method=method, headers=headers), method, path)


def test_an_embeds_signature_opens_nothing_but_its_own_addresses(app: Flask, accounts: Accounts) -> None:
    made = [keeping.create(accounts, Wanted("chart", name, {"start": "-7d"}), None, Selection(timezone="UTC"))
            for name in ("generations_by_outcome", "posts_by_status")]  # fmt: skip
    with app.test_request_context():
        own, other = (signature(one.id) for one in made)
    for method, path in addresses(app):
        demand_refused(app.test_client().open(f"{path}?sig={own}", method=method, headers=PAGE), method, path)
    for kind in ("", ".json", ".svg", ".png", ".csv", ".zip"):
        address = f"/embed/{made[0].id}{kind}"
        assert app.test_client().get(f"{address}?sig={other}").status_code == 403, kind
        assert app.test_client().get(address).status_code == 403, kind


def test_only_the_listed_rules_are_open(app: Flask, stranger: FlaskClient) -> None:
    for rule in app.url_map.iter_rules():
        if rule.rule in OPEN and "GET" in (rule.methods or ()) and not rule.arguments:
            assert stranger.get(rule.rule).status_code == 200, rule.rule


@pytest.mark.parametrize(
    "path",
    [
        "/nowhere",
        "//",
        "//healthz/../",
        "/healthz/",
        "/healthz/x",
        "/loginx",
        "/assets",
        "/assets/../_dash-layout",
        "/%2e%2e/_dash-layout",
        "/_dash-component-suites/x",
        "/_dash-layout/",
        "/_dash-anything",
        "/LOGIN",
        "/metrics/",
        "/METRICS",
        "/api",
        "/api/v1/metrics/",
        "/.env",
    ],
)
def test_no_spelling_of_an_address_slips_through(stranger: FlaskClient, path: str) -> None:
    answer = stranger.get(path)
    if answer.status_code == 302:
        assert answer.headers["Location"].startswith("/login")
    else:
        assert answer.status_code in (308, 401, 404)


def test_no_file_outside_the_assets_is_served(stranger: FlaskClient) -> None:
    for path in ("/assets/../setup.py", "/assets/%2e%2e/setup.py", "/static/..%2fsettings%2fmodel.py"):
        assert stranger.get(path).status_code in (302, 401, 404)


def test_a_page_leads_to_the_login_and_back_to_the_same_view(ann: Person) -> None:
    view = "/generation?start=-7d&platform=linkedin,twitter&topic=~a%26b"
    asked = ann.client.get(view)
    assert asked.status_code == 302
    form = ann.client.get(asked.headers["Location"])
    assert 'name="username"' in form.text
    assert 'name="password"' in form.text
    answer = ann.client.post(
        "/login",
        data={
            "username": "ann",
            "password": "correct horse battery staple",
            "csrf_token": form.text.split('name="csrf_token" type="hidden" value="')[1].split('"')[0],
            "next": form.text.split('name="next" type="hidden" value="')[1].split('"')[0].replace("&amp;", "&"),
        },
    )
    assert answer.status_code == 302
    assert answer.headers["Location"] == view


def test_the_api_tells_strangers_so_in_a_problem_document(stranger: FlaskClient) -> None:
    answer = stranger.get("/api/v1/metrics")
    assert answer.status_code == 401
    assert answer.mimetype == "application/problem+json"
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    assert answer.json is not None
    assert answer.json["status"] == 401


def test_a_callback_without_a_session_gets_401_as_json(stranger: FlaskClient) -> None:
    answer = stranger.post("/_dash-update-component", json={})
    assert answer.status_code == 401
    assert answer.json is not None
    assert answer.json["login"] == "/login"


def test_an_unknown_address_below_api_is_a_404_problem(viewer: Person) -> None:
    for path in ("/api/nothing", "/api/v2/metrics"):
        answer = viewer.client.get(path)
        assert answer.status_code == 404
        assert answer.mimetype == "application/problem+json"
