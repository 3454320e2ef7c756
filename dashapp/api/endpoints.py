"""Endpoints declared beside their functions: routes and the reference page come from the same lines."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from flask import Blueprint, Response, request

from dashapp.api.problems import Problem, install

bp = Blueprint("api", __name__, url_prefix="/api/v1")
install(bp)


@dataclass(frozen=True)
class Parameter:
    name: str
    meaning: str
    default: str = ""


@dataclass(frozen=True)
class Endpoint:
    """One address below `/api/v1`, as the reference page prints it."""

    path: str
    title: str
    answer: str
    parameters: tuple[Parameter, ...] = ()
    filters: bool = False
    """Whether columns of the measurement may be named as further parameters."""
    errors: tuple[tuple[int, str], ...] = ()
    example: str = ""


ENDPOINTS: list[Endpoint] = []

START = Parameter("start", "first moment, included: ISO 8601 (without an offset: in `tz`), relative (`-7d`, `-3mo`), "
                  "or the begin of the current `day`, `week`, `month`, `quarter`, `year`", "`-30d`")  # fmt: skip
STOP = Parameter("stop", "first moment not included: as `start`, also `now` and moments ahead such as `+30d`", "`now`")
TZ = Parameter("tz", "IANA time zone of windows and of the times in the answer", "`UTC`")

View = Callable[..., Response]


def endpoint(declared: Endpoint) -> Callable[[View], View]:
    """Register a GET route for `declared`. Without `filters` unknown parameters are refused here already."""

    def register(view: View) -> View:
        def guarded(**parts: str) -> Response:
            if not declared.filters:
                known = [parameter.name for parameter in declared.parameters]
                for name in request.args:
                    if name not in known:
                        raise Problem(400, f"unknown parameter {name!r}", parameter=name, known=known)
            return view(**parts)

        ENDPOINTS.append(declared)
        bp.add_url_rule(declared.path, view.__name__, guarded, methods=["GET"], strict_slashes=False)
        return view

    return register


def params() -> Mapping[str, str]:
    """The query string. A filter may be repeated (values are joined); anything else only once."""
    found: dict[str, str] = {}
    for name, values in request.args.lists():
        if len(values) > 1 and name in ("start", "stop", "tz", "every", "compare", "agg", "limit", "cursor", "order"):
            raise Problem(400, f"{name} is given {len(values)} times", parameter=name)
        found[name] = ",".join(values)
    return found


@bp.route("/<path:rest>", methods=["GET", "POST", "PUT", "PATCH", "DELETE"])
def nowhere(rest: str) -> Response:
    """Whatever no other route takes: 405 for a known address asked in another way, else 404."""
    if request.method != "GET" and any(_matches(known.path, rest) for known in ENDPOINTS):
        raise Problem(405, "this address can only be read", headers={"Allow": "GET, HEAD, OPTIONS"})
    raise Problem(404, f"there is no {request.path}", known=[f"{bp.url_prefix}{known.path}" for known in ENDPOINTS])


def _matches(rule: str, rest: str) -> bool:
    ours, theirs = rule.strip("/").split("/"), rest.strip("/").split("/")
    pairs = zip(ours, theirs, strict=False)
    return len(ours) == len(theirs) and all(mine == other or mine.startswith("<") for mine, other in pairs)
