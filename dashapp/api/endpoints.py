"""Endpoints declared beside their functions: routes, OpenAPI and the reference page come from the same lines."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from flask import Blueprint, Response, request
from pydantic import BaseModel, ValidationError

from dashapp.accounts.rights import why_limited, why_not
from dashapp.accounts.user import Role, Scope
from dashapp.api.auth import viewer
from dashapp.api.formats import HOW
from dashapp.api.problems import install
from dashapp.api.schemas import TEXT, ZONE, Schema, matching
from dashapp.problem import Problem
from metricstore.errors import UnknownName

bp = Blueprint("api", __name__, url_prefix="/api/v1")
install(bp)

MOST_BYTES = 64 * 1024
"""Of a request's body."""


@dataclass(frozen=True)
class Parameter:
    """`schema` says in JSON Schema what it may be; lists are written with commas."""

    name: str
    meaning: str
    default: str = ""
    schema: Schema = field(default_factory=lambda: TEXT)
    required: bool = False


@dataclass(frozen=True)
class Endpoint:
    """One address below `/api/v1` asked by one method."""

    path: str
    title: str
    answer: str
    """In words, for the reference page."""
    parameters: tuple[Parameter, ...] = ()
    filters: bool = False
    """Whether columns of the measurement may be named as further parameters."""
    errors: tuple[tuple[int, str], ...] = ()
    example: str = ""
    method: str = "GET"
    scope: Scope = "read"
    """What a token must be made for."""
    role: Role = "viewer"
    """What its user must at least be."""
    unlimited: bool = False
    """Whether it is closed to those whose view is limited: they could lift the limit, or it is about all data."""
    places: Mapping[str, Schema] = field(default_factory=dict)
    """What the variable parts of the path may be."""
    schema: Schema = field(default_factory=lambda: {"type": "object"})
    """Of the JSON answer."""
    body: type[BaseModel] | None = None
    status: int = 200
    """Of the answer when all is well."""
    formats: tuple[str, ...] = ()
    """Besides JSON, by `Accept` or `format`."""


ENDPOINTS: list[Endpoint] = []

_MOMENT = (
    r"^(now|day|week|month|quarter|year|[-+][1-9]([0-9]{0,2}(mo|[mhdw])|[0-9]?[qy])|"
    r"(19[7-9][0-9]|20[0-9]{2})-(0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])"
    r"(T([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9])?(Z|[-+](0[0-9]|1[0-3]):[0-5][0-9])?)?)$"
)
START = Parameter("start", "first moment, included: ISO 8601 (without an offset: in `tz`), relative (`-7d`, `-3mo`), "
                  "or the begin of the current `day`, `week`, `month`, `quarter`, `year`", "`-30d`",
                  matching(_MOMENT, "-7d", "2026-03-01"))  # fmt: skip
STOP = Parameter("stop", "first moment not included: as `start`, also `now` and moments ahead such as `+30d`; must lie after "
                 "`start`", "`now`", matching(_MOMENT, "now", "+30d"))  # fmt: skip
TZ = Parameter("tz", "IANA time zone of windows and of the times in the answer", "`UTC`",
               ZONE)  # fmt: skip

View = Callable[..., Response]


def endpoint(declared: Endpoint) -> Callable[[View], View]:
    """Register a route for `declared`. Without `filters` unknown parameters are refused here already; a declared body
    is read, checked and given to the view as its last argument."""

    def register(view: View) -> View:
        def guarded(**parts: str) -> Response:
            _allowed(declared)
            _refuse_empty(declared)
            if not declared.filters:
                _refuse_unknown(declared)
            if declared.body is not None:
                return view(**parts, body=_body(declared.body))
            return view(**parts)

        ENDPOINTS.append(declared)
        bp.add_url_rule(
            declared.path,
            f"{view.__module__.rpartition('.')[2]}_{view.__name__}",
            guarded,
            methods=[declared.method],
            strict_slashes=False,
        )
        return view

    return register


def _allowed(declared: Endpoint) -> None:
    """Token made for this, user of that role; Problem 403 otherwise."""
    user = viewer()
    if not user.has_scope(declared.scope):
        raise Problem(
            403, f"this token is not made for this: it needs the scope {declared.scope}", scope=declared.scope
        )
    if not user.has_role(declared.role):
        raise Problem(403, f"this is for the role {declared.role}; you are {user.role}", role=declared.role)
    if declared.unlimited and (reason := why_not(user) if declared.role == "admin" else why_limited(user)) is not None:
        raise Problem(403, reason)


