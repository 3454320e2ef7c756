"""`/annotations`: what was written on moments and spans."""

from __future__ import annotations

import re
from typing import Any

from flask import Response

from dashapp.accounts import AccountError
from dashapp.accounts.visible_annotations import add, find, readable, remove
from dashapp.api import encoding
from dashapp.api.administering import told
from dashapp.api.asking import defaults, store
from dashapp.api.auth import viewer
from dashapp.api.bodies import NewAnnotation
from dashapp.api.endpoints import START, STOP, TZ, Endpoint, Parameter, endpoint, params
from dashapp.api.schemas import TEXT, TEXTS, WHEN, WHOLE, matching, maybe, record, some
from dashapp.api.tokens import NUMBER
from dashapp.problem import Problem
from metricstore import vocabulary
from metricstore.annotation import COLUMN, Annotation, concerning
from metricstore.selection import resolve, settled_now
from metricstore.windows import zone

_SHOWN = "{id, start, stop, text, tags, platform, author, created}"
_ANNOTATION = record("Annotation", id=WHOLE, start=WHEN, stop=maybe(WHEN), text=TEXT, tags=TEXTS, platform=maybe(TEXT),
                     author=TEXT, created=maybe(WHEN))  # fmt: skip
_PLATFORMS = r"^[!~]?[A-Za-z0-9_-]+(,[A-Za-z0-9_-]+)*$"
_PLATFORM = Parameter(COLUMN, "those of these platforms and of all; as a filter", "every one",
                      matching(_PLATFORMS, "linkedin", "linkedin,twitter"))  # fmt: skip


@endpoint(Endpoint("/annotations", "What was written on the range, as the account may see it",
                   f"`{{start, stop, timezone, data: [{_SHOWN}]}}`", (START, STOP, TZ, _PLATFORM),
                   schema=record("AnnotationList", start=WHEN, stop=WHEN, timezone=TEXT, data=some(_ANNOTATION)),
                   errors=((400, "a bad or unknown parameter"),),
                   example="/api/v1/annotations?start=-90d&platform=linkedin"))  # fmt: skip
def listing() -> Response:
    asked = params()
    if COLUMN in asked and not re.fullmatch(_PLATFORMS, asked[COLUMN]):
        raise Problem(400, f"{asked[COLUMN]!r} names no platforms; say linkedin,twitter or !linkedin", parameter=COLUMN)
    selection = vocabulary.asked(asked, store, defaults())
    start, stop = selection.range(settled_now())
    found = concerning(readable(viewer(), start, stop), selection.filters((COLUMN,)))
    return told({
        "start": encoding.moment(start, selection.timezone),
        "stop": encoding.moment(stop, selection.timezone),
        "timezone": selection.timezone,
        "data": [_described(one, selection.timezone) for one in found],
    })  # fmt: skip


@endpoint(Endpoint("/annotations", "Write an annotation", f"`{_SHOWN}`", method="POST", scope="annotate", role="analyst",
                   body=NewAnnotation, status=201, schema=_ANNOTATION,
                   errors=((400, "a bad or unknown member"), (403, "not an analyst"),
                           (409, "it ends before it begins, or lies outside of what its author may see"))))  # fmt: skip
def write(body: NewAnnotation) -> Response:
    place, now = zone(body.tz), settled_now()
    start = resolve("start", body.start, now, place)
    stop = None if body.stop is None else resolve("stop", body.stop, now, place)
    made = add(viewer(), start, stop, body.text, body.tags, body.platform or "")
    return told(_described(made, body.tz), 201)


@endpoint(Endpoint("/annotations/<int:id>", "Delete an annotation", "the annotation as it was", method="DELETE", scope="annotate",
                   role="analyst", places={"id": NUMBER}, schema=_ANNOTATION,
                   errors=((403, "another one's, for all but administrators"), (404, "no such annotation"))))  # fmt: skip
def delete(id: int) -> Response:
    found = find(viewer(), id)
    if found is None:
        raise Problem(404, f"there is no annotation {id}", parameter="id")
    try:
        remove(viewer(), id)
    except AccountError as error:
        raise Problem(403, str(error)) from None
    return told(_described(found, "UTC"))


def _described(one: Annotation, timezone: str) -> dict[str, Any]:
    return {
        "id": one.id,
        "start": encoding.moment(one.start, timezone),
        "stop": None if one.stop is None else encoding.moment(one.stop, timezone),
        "text": one.text,
        "tags": list(one.tags),
        "platform": one.platform or None,
        "author": one.author,
        "created": None if one.created is None else encoding.moment(one.created, timezone),
    }
