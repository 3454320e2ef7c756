"""A store with the scene of the browser tests that counts how often it is asked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

import pytest

from metricstore.duck import DuckStore
from metricstore.grid import Grid
from metricstore.query import Query
from tests.browser.scene import history

NOW = datetime.now(UTC).replace(microsecond=0)


class Counting(DuckStore):
    """Counts how often it is asked, however many questions come together."""

    def __init__(self) -> None:
        super().__init__(None)
        self.times = 0

    def ask_all(self, queries: Sequence[Query]) -> list[Grid]:
        self.times += 1
        return super().ask_all(queries)


@pytest.fixture(scope="module")
def counting() -> Iterator[Counting]:
    store = Counting()
    store.write(history(NOW))
    yield store
    store.close()
