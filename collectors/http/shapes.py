"""Parts of a JSON answer, checked: a wrong shape gives one sentence that names the place. Pure."""

from __future__ import annotations

from typing import Any

from collectors.http.answer import unreadable


def mapping(name: str, value: Any, place: str = "the answer") -> dict[str, Any]:
    """`value` as an object."""
    if isinstance(value, dict):
        return value
    raise unreadable(name, f"{place} is {_kind(value)}, not an object")


def listing(name: str, value: Any, place: str = "the answer") -> list[Any]:
    """`value` as a list."""
    if isinstance(value, list):
        return value
    raise unreadable(name, f"{place} is {_kind(value)}, not a list")


def member(name: str, value: Any, *path: str) -> Any:
    """What is at `path` in nested objects; absent is an error, null is None."""
    place = "the answer"
    for key in path:
        inside = mapping(name, value, place)
        if key not in inside:
            raise unreadable(name, f"{place} has no {key!r}")
        value, place = inside[key], key if place == "the answer" else f"{place}.{key}"
    return value


def _kind(value: Any) -> str:
    kinds = {type(None): "null", bool: "true or false", str: "a text", list: "a list", dict: "an object"}
    return kinds.get(type(value), "a number")
