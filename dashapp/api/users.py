"""`/users`: administration of users."""

from __future__ import annotations

from flask import Response

from dashapp.accounts import User, current_accounts, passwords
from dashapp.accounts import segments as kept
from dashapp.accounts.changes import change_user
from dashapp.api.administering import administration, told
from dashapp.api.auth import viewer
from dashapp.api.bodies import NAME_OF_USER, ChangedUser, NewUser
from dashapp.api.closed_sets import ROLE
from dashapp.api.endpoints import endpoint
from dashapp.api.schemas import TEXT, TEXTS, TRUTH, WHEN, data_of, maybe, record
from dashapp.problem import Problem

_TOLD = "{name, role, active, must_change_password, platforms, segment, sees, created, last_login}"
_USER = {
    "name": TEXT, "role": ROLE, "active": TRUTH, "must_change_password": TRUTH, "platforms": maybe(TEXTS),
    "segment": maybe(TEXT), "sees": TEXTS, "created": WHEN, "last_login": maybe(WHEN),
}  # fmt: skip
_PLACES = {"name": {"type": "string", "pattern": NAME_OF_USER, "maxLength": 64}}
_NOBODY = (404, "no such user")


@endpoint(administration("/users", "All users", f"`{{data: [{_TOLD}]}}`", schema=data_of(record("User", **_USER)),
                         example="/api/v1/users"))  # fmt: skip
def users() -> Response:
    return told({"data": [_described(*entry) for entry in current_accounts().all()]})


@endpoint(administration("/users", "Add a user", "the user, with `one_time_password`, which is shown only this once and changed at the "
                         "first login", (409, "the name is taken, or there is no such segment"), method="POST", body=NewUser, status=201,
                         schema=record("OneTimePasswordAnswer", **_USER, one_time_password=TEXT)))  # fmt: skip
def add_user(body: NewUser) -> Response:
    _demand_segment(body.segment)
    password = passwords.one_time()
    made = current_accounts().add(
        body.name, body.role, password, must_change=True, actor=viewer().name, platforms=body.platforms or None,
        segment=body.segment,
    )  # fmt: skip
    return told(_document(made.name) | {"one_time_password": password}, 201)


@endpoint(administration("/users/<name>", "A user", f"`{_TOLD}`", _NOBODY, places=_PLACES, schema=record("User", **_USER),
                         example="/api/v1/users/admin"))  # fmt: skip
def user(name: str) -> Response:
    return told(_document(_required(name).name))


@endpoint(administration("/users/<name>", "Change a user's role, limits or state, from the next request on; what is not named stays",
                         "the user", _NOBODY, (409, "one's own account, nobody would administer, or there is no such segment"),
                         places=_PLACES, method="PATCH", body=ChangedUser, schema=record("User", **_USER)))  # fmt: skip
def change(name: str, body: ChangedUser) -> Response:
    found = _required(name)
    wanted = body.model_dump(exclude_unset=True)
    if "platforms" in wanted:
        wanted["platforms"] = wanted["platforms"] or None
    _demand_segment(wanted.get("segment"))
    change_user(current_accounts(), found, wanted, viewer().name)
    return told(_document(found.name))


@endpoint(administration("/users/<name>/password", "Give a user a one-time password; all their logins end",
                         "the user, with `one_time_password`, which is shown only this once", _NOBODY, places=_PLACES, method="POST",
                         schema=record("OneTimePasswordAnswer", **_USER, one_time_password=TEXT)))  # fmt: skip
def reset_password(name: str) -> Response:
    found, password = _required(name), passwords.one_time()
    current_accounts().set_password(found.name, password, must_change=True, actor=viewer().name)
    return told(_document(found.name) | {"one_time_password": password})


def _document(name: str) -> dict[str, object]:
    return next(_described(*entry) for entry in current_accounts().all() if entry[0].name == name)


def _described(found: User, created: str, last_login: str | None) -> dict[str, object]:
    return {
        "name": found.name,
        "role": found.role,
        "active": found.active,
        "must_change_password": found.must_change_password,
        "platforms": None if found.platforms is None else list(found.platforms),
        "segment": found.segment,
        "sees": [segment.sentence() for segment in found.segments],
        "created": created,
        "last_login": last_login,
    }


def _required(name: str) -> User:
    found = current_accounts().find(name)
    if found is None:
        raise Problem(404, f"there is no user {name!r}", parameter="name")
    return found


def _demand_segment(name: str | None) -> None:
    if name is not None and kept.get(current_accounts(), name) is None:
        raise Problem(409, f"there is no segment {name!r}", parameter="segment")
