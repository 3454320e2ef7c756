"""Users, tokens, segments and annotations over the API: for whom, with which scope, and never more than one may see."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from dashapp.accounts import Accounts, segments, tokens
from dashapp.api import ENDPOINTS
from dashapp.factory import create_app
from dashapp.settings import Settings
from metricstore.duck import DuckStore
from metricstore.segment import Segment
from tests.api.conftest import PASSWORD
from tests.api.test_login import log_in

Ask = Callable[..., TestResponse]
LINKEDIN = Segment.from_params({"platform": "linkedin"})
HOSTILE = ["", " ", "a/b", "..", "x" * 300, "<script>", "a\x00b", "\N{SNOWMAN}", "' OR 1=1 --", "%s", "null"]


@pytest.fixture
def app(tmp_path: Path) -> Iterator[Flask]:
    """An application of its own, since its accounts are changed."""
    store = DuckStore(None)
    made = create_app(Settings(data_dir=tmp_path, source_timezone="UTC", timezone="UTC"), store)
    yield made
    made.extensions["accounts"].close()
    store.close()


@pytest.fixture
def accounts(app: Flask) -> Accounts:
    found: Accounts = app.extensions["accounts"]
    found.add("root", "admin", PASSWORD)
    found.add("eve", "analyst", PASSWORD)
    found.add("vic", "viewer", PASSWORD)
    return found


@pytest.fixture
def ask(app: Flask, accounts: Accounts) -> Ask:
    """A request as somebody, by a token made for `scopes` (None: whatever the user may)."""

    def send(who: str, method: str, path: str, body: Any = None, *, scopes: list[str] | None = None,
             segment: str | None = None, **more: Any) -> TestResponse:  # fmt: skip
        user = accounts.find(who)
        assert user is not None
        token = tokens.create_token(user, "test", accounts=accounts, scopes=scopes, segment=segment)
        if body is not None:
            more["json"] = body
        headers = {"Authorization": f"Bearer {token}"}
        return app.test_client().open(f"/api/v1{path}", method=method, headers=headers, **more)

    return send


def test_users_are_added_read_and_changed_by_administrators(ask: Ask, app: Flask, accounts: Accounts) -> None:
    segments.create(accounts, "team", LINKEDIN)
    made = ask("root", "POST", "/users", {"name": "Bob", "role": "analyst", "segment": "team"})
    assert made.status_code == 201, made.text
    assert made.json is not None
    password = made.json.pop("one_time_password")
    assert (made.json["name"], made.json["segment"], made.json["sees"]) == ("bob", "team", ["platform is linkedin"])
    assert made.json["must_change_password"] is True
    assert accounts.authenticate("bob", password) is not None
    read = ask("root", "GET", "/users/bob")
    assert read.json is not None and "one_time_password" not in read.json, "told once"
    changed = ask("root", "PATCH", "/users/bob", {"role": "viewer", "segment": None, "platforms": ["twitter"]})
    assert changed.json is not None
    assert (changed.json["role"], changed.json["segment"], changed.json["platforms"]) == ("viewer", None, ["twitter"])
    assert ask("root", "PATCH", "/users/bob", {"active": False}).json["active"] is False  # type: ignore[index]
    listed = ask("root", "GET", "/users").json
    assert listed is not None
    assert {entry["name"] for entry in listed["data"]} >= {"bob", "eve", "root", "vic"}
    assert PASSWORD not in str(listed) and "argon2" not in str(listed)


def test_a_reset_password_is_told_once_and_ends_the_logins(ask: Ask, app: Flask, accounts: Accounts) -> None:
    client = app.test_client()
    log_in(client, "vic")
    reset = ask("root", "POST", "/users/vic/password")
    assert reset.json is not None
    assert reset.headers["Cache-Control"] == "no-store"
    assert client.get("/api/v1/metrics").status_code == 401
    found = accounts.authenticate("vic", reset.json["one_time_password"])
    assert found is not None and found.must_change_password


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("POST", "/users", {"name": "vic"}, 409), ("POST", "/users", {"role": "viewer"}, 400),
        ("POST", "/users", {"name": "x", "role": "king"}, 400), ("POST", "/users", {"name": "x", "colour": "red"}, 400),
        ("POST", "/users", {"name": 5}, 400), ("POST", "/users", {"name": "x", "platforms": "linkedin"}, 400),
        ("POST", "/users", {"name": "x", "platforms": [None]}, 400), ("POST", "/users", {"name": "x", "segment": "none"}, 409),
        ("POST", "/users", [], 400), ("PATCH", "/users/nobody", {}, 404), ("PATCH", "/users/vic", {"active": "no"}, 400),
        ("PATCH", "/users/root", {"role": "viewer"}, 409), ("PATCH", "/users/root", {"segment": "team"}, 409), ("POST", "/segments", {"name": "x", "filters": {"tz": "UTC"}}, 409),
        ("POST", "/segments", {"name": "x", "filters": {"start": "-1d", "stop": "-7d"}}, 409),
        ("GET", "/users/nobody", None, 404), ("DELETE", "/users/vic", None, 405), ("PUT", "/users", {}, 405),
        ("GET", "/segments/none", None, 404), ("POST", "/segments", {"name": "x", "filters": {}}, 400),
        ("POST", "/segments", {"name": "x", "filters": {"no_such": "1"}}, 400),
        ("POST", "/segments", {"name": "x", "filters": {"platform": 5}}, 400),
        ("POST", "/segments", {"name": "a/b", "filters": {"platform": "x"}}, 400),
        ("POST", "/segments", {"name": "team", "filters": {"platform": "x"}}, 409),
        ("PUT", "/segments/none", {"filters": {"platform": "x"}}, 404), ("DELETE", "/segments/none", None, 404),
        ("POST", "/tokens", {"name": ""}, 400), ("POST", "/tokens", {"name": "x", "expires": "soon"}, 400),
        ("POST", "/tokens", {"name": "x", "expires": "2020-01-01T00:00:00Z"}, 409),
        ("POST", "/tokens", {"name": "x", "expires": "2030-01-01T00:00:00"}, 400),
        ("POST", "/tokens", {"name": "x", "expires": "99999999d"}, 400),
        ("POST", "/tokens", {"name": "x", "scopes": []}, 400), ("POST", "/tokens", {"name": "x", "scopes": ["all"]}, 400),
        ("POST", "/tokens", {"name": "x", "segment": "none"}, 409), ("POST", "/tokens", {"name": "x", "user": "nobody"}, 404),
        ("DELETE", "/tokens/99", None, 404), ("DELETE", f"/tokens/{2**70}", None, 404), ("DELETE", "/tokens/x", None, 404),
        ("GET", "/tokens/1", None, 405), ("GET", "/tokens?colour=red", None, 400),
        ("POST", "/annotations", {"start": "now"}, 400), ("POST", "/annotations", {"start": "soon", "text": "x"}, 400),
        ("POST", "/annotations", {"start": "now", "text": "x", "stop": "-1d"}, 409),
        ("POST", "/annotations", {"start": "now", "text": "x", "tz": "Mars"}, 400),
        ("POST", "/annotations", {"start": "0001-01-01T00:00+14:00", "text": "x"}, 400),
        ("DELETE", f"/annotations/{2**70}", None, 404), ("GET", "/annotations?start=soon", None, 400),
        ("GET", "/annotations?topic=x", None, 400), ("GET", "/annotations?platform=", None, 400),
    ],
    ids=str,
)  # fmt: skip
def test_what_cannot_be_is_a_problem_that_says_why(
    ask: Ask, accounts: Accounts, method: str, path: str, body: Any, status: int
) -> None:
    segments.create(accounts, "team", LINKEDIN)
    answer = ask("root", method, path, body)
    assert answer.status_code == status, answer.text
    assert answer.mimetype == "application/problem+json"
    assert answer.json is not None and answer.json["detail"]


def test_a_body_that_is_no_json_is_told_so(ask: Ask) -> None:
    for data, kind, status in ((b"{", "application/json", 400), (b"\xff", "application/json", 400), (b"", "application/json", 400),
                               (b"name=x", "application/x-www-form-urlencoded", 415)):  # fmt: skip
        assert ask("root", "POST", "/users", data=data, content_type=kind).status_code == status


def test_whoever_is_no_administrator_or_lacks_the_scope_is_refused_everywhere(ask: Ask, accounts: Accounts) -> None:
    segments.create(accounts, "team", LINKEDIN)
    accounts.add("limited", "admin", PASSWORD, platforms=["linkedin"])
    closed = [declared for declared in ENDPOINTS if declared.role == "admin"]
    assert len(closed) >= 10 and all(declared.scope == "admin" for declared in closed)
    for declared in closed:
        path = declared.path.replace("<name>", "vic").replace("<int:id>", "1")
        for who, scopes, segment in (("vic", None, None), ("eve", None, None), ("limited", None, None),
                                     ("root", ["read", "export"], None), ("root", None, "team")):  # fmt: skip
            answer = ask(who, declared.method, path, {} if declared.body else None, scopes=scopes, segment=segment)
            assert answer.status_code == 403, (who, scopes, segment, declared)
    unlimited = [declared for declared in closed if not declared.unlimited]
    assert unlimited == [], "administration is closed to limited views"


def test_each_endpoint_demands_its_scope(ask: Ask) -> None:
    for declared in ENDPOINTS:
        others = [scope for scope in ("read", "export", "admin", "annotate", "alert") if scope != declared.scope]
        path = declared.path
        for part in ("<name>", "<measurement>", "<dimension>"):
            path = path.replace(part, "vic")
        answer = ask(
            "root", declared.method, path.replace("<int:id>", "1"), {} if declared.body else None, scopes=others
        )
        assert answer.status_code == 403, declared
        assert answer.json is not None and answer.json["scope"] == declared.scope


def test_own_tokens_are_made_by_a_login_told_once_and_revoked(app: Flask, accounts: Accounts) -> None:
    client = app.test_client()
    log_in(client, "vic")
    made = client.post("/api/v1/tokens", json={"name": "script", "scopes": ["read"], "expires": "30d"})
    assert made.status_code == 201, made.text
    assert made.json is not None
    secret = made.json["token"]
    assert made.headers["Cache-Control"] == "no-store"
    left = datetime.fromisoformat(made.json["expires"]) - datetime.now(UTC)
    assert timedelta(days=29) < left <= timedelta(days=30)
    listed = client.get("/api/v1/tokens")
    assert secret not in listed.text and made.json["prefix"] == secret[:10]
    bearer = {"Authorization": f"Bearer {secret}"}
    assert app.test_client().get("/api/v1/metrics", headers=bearer).status_code == 200
    assert client.delete(f"/api/v1/tokens/{made.json['id']}").status_code == 200
    assert app.test_client().get("/api/v1/metrics", headers=bearer).status_code == 401


def test_another_site_can_not_have_tokens_made(app: Flask, accounts: Accounts) -> None:
    client = app.test_client()
    log_in(client, "vic")
    for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}):
        answer = client.post("/api/v1/tokens", json={"name": "x"}, headers=headers)
        assert answer.status_code == 403
    assert tokens.listed(accounts, "vic") == []


def test_tokens_of_others_are_for_administrators(ask: Ask, accounts: Accounts) -> None:
    made = ask("root", "POST", "/tokens", {"name": "for vic", "user": "vic", "scopes": ["read"]})
    assert made.status_code == 201 and made.json is not None and made.json["user"] == "vic"
    everybody = ask("root", "GET", "/tokens?user=*").json
    assert everybody is not None and {one["user"] for one in everybody["data"]} == {"root", "vic"}
    for path in ("/tokens?user=*", "/tokens?user=root"):
        assert ask("vic", "GET", path).status_code == 403
    mine = ask("vic", "GET", "/tokens").json
    assert mine is not None and {one["user"] for one in mine["data"]} == {"vic"}
    root_token = tokens.listed(accounts, "root")[0].id
    assert ask("vic", "DELETE", f"/tokens/{root_token}").status_code == 404
    assert ask("vic", "POST", "/tokens", {"name": "x", "user": "root"}).status_code == 403
    assert ask("root", "DELETE", f"/tokens/{made.json['id']}").status_code == 200


def test_no_token_makes_one_that_is_worth_more(ask: Ask, accounts: Accounts, app: Flask) -> None:
    segments.create(accounts, "team", LINKEDIN)
    segments.create(accounts, "foreign", Segment.from_params({"platform": "twitter"}))
    assert ask("vic", "POST", "/tokens", {"name": "x"}).status_code == 403, "by token: administrators alone"
    assert ask("root", "POST", "/tokens", {"name": "x"}, segment="team").status_code == 403
    assert ask("root", "POST", "/tokens", {"name": "x"}, scopes=["read"]).status_code == 403
    accounts.set_platforms("vic", ["linkedin"])
    client = app.test_client()
    log_in(client, "vic")
    assert client.post("/api/v1/tokens", json={"name": "x", "scopes": ["admin"]}).status_code == 403
    assert client.post("/api/v1/tokens", json={"name": "x", "segment": "foreign"}).status_code == 409
    made = client.post("/api/v1/tokens", json={"name": "x", "segment": "team"})
    assert made.json is not None
    acting = tokens.verify(made.json["token"], accounts)
    assert acting is not None and acting.segments == (Segment.of_platforms(("linkedin",)), LINKEDIN)


def test_segments_are_created_read_replaced_and_deleted(ask: Ask, accounts: Accounts) -> None:
    made = ask("root", "POST", "/segments", {"name": "team", "filters": {"platform": "linkedin", "start": "-90d"}})
    assert made.status_code == 201 and made.json is not None
    assert made.json["sentence"] == "platform is linkedin, from -90d"
    accounts.set_segment("vic", "team")
    assert ask("root", "DELETE", "/segments/team").status_code == 409
    put = ask("root", "PUT", "/segments/team", {"filters": {"platform": "twitter"}, "description": "others"})
    assert put.json is not None
    assert (put.json["filters"], put.json["users"], put.json["description"]) == ({"platform": "twitter"}, 1, "others")
    assert ask("vic", "GET", "/records/log_record").status_code == 403
    accounts.set_segment("vic", None)
    assert ask("root", "DELETE", "/segments/team").status_code == 200
    assert ask("root", "GET", "/segments").json == {"data": []}


def test_annotations_are_written_listed_by_range_and_platform_and_deleted(ask: Ask) -> None:
    body = {
        "start": "2026-07-01T14:00",
        "tz": "Europe/Berlin",
        "text": "Launch",
        "tags": ["Launch"],
        "platform": "linkedin",
    }
    made = ask("eve", "POST", "/annotations", body, scopes=["annotate"])
    assert made.status_code == 201 and made.json is not None
    assert made.json["start"] == "2026-07-01T14:00:00+02:00"
    assert (made.json["author"], made.json["tags"], made.json["platform"]) == ("eve", ["launch"], "linkedin")
    july = "/annotations?start=2026-07-01&stop=2026-08-01"
    for path, count in ((july, 1), ("/annotations?start=2026-07-02&stop=2026-08-01", 0), (f"{july}&platform=twitter", 0),
                        (f"{july}&platform=linkedin,twitter", 1), ("/annotations", 0)):  # fmt: skip
        found = ask("vic", "GET", path, scopes=["read"]).json
        assert found is not None and len(found["data"]) == count, path
    assert ask("vic", "POST", "/annotations", body).status_code == 403, "viewers read"
    assert ask("root", "POST", "/annotations", body, scopes=["read", "admin"]).status_code == 403
    assert ask("vic", "DELETE", f"/annotations/{made.json['id']}").status_code == 403
    assert ask("eve", "DELETE", f"/annotations/{made.json['id']}", scopes=["annotate"]).status_code == 200
    assert ask("eve", "DELETE", f"/annotations/{made.json['id']}").status_code == 404


def test_a_limited_view_neither_shows_nor_takes_annotations_outside(ask: Ask, accounts: Accounts) -> None:
    segments.create(accounts, "team", LINKEDIN)
    segments.create(accounts, "topical", Segment.from_params({"topic": "x"}))
    ids = {}
    for platform in ("linkedin", "twitter", None):
        made = ask("root", "POST", "/annotations", {"start": "-1d", "text": str(platform), "platform": platform}).json
        assert made is not None
        ids[platform] = made["id"]
    for who, segment in (("eve", "team"), ("root", "team")):
        seen = ask(who, "GET", "/annotations", segment=segment).json
        assert seen is not None and [one["text"] for one in seen["data"]] == ["linkedin"]
        assert ask(who, "DELETE", f"/annotations/{ids['twitter']}", segment=segment).status_code == 404
        assert ask(who, "POST", "/annotations", {"start": "now", "text": "x"}, segment=segment).status_code == 409
    hidden = ask("root", "GET", "/annotations", segment="topical").json
    assert hidden is not None and hidden["data"] == []


@pytest.mark.parametrize("name", HOSTILE, ids=repr)
def test_hostile_names_are_refused_or_kept_as_text_and_never_an_error_of_the_server(
    ask: Ask, accounts: Accounts, name: str
) -> None:
    bodies = [
        ("/users", {"name": name, "platforms": [name]}), ("/users", {"name": "fine", "segment": name, "password": name}),
        ("/segments", {"name": name, "filters": {"platform": name}, "description": name}), ("/tokens", {"name": name, "user": name}),
        ("/tokens", {"name": "x", "segment": name, "expires": name}),
        ("/annotations", {"start": "now", "text": name, "tags": [name], "platform": name}),
        ("/annotations", {"start": name, "text": "x", "tz": name}), (f"/users/{name}", {"role": name}),
    ]  # fmt: skip
    for path, body in bodies:
        method = "PATCH" if path.startswith("/users/") else "POST"
        assert ask("root", method, path, body).status_code < 500, (path, body)
    for path in ("/users", "/segments", "/tokens?user=*", "/annotations"):
        assert ask("root", "GET", path).status_code == 200


def test_the_index_names_every_endpoint_with_its_method(ask: Ask) -> None:
    told = ask("vic", "GET", "/").json
    assert told is not None
    assert {(entry["method"], entry["path"]) for entry in told["data"]} == {
        (declared.method, f"/api/v1{declared.path}") for declared in ENDPOINTS
    }


def test_the_examples_of_the_reference_page_work_for_administrators(ask: Ask, accounts: Accounts) -> None:
    accounts.add("admin", "admin", PASSWORD)
    for declared in ENDPOINTS:
        if declared.role != "viewer" and declared.example:
            answer = ask("root", declared.method, declared.example.removeprefix("/api/v1"))
            assert answer.status_code == declared.status, declared


def test_answers_are_what_their_declarations_say(ask: Ask, accounts: Accounts) -> None:
    segments.create(accounts, "team", LINKEDIN, "for the team")
    accounts.set_segment("vic", "team")
    asked = [
        ("GET", "/users", "/users", None), ("POST", "/users", "/users", {"name": "bob"}), ("GET", "/users/<name>", "/users/vic", None),
        ("PATCH", "/users/<name>", "/users/vic", {"platforms": ["linkedin"]}),
        ("POST", "/users/<name>/password", "/users/vic/password", None), ("GET", "/tokens", "/tokens", None),
        ("POST", "/tokens", "/tokens", {"name": "x", "expires": "1d", "segment": "team", "user": "vic", "scopes": ["read"]}),
        ("DELETE", "/tokens/<int:id>", "/tokens/1", None), ("GET", "/segments", "/segments", None),
        ("POST", "/segments", "/segments", {"name": "t", "filters": {"every": "1d", "tz": "Europe/Berlin", "weekday": "mon"}}),
        ("GET", "/segments/<name>", "/segments/t", None), ("PUT", "/segments/<name>", "/segments/t", {"filters": {"topic": "~x"}}),
        ("DELETE", "/segments/<name>", "/segments/t", None),
        ("POST", "/annotations", "/annotations", {"start": "-1h", "stop": "now", "text": "x", "platform": "linkedin"}),
        ("GET", "/annotations", "/annotations", None), ("DELETE", "/annotations/<int:id>", "/annotations/1", None),
    ]  # fmt: skip
    ours = {
        (one.method, one.path)
        for one in ENDPOINTS
        if one.path.split("/")[1] in ("users", "tokens", "segments", "annotations")
    }
    assert {(method, rule) for method, rule, _, _ in asked} == ours
    for method, rule, path, body in asked:
        (declared,) = [one for one in ENDPOINTS if (one.method, one.path) == (method, rule)]
        answer = ask("root", method, path, body)
        assert answer.status_code == declared.status, (method, path, answer.text)
        assert conforms(answer.json, declared.schema), (method, path, answer.json)


KINDS = {"string": str, "integer": int, "boolean": bool, "null": type(None)}


def conforms(value: Any, schema: Any) -> bool:
    """Whether it is what the schema says, and nothing beside it."""
    if "anyOf" in schema:
        return any(conforms(value, either) for either in schema["anyOf"])
    if "enum" in schema:
        return value in schema["enum"]
    if schema["type"] == "array":
        return isinstance(value, list) and all(conforms(one, schema["items"]) for one in value)
    if schema["type"] != "object":
        return type(value) is KINDS[schema["type"]]
    if "properties" not in schema:
        return isinstance(value, dict) and all(conforms(one, schema["additionalProperties"]) for one in value.values())
    return set(value) == set(schema["properties"]) and all(
        conforms(value[name], schema["properties"][name]) for name in value
    )
