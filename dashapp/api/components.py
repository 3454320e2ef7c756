"""Schemas that have a name stand once in the OpenAPI document, and everything else refers to them."""

from __future__ import annotations

import re
from typing import Any

from dashapp.api.schemas import NAME

_PREFIX = "#/components/schemas/"


class Components:
    """`schemas`: what was named so far. A name stands for one schema: ValueError when two would share it."""

    def __init__(self, schemas: dict[str, Any]) -> None:
        self.schemas = schemas

    def referred(self, part: Any) -> Any:
        """`part` with references in place of the schemas that have a name."""
        if isinstance(part, dict):
            plain = {key: self.referred(value) for key, value in part.items() if key != NAME}
            return self._put(part[NAME], plain) if NAME in part else plain
        return [self.referred(one) for one in part] if isinstance(part, list | tuple) else part

    def closed_sets_named(self, part: Any) -> Any:
        """`part`, and the schemas themselves, with references in place of closed sets that have a name elsewhere: those
        of request bodies come from type annotations, which have none."""
        known = {tuple(schema["enum"]): name for name, schema in self.schemas.items() if "enum" in schema}

        def walk(one: Any) -> Any:
            if isinstance(one, dict):
                name = known.get(tuple(one["enum"])) if isinstance(one.get("enum"), list) else None
                if name is not None:
                    rest = {key: value for key, value in one.items() if key not in ("enum", "type")}
                    return {"$ref": f"{_PREFIX}{name}", **rest}
                return {key: walk(value) for key, value in one.items()}
            return [walk(value) for value in one] if isinstance(one, list) else one

        for name, schema in self.schemas.items():
            if "enum" not in schema:
                self.schemas[name] = walk(schema)
        return walk(part)

    def _put(self, name: str, schema: dict[str, Any]) -> dict[str, str]:
        if "enum" in schema:
            schema = {**schema, "x-enum-varnames": [member_name(value) for value in schema["enum"]]}
        if self.schemas.setdefault(name, schema) != schema:
            raise ValueError(f"two different schemas are called {name}")
        return {"$ref": f"{_PREFIX}{name}"}


def member_name(value: str) -> str:
    """What a client in another language may call a value: `VALUE_1H`, `NOT_COLLECTED`."""
    word = re.sub(r"\W+", "_", value).strip("_").upper()
    return word if re.match("[A-Z]", word) else f"VALUE_{word}"
