"""Reading Plotly's words: numbers that may be missing, moments, number formats."""

from __future__ import annotations

import math
import re
from datetime import datetime
from typing import Any

_FORMAT = re.compile(r"%\{\w+:(,\.\d+f)\}")

Box = tuple[float, float, float, float]
"""left, top, right, bottom in pixels."""


def numbers(values: Any) -> list[float]:
    """NaN for what is missing."""
    return [math.nan if value is None else float(value) for value in values]


def moments(values: Any) -> list[datetime]:
    """Wall-clock times as the figure has them, without zone."""
    return [datetime.fromisoformat(str(value)) for value in values]


def spelled(value: float, template: str) -> str:
    """A number as a trace's template spells it."""
    found = _FORMAT.search(template)
    return f"{value:{found[1] if found else ',.0f'}}"


def axis_title(layout: dict[str, Any], axis: str) -> str:
    title = layout.get(axis, {}).get("title", {})
    return str(title.get("text", "")) if isinstance(title, dict) else str(title)
