"""Forged requests, open redirects, guessing, headers."""

from __future__ import annotations

import base64
import hashlib
import re
import sys
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from pydantic import SecretStr

from dashapp.accounts import Accounts, passwords
from dashapp.accounts.tokens import create_token
from dashapp.factory import create_app
from dashapp.security.redirects import safe_next
from dashapp.settings import SettingsError
from metricstore.duck import DuckStore
from tests.web.conftest import PASSWORD, Person, csrf


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://localhost:9999"},
        {"Origin": "http://localhost.evil.example"},
    ],
)
def test_what_another_site_sends_is_refused(viewer: Person, headers: dict[str, str]) -> None:
    for path in ("/_dash-update-component", "/account/password", "/logout", "/api/v1/metrics"):
        assert viewer.client.post(path, headers=headers).status_code == 403, path
    assert viewer.logged_in()


@pytest.mark.parametrize("headers", [{}, {"Sec-Fetch-Site": "same-origin"}, {"Origin": "http://localhost"}])
def test_what_our_own_pages_send_is_taken(viewer: Person, headers: dict[str, str]) -> None:
    assert viewer.client.post("/api/v1/metrics", headers=headers).status_code == 405


def test_a_login_form_of_another_page_is_refused(app: Flask, ann: Person) -> None:
    answer = ann.client.post("/login", data={"username": "ann", "password": PASSWORD})
    assert answer.status_code == 400
    token = csrf(app.test_client().get("/login"))
    assert (
        ann.client.post("/login", data={"username": "ann", "password": PASSWORD, "csrf_token": token}).status_code
        == 400
    )
    assert not ann.logged_in()


def test_changing_the_password_needs_the_forms_token(viewer: Person) -> None:
    fields = {"current": PASSWORD, "new": "another fine password", "again": "another fine password"}
    assert viewer.client.post("/account/password", data=fields).status_code == 400


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example/", "//evil.example", "///evil.example", "/\\evil.example", "\\\\evil.example", "/\t/evil",
        "http:evil.example", "javascript:alert(1)", "evil.example", "/logout", "/login?next=/", "/_dash-layout",
        "/x\r\nSet-Cookie: a=b", "/\x00", "", None,
    ],
)  # fmt: skip
def test_a_login_never_leads_to_another_site(target: str | None) -> None:
    assert safe_next(target) == "/"


def test_an_open_redirect_in_the_form_is_ignored(ann: Person) -> None:
    assert ann.log_in(next_="//evil.example/").headers["Location"] == "/"


def test_guessing_is_stopped_for_the_account_and_address_alone(make_app: Callable[..., Flask]) -> None:
    app = make_app(login_attempts=3)
    guesser = Person(app.test_client(), "ann")
    assert [guesser.log_in("wrong password").status_code for _ in range(4)] == [401, 401, 401, 429]
    refused = guesser.log_in()
    assert refused.status_code == 429, "the right password too: else guessing would go on"
    assert int(refused.headers["Retry-After"]) <= 61
    assert "Too many" in refused.text
    assert Person(app.test_client(), "root").log_in().status_code == 302
    elsewhere = app.test_client()
    elsewhere.environ_base["REMOTE_ADDR"] = "203.0.113.9"
    assert Person(elsewhere, "ann").log_in().status_code == 302


def test_two_workers_count_failed_logins_together(make_app: Callable[..., Flask], database_url: str) -> None:
    first = make_app(login_attempts=3, database_url=SecretStr(database_url))
    second = create_app(first.extensions["settings"], DuckStore(None))
    workers = [Person(app.test_client(), "ann") for app in (first, second)]
    codes = [workers[number % 2].log_in("wrong password").status_code for number in range(4)]
    assert codes == [401, 401, 401, 429]
    assert [worker.log_in().status_code for worker in workers] == [429, 429]
    second.extensions["metricstore"].close()
    second.extensions["accounts"].close()


