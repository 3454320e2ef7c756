"""Walks over the address map with people and tokens that are worth too little. What a route demands is said here a second
time: a new one that demands less than these fails."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from dashapp.accounts import Accounts
from dashapp.accounts.tokens import create_token
from dashapp.accounts.user import SCOPES
from dashapp.api import ENDPOINTS, Endpoint
from tests.web.conftest import NAVIGATION, PASSWORD, entered
from tests.web.test_every_route_demands_a_login import OPEN, PAGE, addresses

CHANGES = {"POST", "PUT", "PATCH", "DELETE"}
ADMINISTRATION = ("/admin/", "/api/v1/users", "/api/v1/segments")
ANALYSIS = ("/embeds", "/annotations", "/goals", "/alerts")
"""Below these, changes are for analysts; below /embeds reading, too."""


@pytest.fixture
def app(app: Flask) -> Flask:
    accounts: Accounts = app.extensions["accounts"]
    accounts.add("eve", "analyst", PASSWORD)
    accounts.add("narrow", "admin", PASSWORD)
    accounts.set_platforms("narrow", ["linkedin"])
    return app


def ask(app: Flask, name: str, method: str, path: str) -> TestResponse:
    return entered(app, name).open(path, method=method, headers={**PAGE, **NAVIGATION})


def address(declared: Endpoint) -> str:
    return "/api/v1" + re.sub(r"<[^>]+>", "posts", re.sub(r"<int:[^>]+>", "987654", declared.path))


def by_token(app: Flask, name: str, declared: Endpoint, scopes: tuple[str, ...] | None) -> TestResponse:
    accounts: Accounts = app.extensions["accounts"]
    user = accounts.find(name)
    assert user is not None
    secret = create_token(user, "walk", accounts=accounts, scopes=scopes)
    return app.test_client().open(
        address(declared), method=declared.method, headers={"Authorization": f"Bearer {secret}"}
    )


@pytest.mark.parametrize("name", ["ann", "eve", "narrow"])
def test_administration_is_closed_to_all_but_administrators_with_an_unlimited_view(app: Flask, name: str) -> None:
    asked = [
        (method, path) for method, path in addresses(app) if path.startswith(ADMINISTRATION) and method != "OPTIONS"
    ]
    assert len(asked) > 20
    declared = {(one.method, address(one)) for one in ENDPOINTS}
    for method, path in asked:
        if path.startswith("/api/") and (method, path) not in declared:
            continue  # HEAD is answered as GET is
        assert ask(app, name, method, path).status_code == 403, (name, method, path)


def test_administration_is_open_to_administrators(app: Flask) -> None:
    for path in (
        "/admin/users",
        "/admin/tokens",
        "/admin/segments",
        "/admin/audit",
        "/api/v1/users",
        "/api/v1/segments",
    ):
        assert ask(app, "root", "GET", path).status_code == 200, path


def test_what_analysts_make_is_closed_to_viewers(app: Flask) -> None:
    asked = [(method, path) for method, path in addresses(app)
             if path.startswith(ANALYSIS) and (method in CHANGES or path.startswith("/embeds")) and method != "OPTIONS"]  # fmt: skip
    assert len(asked) >= 6
    for method, path in asked:
        assert ask(app, "ann", method, path).status_code == 403, (method, path)


def test_an_endpoint_is_closed_to_tokens_made_for_something_else(app: Flask) -> None:
    for declared in ENDPOINTS:
        others = tuple(scope for scope in SCOPES if scope != declared.scope)
        answer = by_token(app, "root", declared, others)
        assert answer.status_code == 403, declared.path
        assert answer.mimetype == "application/problem+json"
        assert answer.json is not None and answer.json["scope"] == declared.scope
        assert declared.scope in answer.json["detail"]


def test_an_endpoint_is_closed_to_roles_below_its_own(app: Flask) -> None:
    closed = [(one, "ann") for one in ENDPOINTS if one.role != "viewer"]
    closed += [(one, "eve") for one in ENDPOINTS if one.role == "admin"]
    closed += [(one, "narrow") for one in ENDPOINTS if one.unlimited]
    assert len(closed) > 20
    for declared, name in closed:
        answer = by_token(app, name, declared, None)
        assert answer.status_code == 403, (name, declared.method, declared.path)
        assert answer.mimetype == "application/problem+json"


def test_an_endpoint_lets_in_whom_it_is_for(app: Flask) -> None:
    """So that the walks above can't pass because everything is closed."""
    for declared in ENDPOINTS:
        answer = by_token(app, "root", declared, (declared.scope,))
        assert answer.status_code not in (401, 403, 405), (declared.method, declared.path)


def test_whatever_changes_something_demands_more_than_reading(app: Flask) -> None:
    changing = [one for one in ENDPOINTS if one.method in CHANGES]
    assert changing and all(one.scope != "read" for one in changing)


def test_downloads_are_closed_to_tokens_not_made_for_them(app: Flask, accounts: Accounts) -> None:
    root = accounts.find("root")
    assert root is not None
    secret = create_token(root, "walk", accounts=accounts, scopes=tuple(scope for scope in SCOPES if scope != "export"))
    asked = [path for method, path in addresses(app) if method == "GET" and path.startswith("/download/")]
    assert len(asked) >= 4
    for path in asked:
        answer = app.test_client().get(path, headers={"Authorization": f"Bearer {secret}"})
        assert answer.status_code == 403, path
        assert answer.json is not None and "export" in answer.json["detail"]


def test_no_change_is_taken_from_another_sites_page(app: Flask) -> None:
    """A browser sends the login's cookie along with a form of another site; SameSite alone does not stop all of them."""
    asked = [(method, path) for method, path in addresses(app) if method in CHANGES]
    assert len(asked) > 30
    for method, path in asked:
        for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}):
            answer = entered(app, "root").open(path, method=method, headers=headers)
            assert answer.status_code == 403, (method, path, headers)


CHANGING = ("/login", "/logout", "/alert-link/<token>")
"""Open routes that change something: of a link in an alert's message the signature says what (test_alert_links.py)."""


def test_open_routes_change_nothing(app: Flask) -> None:
    for rule in app.url_map.iter_rules():
        if rule.rule in OPEN:
            assert not (rule.methods or set()) & CHANGES or rule.rule in CHANGING, rule.rule


OWN = ("/account", "/_dash-update-component")
"""What a viewer may change: their own account; Dash asks its questions by POST."""


def test_a_viewer_changes_nothing_that_is_others(app: Flask) -> None:
    asked = [(method, path) for method, path in addresses(app) if method in CHANGES and not path.startswith("/api/")]
    assert len(asked) > 20
    for method, path in asked:
        if not path.startswith(OWN):
            assert ask(app, "ann", method, path).status_code == 403, (method, path)
