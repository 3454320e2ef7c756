"""`/tokens`: one's own, and for administrators everybody's."""

from __future__ import annotations

from datetime import datetime

from flask import Response, request

from dashapp.accounts import User, current_accounts
from dashapp.accounts import tokens as kept
from dashapp.accounts.database import now
from dashapp.accounts.rights import why_not
from dashapp.accounts.segments import offered
from dashapp.api.administering import demand_administrator, told
from dashapp.api.auth import viewer
from dashapp.api.bodies import NAME_OF_USER, NewToken
from dashapp.api.closed_sets import SCOPE
from dashapp.api.endpoints import Endpoint, Parameter, endpoint
from dashapp.api.schemas import TEXT, TRUTH, WHEN, WHOLE, data_of, maybe, record, some
from dashapp.problem import Problem
from dashapp.settings.values import duration

_SHOWN = "{id, user, name, prefix, scopes, segment, created, expires, last_used, revoked}"
_TOKEN = {
    "id": WHOLE, "user": TEXT, "name": TEXT, "prefix": TEXT, "scopes": maybe(some(SCOPE)), "segment": maybe(TEXT),
    "created": WHEN, "expires": maybe(WHEN), "last_used": maybe(WHEN), "revoked": TRUTH,
}  # fmt: skip
EVERYBODY = "*"
_WHOSE = Parameter("user", "another user's (administrators); `*`: everybody's", "one's own",
                   {"type": "string", "pattern": rf"^\*$|{NAME_OF_USER}", "maxLength": 64})  # fmt: skip
NUMBER = {"type": "integer", "minimum": 1, "maximum": 2**31 - 1}
_NOT_YOURS = (403, "others' tokens are for administrators")


@endpoint(Endpoint("/tokens", "One's own tokens, by their first letters", f"`{{data: [{_SHOWN}]}}`", (_WHOSE,), scope="admin",
                   errors=(_NOT_YOURS, (404, "no such user")), schema=data_of(record("Token", **_TOKEN)),
                   example="/api/v1/tokens"))  # fmt: skip
def tokens() -> Response:
    wanted = request.args.get("user")
    if wanted == EVERYBODY:
        demand_administrator()
    whose = None if wanted == EVERYBODY else _owner(wanted).name
    return told({"data": [_described(one) for one in kept.listed(current_accounts(), whose)]})


@endpoint(Endpoint("/tokens", "Make a token", f"`{_SHOWN}` and `token`, which is shown only this once", scope="admin", method="POST",
                   body=NewToken, status=201, schema=record("NewTokenAnswer", **_TOKEN, token=TEXT),
                   errors=((400, "a bad or unknown member"), (404, "no such user"), (409, "its end is past, or there is no such segment"),
                           (403, "a token makes no tokens unless it administers; others' are for administrators"))))  # fmt: skip
def make_token(body: NewToken) -> Response:
    owner = _owner(body.user)
    if viewer().token is not None and (reason := why_not(viewer())) is not None:
        # What it makes would outlive it, or be worth more than itself.
        raise Problem(403, f"a token makes no tokens unless it administers ({reason}); log in")
    accounts = current_accounts()
    if body.segment is not None and body.segment not in {one.name for one in offered(accounts, viewer())}:
        raise Problem(409, f"there is no segment {body.segment!r}", parameter="segment")
    if "admin" in (body.scopes or ()) and not owner.has_role("admin"):
        raise Problem(
            403, f"{owner.name} isn't an administrator, so a token can't have the scope admin", parameter="scopes"
        )
    secret, made = kept.made_token(
        owner, body.name, _until(body.expires), accounts, viewer().name, scopes=body.scopes, segment=body.segment
    )
    return told(_described(made) | {"token": secret}, 201)


@endpoint(Endpoint("/tokens/<int:id>", "Revoke a token, from its next use on", f"`{_SHOWN}`", method="DELETE", scope="admin",
                   places={"id": NUMBER}, schema=record("Token", **_TOKEN),
                   errors=((404, "no such token among those one may revoke"), (409, "the very token that asks"))))  # fmt: skip
def revoke_token(id: int) -> Response:
    accounts, mine = current_accounts(), viewer()
    if id not in {one.id for one in kept.listed(accounts, None if why_not(mine) is None else mine.name)}:
        raise Problem(404, f"there is no token {id}", parameter="id")
    if id == mine.token:
        raise Problem(409, "this is the token you ask with; revoke it from a login or with another one", parameter="id")
    kept.revoke(accounts, id, mine.name)
    return told(next(_described(one) for one in kept.listed(accounts) if one.id == id))


def _owner(name: str | None) -> User:
    """Oneself as one is (not as the token at hand lets act), or another user, for administrators."""
    if name is not None and name.strip().lower() != viewer().name:
        demand_administrator()
    found = current_accounts().find(name if name is not None else viewer().name)
    if found is None:
        raise Problem(404, f"there is no user {name!r}", parameter="user")
    return found


def _until(text: str | None) -> datetime | None:
    if text is None:
        return None
    moment = datetime.fromisoformat(text) if "T" in text else now() + duration(text)
    if moment <= now():
        raise Problem(409, "expires lies in the past", parameter="expires")
    return moment


def _described(one: kept.TokenInfo) -> dict[str, object]:
    return {
        "id": one.id,
        "user": one.user,
        "name": one.label,
        "prefix": one.prefix,
        "scopes": None if one.scopes is None else list(one.scopes),
        "segment": one.segment,
        "created": one.created,
        "expires": one.expires,
        "last_used": one.last_used,
        "revoked": one.revoked,
    }