def test_memory_counts_for_each_worker_alone_where_that_is_asked_for(make_app: Callable[..., Flask]) -> None:
    guesser = Person(make_app(login_attempts=1, limiter_storage="memory://").test_client(), "ann")
    assert [guesser.log_in("wrong password").status_code for _ in range(2)] == [401, 429]


@pytest.mark.parametrize("address", ["nonsense://x", "redis://127.0.0.1:1"])
def test_a_storage_that_is_none_or_lacks_its_library_is_one_sentence(
    make_app: Callable[..., Flask], address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "redis", None)
    with pytest.raises(SettingsError, match="DASHAPP_LIMITER_STORAGE can't be used") as told:
        make_app(limiter_storage=address)
    assert "\n" not in str(told.value)


def test_many_names_from_one_address_are_stopped_too(make_app: Callable[..., Flask]) -> None:
    app = make_app(login_attempts=1)
    codes = [Person(app.test_client(), f"name{i}").log_in("wrong password").status_code for i in range(8)]
    assert codes[:6] == [401] * 6
    assert codes[6:] == [429] * 2


def test_successful_logins_are_not_counted(make_app: Callable[..., Flask]) -> None:
    app = make_app(login_attempts=2)
    assert [Person(app.test_client(), "ann").log_in().status_code for _ in range(6)] == [302] * 6


def test_the_current_password_can_not_be_tried_out_for_long(make_app: Callable[..., Flask]) -> None:
    person = Person(make_app(login_attempts=1).test_client(), "ann")
    person.log_in()
    fields = {"current": "guess", "new": "another fine password", "again": "another fine password"}
    token = csrf(person.client.get("/account/password"))
    codes = [
        person.client.post("/account/password", data={**fields, "csrf_token": token}).status_code for _ in range(3)
    ]
    assert codes == [400, 400, 429]


def test_a_forwarded_address_counts_only_behind_a_trusted_proxy(make_app: Callable[..., Flask]) -> None:
    app = make_app(login_attempts=2)
    client = app.test_client()
    codes = []
    for number in range(4):
        form = client.get("/login")
        codes.append(client.post("/login", data={"username": "ann", "password": "wrong", "csrf_token": csrf(form)},
                                 headers={"X-Forwarded-For": f"198.51.100.{number}"}).status_code)  # fmt: skip
    assert codes == [401, 401, 429, 429]


def test_an_unknown_name_costs_a_hash_as_well(accounts: Accounts, monkeypatch: pytest.MonkeyPatch) -> None:
    verified = []
    real = passwords.matches
    monkeypatch.setattr(passwords, "matches", lambda h, p: verified.append(h) or real(h, p))
    assert accounts.authenticate("nobody", PASSWORD) is None
    assert accounts.authenticate("ann", "wrong") is None
    assert len(verified) == 2


def test_pages_allow_no_inline_scripts_but_dashs_own_and_the_first(viewer: Person) -> None:
    page = viewer.client.get("/")
    policy = page.headers["Content-Security-Policy"]
    directives = dict(part.strip().split(" ", 1) for part in policy.split(";"))
    assert "unsafe" not in directives["script-src"]
    assert directives["script-src"].startswith("'self'")
    assert directives["frame-ancestors"] == "'none'"
    inline = [found for found in re.findall(r"<script[^>]*>(.*?)</script>", page.text, re.S) if found.strip()]
    executable = [found for found in inline if not found.lstrip().startswith("{")]
    assert len(executable) == 2, "Dash's starter, and what runs before the first paint"
    for script in executable:
        digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
        assert f"'sha256-{digest}'" in directives["script-src"]


def test_every_answer_carries_the_headers(viewer: Person, stranger: FlaskClient) -> None:
    answers = [
        viewer.client.get(p) for p in ("/", "/_dash-layout", "/api/v1/metrics", "/assets/00-tokens.css", "/api/x")
    ]
    answers += [stranger.get(p) for p in ("/login", "/", "/healthz", "/api/v1/metrics")]
    for answer in answers:
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
        assert answer.headers["Referrer-Policy"] == "same-origin"
        assert "Permissions-Policy" in answer.headers
        assert "X-Request-ID" in answer.headers
        assert "Strict-Transport-Security" not in answer.headers


