"""The API as an OpenAPI 3.1 document: from the declarations of the endpoints, and nothing else."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from dashapp.api.components import Components
from dashapp.api.endpoints import ENDPOINTS, Endpoint, Parameter, places_of, template_of
from dashapp.api.formats import JSON, MIMETYPES, PROOF_MIMETYPE
from dashapp.api.schemas import PROBLEM, PROOF, TEXT, named

VERSION = "3.1.0"
_ERRORS = {400: "what was asked is wrong; `parameter` names it", 401: "no login and no token, or one that counts no more",
           403: "the account or token may not do this", 404: "no such name", 405: "not asked this way",
           406: "none of the accepted formats", 409: "in the way of something that is there", 413: "the body is too large", 415: "the body isn't JSON",
           429: "too many requests; `Retry-After` says when to go on", 503: "the store does not answer just now"}  # fmt: skip


@lru_cache(maxsize=1)
def document() -> dict[str, Any]:
    """The whole document, without servers: those are where it was asked for."""
    components = Components({"Problem": dict(PROBLEM)})
    paths: dict[str, dict[str, Any]] = {}
    for declared in ENDPOINTS:
        path = paths.setdefault(f"/api/v1{template_of(declared.path)}", {})
        path[declared.method.lower()] = components.referred(_operation(declared))
    paths = components.closed_sets_named(paths)
    return {
        "openapi": VERSION,
        "info": {
            "title": "Content Metrics",
            "version": "1",
            "summary": "Metrics, records, charts and administration of the dashboard",
            "description": _INTRODUCTION,
        },
        "tags": [{"name": name} for name in dict.fromkeys(_tag(declared) for declared in ENDPOINTS)],
        "paths": paths,
        "components": {
            "schemas": components.schemas,
            "securitySchemes": {
                "token": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "made under Account, or by `dashapp token create`",
                },
            },
        },
        "security": [{"token": []}],
    }


_INTRODUCTION = """Every number the pages show. Log in, or send a token as `Authorization: Bearer …`.

**Filters**: every column is a parameter: `platform=linkedin,twitter` any of them, `outcome=!ok` none of them,
`topic=~launch` text that contains it, `duration_seconds=>=5` and `<=9` ranges. A column that what is asked does not have is an error.

**Unchanged answers** have the same `ETag`: sent back as `If-None-Match` they are answered 304."""


def _operation(declared: Endpoint) -> dict[str, Any]:
    found: dict[str, Any] = {
        "operationId": operation_id(declared),
        "summary": declared.title,
        "tags": [_tag(declared)],
        "description": _needs(declared),
        "parameters": [_place(declared, name) for name in places_of(declared.path)]
        + [_query(parameter) for parameter in declared.parameters]
        + ([_filters()] if declared.filters else []),
        "responses": _responses(declared),
    }
    if declared.body is not None:
        schema = declared.body.model_json_schema(ref_template="#/components/schemas/{model}")
        body = named(declared.body.__name__, _inlined(schema))
        found["requestBody"] = {"required": True, "content": {"application/json": {"schema": body}}}
    return found


def operation_id(declared: Endpoint) -> str:
    words = re.sub(r"\W+", "_", template_of(declared.path)).strip("_") or "index"
    return f"{declared.method.lower()}_{words}"


def _tag(declared: Endpoint) -> str:
    return declared.path.strip("/").partition("/")[0] or "index"


def _needs(declared: Endpoint) -> str:
    return f"Needs scope `{declared.scope}`" + (f" and role `{declared.role}`." if declared.role != "viewer" else ".")


def _place(declared: Endpoint, name: str) -> dict[str, Any]:
    return {
        "name": name,
        "in": "path",
        "required": True,
        "schema": dict(declared.places.get(name, {**TEXT, "minLength": 1})),
    }


def _query(parameter: Parameter) -> dict[str, Any]:
    found: dict[str, Any] = {"name": parameter.name, "in": "query", "required": parameter.required,
                             "description": parameter.meaning, "schema": dict(parameter.schema)}  # fmt: skip
    if parameter.schema.get("type") == "array":
        found |= {"style": "form", "explode": False}
    return found


def _filters() -> dict[str, Any]:
    """Any column as a parameter of its own. Which ones there are depends on the name in the path."""
    return {
        "name": "filters", "in": "query", "style": "form", "explode": True, "required": False,
        "description": "columns as parameters, such as `platform=linkedin`: those of the metric or measurement in the path, "
        "see `/metrics` (dimensions) and `/measurements`",
        # Without an example of ours, pages to try it out on fill in a column that there is not.
        "schema": {"type": "object", "additionalProperties": {"type": "string"}, "example": {}},
    }  # fmt: skip


def _responses(declared: Endpoint) -> dict[str, Any]:
    content: dict[str, Any] = {"application/json": {"schema": dict(declared.schema)}}
    for name in declared.formats:
        if name != JSON:
            content[MIMETYPES[name]] = {"schema": {"type": "string"}}
    if declared.formats:
        content[PROOF_MIMETYPE] = {"schema": dict(PROOF)}
    well: dict[str, Any] = {"description": declared.answer.partition(";")[0].replace("`", "") or "done"}
    if declared.status != 204:
        well["content"] = content
    found: dict[str, Any] = {str(declared.status): well}
    if declared.method == "GET":
        found["304"] = {"description": "unchanged since the ETag that was sent"}
    for status, meaning in {**_usual(declared), **dict(declared.errors)}.items():
        found[str(status)] = {
            "description": meaning,
            "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
    return found


def _usual(declared: Endpoint) -> dict[int, str]:
    statuses = [400, 401, 403, 405, 406, 429, 503]
    if places_of(declared.path):
        statuses.append(404)
    if declared.body is not None:
        statuses += [413, 415]
    return {status: _ERRORS[status] for status in sorted(statuses)}


def _inlined(schema: Mapping[str, Any]) -> dict[str, Any]:
    """Pydantic's own definitions in place of references: those have names of ours."""
    known = schema.get("$defs", {})

    def resolve(part: Any) -> Any:
        if isinstance(part, dict):
            if "$ref" in part:
                return resolve(known[part["$ref"].rpartition("/")[2]])
            return {key: resolve(value) for key, value in part.items() if key != "$defs"}
        return [resolve(one) for one in part] if isinstance(part, list) else part

    found: dict[str, Any] = resolve(dict(schema))
    return found