def _refuse_empty(declared: Endpoint) -> None:
    """A parameter without a value is a mistake of whoever put the address together."""
    for parameter in declared.parameters:
        if request.args.get(parameter.name) == "":
            raise Problem(400, f"{parameter.name} is empty; leave it away for its default", parameter=parameter.name)


def _refuse_unknown(declared: Endpoint) -> None:
    known = [parameter.name for parameter in declared.parameters]
    for name in request.args:
        if name not in known:
            raise Problem(400, UnknownName("parameter", name, tuple(known)).sentence, parameter=name, known=known)


def _body(model: type[BaseModel]) -> BaseModel:
    """The request's JSON as `model`; Problem says what is wrong with it, and where."""
    if request.mimetype != "application/json":
        raise Problem(415, "send JSON with Content-Type: application/json", headers={"Accept-Post": "application/json"})
    if (request.content_length or 0) > MOST_BYTES:
        raise Problem(413, f"the body may have {MOST_BYTES} bytes")
    try:
        return model.model_validate_json(request.get_data(cache=False), strict=True)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        raise Problem(
            400, f"{place}: {first['msg']}" if place else str(first["msg"]), parameter=place or None
        ) from None


def params() -> Mapping[str, str]:
    """The query string. A filter may be repeated (values are joined); anything else only once. `format` and HOW say how
    the answer is written, not what it is."""
    found: dict[str, str] = {}
    for name, values in request.args.lists():
        if len(values) > 1 and name in (
            "start",
            "stop",
            "tz",
            "every",
            "compare",
            "agg",
            "limit",
            "cursor",
            "order",
            "format",
            *HOW,
        ):
            raise Problem(400, f"{name} is given {len(values)} times", parameter=name)
        if name not in ("format", *HOW):
            found[name] = ",".join(values)
    return found


@bp.before_request
def methods() -> Response | None:
    """OPTIONS says what the address takes: Flask would also name the methods that `nowhere` refuses."""
    known = _known(request.path.removeprefix(bp.url_prefix or ""))
    if request.method != "OPTIONS" or not known:
        return None
    return Response(status=204, headers={"Allow": ", ".join(_with_head(known))})


def _known(path: str) -> list[str]:
    """The methods an address is asked by."""
    return sorted({declared.method for declared in ENDPOINTS if _matches(declared.path, path)})


@bp.route("/", methods=["POST", "PUT", "PATCH", "DELETE"], defaults={"rest": ""})
@bp.route("/<path:rest>", methods=["GET", "POST", "PUT", "PATCH", "DELETE"])
def nowhere(rest: str) -> Response:
    """Whatever no other route takes: 405 for a known address asked in another way, else 404."""
    known = _known(rest)
    if known and request.method not in known:
        raise Problem(
            405, f"this address is asked by {' or '.join(known)}", headers={"Allow": ", ".join(_with_head(known))}
        )
    raise Problem(404, f"there is no {request.path}", known=sorted({f"{bp.url_prefix}{one.path}" for one in ENDPOINTS}))


def _with_head(methods: list[str]) -> list[str]:
    return [*methods, *(["HEAD"] if "GET" in methods else []), "OPTIONS"]


def _matches(rule: str, rest: str) -> bool:
    ours, theirs = rule.strip("/").split("/"), rest.strip("/").split("/")
    pairs = zip(ours, theirs, strict=False)
    return len(ours) == len(theirs) and all(_takes(mine, other) for mine, other in pairs)


def _takes(mine: str, other: str) -> bool:
    """Whether a part of a rule takes a part of an address: a word is not a number, so `/silences/preview` is not a silence."""
    if mine.startswith("<int:"):
        return other.isdecimal()
    return mine == other or mine.startswith("<")


def places_of(path: str) -> list[str]:
    """Names of a path's variable parts."""
    return [name for _, name in re.findall(r"<(?:(\w+):)?(\w+)>", path)]


def template_of(path: str) -> str:
    """`/metrics/{name}`, as OpenAPI writes it."""
    return re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", path)
