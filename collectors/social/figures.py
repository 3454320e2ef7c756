"""Figures of posts in the canonical set, with what was not reported kept apart from 0. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from metricstore.catalogue import FieldValue
from metricstore.catalogue.social import FIGURES, MAPPING_VERSION

_KINDS = {figure.name: figure.type for figure in FIGURES}


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
