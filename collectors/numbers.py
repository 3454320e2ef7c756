"""Numbers as files have them, read only where they are what is meant. Pure."""

from __future__ import annotations

import math
import re
from typing import Any

_LARGEST = 2**63 - 1


def whole_number(value: Any) -> int | None:
    """A whole number of 0 or more that fits into 64 bits; None for anything else."""
    if isinstance(value, str):
        text = value.strip()
        if len(text) > 30 or not re.fullmatch(r"\d+(?:\.0*)?", text):
            return None
        value = int(text.partition(".")[0])
    if isinstance(value, float) and math.isfinite(value) and value == int(value):
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= _LARGEST:
        return None
    return value