def test_only_pages_of_charts_may_be_framed_by_the_kiosk(viewer: Person, stranger: FlaskClient) -> None:
    for path in ("/?kiosk", "/generation?kiosk=generation&start=-7d"):
        page = viewer.client.get(path).headers
        assert "frame-ancestors 'self'" in page["Content-Security-Policy"] and "X-Frame-Options" not in page
    answers = [
        viewer.client.get(path)
        for path in (
            "/account/password?kiosk",
            "/api/v1/metrics?kiosk",
            "/_dash-layout?kiosk",
            "/alerts?kiosk",
            "/generation",
        )
    ]
    for answer in [*answers, stranger.get("/login?kiosk"), stranger.get("/login?next=/%3Fkiosk")]:
        assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"], answer.request.path
        assert answer.headers["X-Frame-Options"] == "DENY"


def test_browsers_are_bound_to_https_once_they_came_by_it(make_app: Callable[..., Flask]) -> None:
    client = make_app(trusted_proxies=1).test_client()
    assert "Strict-Transport-Security" in client.get("/login", headers={"X-Forwarded-Proto": "https"}).headers


def test_what_a_login_shows_is_kept_by_no_cache(viewer: Person) -> None:
    for path in ("/", "/_dash-layout", "/account/password"):
        assert viewer.client.get(path).headers["Cache-Control"] == "no-store", path


def test_files_named_by_content_are_kept_for_ever_and_compressed(stranger: FlaskClient) -> None:
    page = stranger.get("/login").text
    for address in re.findall(r'(?:href|src)="(/(?:assets|static)/[^"]+)"', page):
        answer = stranger.get(address, headers={"Accept-Encoding": "br, gzip"})
        assert answer.status_code == 200
        assert "immutable" in answer.headers["Cache-Control"], address
        if len(stranger.get(address).data) > 500:
            assert answer.headers["Content-Encoding"] == "br", address


def test_a_compressed_file_is_the_file(stranger: FlaskClient) -> None:
    import brotli

    for _ in range(2):
        packed = stranger.get("/assets/00-tokens.css", headers={"Accept-Encoding": "br"})
        assert brotli.decompress(packed.data) == stranger.get("/assets/00-tokens.css").data
    again = stranger.get(
        "/assets/00-tokens.css", headers={"Accept-Encoding": "br", "If-None-Match": packed.headers["ETag"]}
    )
    assert again.status_code == 304


def test_tokens_open_the_api_and_nothing_else(app: Flask, accounts: Accounts) -> None:
    user = accounts.find("ann")
    assert user is not None
    bearer = {"Authorization": f"Bearer {create_token(user, 'test', accounts=accounts)}"}
    client = app.test_client()
    assert client.get("/api/v1/metrics", headers=bearer).status_code == 200
    assert client.get("/", headers=bearer).status_code == 302
    assert client.get("/_dash-layout", headers=bearer).status_code == 401
    assert client.get("/account/password", headers=bearer).status_code == 302
    assert client.get("/api/v1/metrics").status_code == 401, "a token leaves no session behind"


def test_a_bad_token_is_told_even_beside_a_session(viewer: Person) -> None:
    for text in ("Bearer dash_unknown", "Bearer ", "bearer x"):
        assert viewer.client.get("/api/v1/metrics", headers={"Authorization": text}).status_code == 401


def test_an_unexpected_error_shows_an_id_that_the_log_has_too(
    app: Flask, viewer: Person, caplog: pytest.LogCaptureFixture
) -> None:  # fmt: skip
    def broken() -> str:
        raise RuntimeError("inner detail")

    app.view_functions["login.password"] = broken
    answer = viewer.client.get("/account/password")
    assert answer.status_code == 500
    assert "inner detail" not in answer.text
    assert answer.headers["X-Request-ID"] in answer.text
    assert "inner detail" in caplog.text
