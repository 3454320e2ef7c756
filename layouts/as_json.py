"""Components as what they are sent as.

Dash looks at each value of each of them for the types of a dozen packages, which takes five times as long."""

from __future__ import annotations

from typing import Any

from dash.development.base_component import Component


def as_json(part: Any) -> Any:
    """The same made of dictionaries and lists; what is neither a component nor one of these stays."""
    if isinstance(part, str | int | float | None):
        return part
    if isinstance(part, dict):
        return {name: as_json(value) for name, value in part.items()}
    if isinstance(part, list | tuple):
        return [as_json(value) for value in part]
    return as_json(part.to_plotly_json()) if isinstance(part, Component) else part
