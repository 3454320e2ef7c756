"""Figures of posts in the canonical set, with what was not reported kept apart from 0. Pure."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from metricstore.catalogue import FieldValue
from metricstore.catalogue.social import FIGURES, MAPPING_VERSION

_KINDS = {figure.name: figure.type for figure in FIGURES}


_LARGEST = 2**63 - 1


def figure(value: Any) -> int | float | None:
    """A number as a service tells it; None for anything that can't be stored as one."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value if abs(value) <= _LARGEST else None


def figure_fields(values: Mapping[str, float]) -> dict[str, FieldValue]:
    """Fields of a stats point: the figures given, the names of all others, and the version of the mapping."""
    fields: dict[str, FieldValue] = {
        name: float(value) if _KINDS[name] == "float" else round(value)
        for name, value in values.items()
        if name in _KINDS
    }
    missing = [name for name in _KINDS if name not in fields]
    if missing:
        fields["not_reported"] = ",".join(missing)
    fields["mapping_version"] = MAPPING_VERSION
    return fields
