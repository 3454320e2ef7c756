"""Settings that give collectors something to collect from: those that their entries in the catalogue name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from types import UnionType
from typing import Any, Union, get_args, get_origin

from pydantic.config import JsonDict
from pydantic.fields import FieldInfo

from metricstore.catalogue.collected import HERE
from metricstore.catalogue.collectors import COLLECTORS
from metricstore.errors import CatalogueError

OF_PROJECT: JsonDict = {"of_project": True}
"""Marks another setting that is about the observed project, so that demo data leave it out."""


def given_settings() -> tuple[str, ...]:
    """Names of fields of `Settings`."""
    return tuple(name for one in COLLECTORS for name in one.settings)


def of_project(fields: Mapping[str, FieldInfo]) -> tuple[str, ...]:
    """Settings that are about the observed project: where its data are, and what is made of them."""
    return (*given_settings(), *(name for name, field in fields.items() if field.json_schema_extra == OF_PROJECT))


def require_fields(fields: Iterable[str]) -> None:
    """CatalogueError names a setting that a collector's entry names and `Settings` doesn't have."""
    known = set(fields)
    for one in COLLECTORS:
        for name in one.settings:
            if name not in known:
                raise CatalogueError(
                    f'{HERE} says that the collector {one.name} is given the setting "{name}", which isn\'t declared: add a field '
                    f"`{name}` to Settings in dashapp/settings/model.py (or mend `settings` of the entry)"
                )


def is_path(annotation: Any) -> bool:
    """Whether a setting of this type is a path, or several."""
    if get_origin(annotation) in (Union, UnionType, tuple):
        return any(map(is_path, get_args(annotation)))
    return annotation is Path
