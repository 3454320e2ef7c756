"""Walks over the address map, so that a new route is tested the moment it exists."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.web.conftest import Person

OPEN = {
    "/login",
    "/logout",
    "/healthz",
    "/readyz",
    "/static/<path:filename>",
    "/assets/<path:filename>",
    "/_favicon.ico",
    "/_dash-component-suites/<string:package_name>/<path:fingerprinted_path>",
    "/embed/assets/<path:filename>",
    # These answer to a signature alone; tests/embeds say what they show.
    *(f"/embed/<id>{kind}" for kind in ("", ".json", ".svg", ".png", ".csv", ".zip")),
}


def addresses(app: Flask) -> list[tuple[str, str]]:
    """Every method of every guarded rule, its variables filled in."""
    found = []
    for rule in app.url_map.iter_rules():
        if rule.rule not in OPEN:
            path = re.sub(r"<[^>]+>", "posts", rule.rule)
            found += [(method, path) for method in sorted(rule.methods or ())]
    return found


def test_no_guarded_route_answers_a_stranger(app: Flask, stranger: FlaskClient) -> None:
    asked = addresses(app)
    assert len(asked) > 25
    for method, path in asked:
        answer = stranger.open(path, method=method, headers={"Accept": "text/html"})
        if path.startswith(("/api/", "/_")) or method not in ("GET", "HEAD"):
            assert answer.status_code == 401, (method, path)
        else:
            assert answer.status_code == 302, (method, path)
            assert answer.headers["Location"].startswith("/login"), (method, path)


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
