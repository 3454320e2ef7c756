"""`/segments`: what users and tokens may see at most."""

from __future__ import annotations

from flask import Response

from dashapp.accounts import current_accounts
from dashapp.accounts import segments as kept
from dashapp.accounts.segment_rows import NamedSegment
from dashapp.api.administering import administration, told
from dashapp.api.auth import viewer
from dashapp.api.bodies import NAME_OF_SEGMENT, ChangedSegment, NewSegment
from dashapp.api.endpoints import endpoint
from dashapp.api.schemas import TEXT, WHEN, WHOLE, data_of, record
from dashapp.problem import Problem
from metricstore.errors import InvalidQuestion
from metricstore.segment import Segment

_SHOWN = "{name, description, filters, sentence, users, tokens, created}"
_SEGMENT = {
    "name": TEXT, "description": TEXT, "filters": {"type": "object", "additionalProperties": TEXT}, "sentence": TEXT,
    "users": WHOLE, "tokens": WHOLE, "created": WHEN,
}  # fmt: skip
_PLACES = {"name": {"type": "string", "pattern": NAME_OF_SEGMENT, "maxLength": 64}}
_NONE = (404, "no such segment")
_CONTRADICTS = "the filters contradict themselves, or limit nothing"


@endpoint(administration("/segments", "All segments, and how many users and tokens hold each", f"`{{data: [{_SHOWN}]}}`",
                         schema=data_of(record("Segment", **_SEGMENT)), example="/api/v1/segments"))  # fmt: skip
def segments() -> Response:
    return told({"data": [_described(one) for one in kept.listed(current_accounts())]})


@endpoint(administration("/segments", "Create a segment", f"`{_SHOWN}`", (409, f"the name is taken, or {_CONTRADICTS}"), method="POST",
                         body=NewSegment, status=201, schema=record("Segment", **_SEGMENT)))  # fmt: skip
def create(body: NewSegment) -> Response:
    made = kept.create(current_accounts(), body.name, _segment(body), body.description or "", viewer().name)
    return told(_described(made), 201)


@endpoint(
    administration(
        "/segments/<name>", "A segment", f"`{_SHOWN}`", _NONE, places=_PLACES, schema=record("Segment", **_SEGMENT)
    )
)
def segment(name: str) -> Response:
    return told(_described(_required(name)))


@endpoint(administration("/segments/<name>", "Replace what a segment lets through, for all its holders", f"`{_SHOWN}`", _NONE,
                         (409, _CONTRADICTS), places=_PLACES, method="PUT", body=ChangedSegment, schema=record("Segment", **_SEGMENT)))  # fmt: skip
def replace(name: str, body: ChangedSegment) -> Response:
    found = _required(name)
    changed = kept.update(current_accounts(), found.name, _segment(body), body.description, viewer().name)
    return told(_described(changed))


@endpoint(administration("/segments/<name>", "Delete a segment that nobody holds", "the segment as it was", _NONE,
                         (409, "somebody holds it"), places=_PLACES, method="DELETE", schema=record("Segment", **_SEGMENT)))  # fmt: skip
def delete(name: str) -> Response:
    found = _required(name)
    kept.delete(current_accounts(), found.name, viewer().name)
    return told(_described(found))


def _segment(body: ChangedSegment) -> Segment:
    try:
        return Segment.from_params(body.filters.model_dump(exclude_unset=True))  # type: ignore[attr-defined]
    except InvalidQuestion as error:
        raise Problem(409, f"{error.parameter}: {error.reason}", parameter=error.parameter) from None


def _required(name: str) -> NamedSegment:
    found = kept.get(current_accounts(), name)
    if found is None:
        raise Problem(404, f"there is no segment {name!r}", parameter="name")
    return found


def _described(found: NamedSegment) -> dict[str, object]:
    return {
        "name": found.name,
        "description": found.description,
        "filters": found.segment.params(),
        "sentence": found.segment.sentence(),
        "users": found.users,
        "tokens": found.tokens,
        "created": found.created,
    }
