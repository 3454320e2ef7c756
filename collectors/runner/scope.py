"""Whose checkpoints: those of this store and this source, and none when the store was emptied."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from collectors.base import Collector
from collectors.runner.checkpoints import Checkpoints
from metricstore.catalogue import MEASUREMENTS
from metricstore.store import Store

log = logging.getLogger(__name__)


def checkpoints_for(
    collectors: Sequence[Collector], store: Store, data_dir: Path, make: Callable[[Path, str], Checkpoints] = Checkpoints
) -> Checkpoints:  # fmt: skip
    """The checkpoints of this store and source, as `make` keeps them. Raises the store's errors when it does not answer.

    A store that holds nothing at all makes checkpoints meaningless (its file was deleted, its bucket emptied):
    they are dropped, and everything is collected again.
    """
    info = store.info()
    roots = sorted({str(source.root.absolute()) for source in map(_source, collectors) if source is not None})
    checkpoints = make(data_dir, f"{info.kind} {info.location} <- {' '.join(roots)}")
    if any(checkpoints.folder.glob("*.json")) and _is_empty(store):
        checkpoints.drop_all()
        log.warning("the store at %s is empty: starting over from the beginning of every source", info.location)
    return checkpoints


def _is_empty(store: Store) -> bool:
    # The dashboard's own runs first: nearly always there, and few.
    names = sorted(MEASUREMENTS, key=lambda name: name != "collector_run")
    return all(store.bounds(name) is None for name in names)


def _source(collector: Collector) -> Any:
    return getattr(collector, "source", None) or getattr(collector, "_source", None)
