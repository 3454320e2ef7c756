"""What a page's figures need is asked of the store together, before the first of them is made."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta

import pandas as pd
import pytest

from callbacks import charts, tiles
from layouts.pages import CHARTS, TILES
from layouts.tile_values import tiles_of
from metricstore.caching import CachedStore
from metricstore.duck import DuckStore
from metricstore.errors import NotAllowed
from metricstore.foreseen import ask_ahead, of_whole_and_course
from metricstore.metrics import metric
from metricstore.query import Query
from metricstore.restriction import restricted
from metricstore.segment import Segment
from metricstore.selection import Selection
from tests.browser.scene import history

NOW = datetime.now(UTC).replace(microsecond=0)
SELECTIONS = (Selection(), Selection(every="none", compare="previous"), Selection(where={"platform": ("linkedin",)}))


class Counting(DuckStore):
    """Counts how often it is asked, however many questions come together."""

    def __init__(self) -> None:
        super().__init__(None)
        self.times = 0

    def ask_all(self, queries: Sequence[Query]) -> list[pd.DataFrame]:
        self.times += 1
        return super().ask_all(queries)


@pytest.fixture(scope="module")
def counting() -> Iterator[Counting]:
    store = Counting()
    store.write(history(NOW))
    yield store
    store.close()


@pytest.mark.parametrize("selection", SELECTIONS)
@pytest.mark.parametrize("page", TILES)
def test_all_tiles_of_a_page_are_asked_for_in_one_go(counting: Counting, page: str, selection: Selection) -> None:
    store, declared = CachedStore(counting), tiles_of(page)
    ask_ahead(store, [lambda one=one: of_whole_and_course(one, selection, NOW) for one in declared])
    counting.times = 0
    shown = [tiles.ask(store, one, selection, NOW) for one in declared]
    # Why a tile has nothing to show is asked only then.
    assert counting.times == 0 or any(tile.missing for tile in shown)


@pytest.mark.parametrize("selection", SELECTIONS)
@pytest.mark.parametrize("chart", CHARTS)
def test_a_chart_is_asked_for_in_one_go(counting: Counting, chart: str, selection: Selection) -> None:
    counting.times = 0
    charts.ask(CachedStore(counting), CHARTS[chart], selection, NOW)
    assert counting.times == 1


def test_a_figure_that_a_viewer_may_not_see_leaves_the_others_in_one_go(counting: Counting) -> None:
    cache = CachedStore(counting)
    store = restricted(cache, Segment.of_platforms(("linkedin",)))
    selection = Selection(start=(NOW - timedelta(days=3)).isoformat(), stop=NOW.isoformat())
    allowed = metric("generations")

    def refused() -> list[Query]:
        raise NotAllowed("not for you")

    ask_ahead(store, [refused, lambda: of_whole_and_course(allowed, selection, NOW)])
    counting.times = 0
    tiles.ask(store, allowed, selection, NOW)
    assert counting.times == 0


def test_without_a_cache_nothing_is_asked_ahead(counting: Counting) -> None:
    counting.times = 0
    ask_ahead(counting, [lambda: of_whole_and_course(metric("posts"), Selection(), NOW)])
    assert counting.times == 0
