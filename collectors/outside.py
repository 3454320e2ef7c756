"""Collectors from packages of their own: each is an entry point of the group `content_metrics.collectors`.

They are added to the lists of collectors, measurements and metrics before anything is derived from those: `dashapp` does
so when it is imported. See docs/adding.md.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from importlib.metadata import EntryPoint, entry_points

from metricstore.errors import CatalogueError

GROUP = "content_metrics.collectors"
_DERIVED = {"collectors.registry", "layouts.sources"}
"""Modules that derive lists when they are imported."""


def load(points: Iterable[EntryPoint] | None = None) -> None:
    """Adds what installed packages bring. CatalogueError names a package that can't be used, and what it lacks."""
    if points is None:
        points = entry_points(group=GROUP)
        if points and _DERIVED & sys.modules.keys():
            raise CatalogueError(
                "packages bring collectors, which have to be known first: import dashapp before anything else of it"
            )
    for point in points:
        _add(point)


def _add(point: EntryPoint) -> None:
    from collectors.package import PackagedCollector
    from metricstore.catalogue import collected
    from metricstore.metrics import METRICS
    from metricstore.metrics.whole import require_whole

    package = point.dist.name if point.dist is not None else point.value
    try:
        brought = point.load()
        if not isinstance(brought, PackagedCollector):
            raise TypeError(f"{point.value} isn't a collectors.package.PackagedCollector")
        collected.add(brought.registration, brought.measurements)
        require_whole([*METRICS.values(), *brought.metrics])
        METRICS.update((one.name, one) for one in brought.metrics)
    except Exception as error:
        raise CatalogueError(
            f"the package {package} brings the collector {point.name}, which can't be used: {error}. "
            f"Mend the package, or remove it (pip uninstall {package})"
        ) from error
