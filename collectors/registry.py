"""The code of all collectors. Adding one: its folder, and its entry in `metricstore/catalogue/collectors.py`."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from importlib import import_module
from pathlib import Path

from collectors.base import Collector
from collectors.source import Source
from metricstore.catalogue.collected import HERE
from metricstore.catalogue.collectors import COLLECTORS as REGISTERED
from metricstore.catalogue.collectors import Registration
from metricstore.errors import CatalogueError

_PARTS = ("name", "interval_seconds", "validate", "watched", "collect")


def load(names: Iterable[str], package: str = "collectors", folder: Path = Path(__file__).parent) -> list[type]:
    """The class of each collector, from `<package>/<name>/collector.py`. CatalogueError says which part of one is missing."""
    names = list(names)
    for path in sorted(folder.glob("*/collector.py")):
        if path.parent.name not in names:
            raise CatalogueError(
                f"{package}/{path.parent.name}/collector.py is never run: add "
                f'Registration("{path.parent.name}", "<title>", ("<a measurement it writes>",)) to COLLECTORS in {HERE}'
            )
    return [_class_of(name, package) for name in names]


def _class_of(name: str, package: str) -> type:
    place = f"{package}/{name}/collector.py"
    try:
        home, module = import_module(f"{package}.{name}"), import_module(f"{package}.{name}.collector")
    except ModuleNotFoundError as error:
        if error.name not in (f"{package}.{name}", f"{package}.{name}.collector"):
            raise
        raise CatalogueError(
            f"{HERE} names the collector {name}, but there is no {place}: write it (see collectors/base.py)"
        ) from error
    if home.__file__ is None:
        raise CatalogueError(
            f"there is no {package}/{name}/__init__.py, so {name} would not be installed: write it (it may be empty)"
        )
    own = [one for one in vars(module).values() if isinstance(one, type) and one.__module__ == module.__name__]
    found = next((one for one in own if getattr(one, "name", None) == name), None)
    if found is None:
        raise CatalogueError(f'{place} has no class with name = "{name}": write it (see collectors/base.py)')
    return _whole(found, place)


def _whole(found: type, place: str) -> type:
    missing = [part for part in _PARTS if not hasattr(found, part)]
    if missing:
        raise CatalogueError(f"{place}: {found.__name__} has no `{missing[0]}`: write it (see collectors/base.py)")
    return found


def load_outside(one: Registration) -> type:
    """The class of a collector in a package of its own. CatalogueError says why it can't be had."""
    module, _, name = one.code.partition(":")
    try:
        found = getattr(import_module(module), name)
    except Exception as error:  # whatever a package does at its import, it must be named
        raise CatalogueError(
            f"the collector {one.name} can't be loaded from {one.code}: {error}. Mend its package, or uninstall it"
        ) from error
    if getattr(found, "name", None) != one.name:
        raise CatalogueError(f'{one.code}: write name = "{one.name}" in {name}, as its Registration says')
    return _whole(found, one.code)


COLLECTORS: tuple[Callable[[Source], Collector], ...] = (
    *load(one.name for one in REGISTERED if not one.code),
    *(load_outside(one) for one in REGISTERED if one.code),
)
"""In the order a single run takes: what others build on comes first."""


def collectors_for(source: Source) -> list[Collector]:
    """One of each for a source; none of them has read anything yet."""
    return [make(source) for make in COLLECTORS]
