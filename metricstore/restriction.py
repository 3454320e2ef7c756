"""A store as a viewer with a platform restriction sees it.

Pages, API, downloads and embeds ask through this, so the restriction holds at one place: a further filter
beside those asked for can only narrow an answer.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

import pandas as pd

from metricstore.catalogue import Measurement, measurement
from metricstore.errors import NotAllowed
from metricstore.point import Point, WriteResult
from metricstore.query import Filter, Query, RecordQuery
from metricstore.store import Page, Store, StoreInfo

COLUMN = "platform"
NOWHERE = "(no platform)"


def restricted(store: Store, platforms: Sequence[str] | None) -> Store:
    """`store` itself when there is no restriction (None), else narrowed to `platforms`; none of them sees nothing."""
    return store if platforms is None else RestrictedStore(store, tuple(sorted(platforms)))


class RestrictedStore:
    """Answers only for some platforms. For reading: writing and deleting are refused.

    Measurements that know no platform (log records, say) may be counted by their dimensions, but their
    records and free texts can speak of any platform and stay closed: NotAllowed.
    """

    def __init__(self, store: Store, platforms: tuple[str, ...]) -> None:
        self._store = store
        self.platforms = platforms

    def ask(self, query: Query) -> pd.DataFrame:
        source = query.source
        if COLUMN in source.columns:
            return self._store.ask(replace(query, where=(*query.where, self._filter)))
        texts = [condition.column for condition in query.where] + ([query.field] if query.field else [])
        for name in texts:
            if source.has_field(name) and source.field(name).type == "string" and name not in source.dimensions:
                raise NotAllowed(self._refusal(source))
        return self._store.ask(query)

    def records(self, query: RecordQuery, *, count: bool = False) -> Page:
        source = query.source
        if COLUMN not in source.columns:
            raise NotAllowed(self._refusal(source))
        return self._store.records(replace(query, where=(*query.where, self._filter)), count=count)

    def values(
        self, measurement: str, dimension: str, start: datetime, stop: datetime, where: tuple[Filter, ...] = ()
    ) -> list[str]:
        return self._store.values(measurement, dimension, start, stop, self._narrowed(measurement, where))

    def bounds(self, measurement: str) -> tuple[datetime, datetime] | None:
        return self._store.bounds(measurement)

    def revision(self, measurement: str) -> str:
        return self._store.revision(measurement)

    def info(self) -> StoreInfo:
        return self._store.info()

    def write(self, points: Iterable[Point]) -> WriteResult:
        raise NotAllowed("a viewer's store is for reading")

    def delete(self, points: Sequence[Point]) -> None:
        raise NotAllowed("a viewer's store is for reading")

    def delete_range(self, measurement: str, start: datetime, stop: datetime) -> None:
        raise NotAllowed("a viewer's store is for reading")

    def close(self) -> None:
        """The store behind it belongs to the application and stays open."""

    @property
    def _filter(self) -> Filter:
        return Filter(COLUMN, "any", self.platforms or (NOWHERE,))

    def _narrowed(self, name: str, where: tuple[Filter, ...]) -> tuple[Filter, ...]:
        source = measurement(name)
        if COLUMN in source.columns:
            return (*where, self._filter)
        for condition in where:
            if condition.column not in source.dimensions:
                raise NotAllowed(self._refusal(source))
        return where

    def _refusal(self, source: Measurement) -> str:
        return f"your account is limited to {', '.join(self.platforms) or 'no platform'}, and {source.title.lower()} name no platform"
