"""Goals on charts: a line where it is true, none where it would have to be scaled."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from layouts.charts import ChartData
from layouts.charts.goals import applying, sentence
from layouts.pages import CHARTS
from metricstore.duck import DuckStore
from metricstore.evaluation import Answer, evaluate
from metricstore.goal import Goal
from metricstore.metrics import metric
from metricstore.selection import Selection
from tests.browser.scene import history

NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)
DAILY = Goal("generations", "at least", 40, "day")
WEEKLY = Goal("generations", "at least", 100, "week")
SHARE = Goal("generation_success_rate", "at least", 97, "week")


@pytest.fixture(scope="module")
def store() -> DuckStore:
    found = DuckStore(None)
    found.write(history(NOW))
    return found


def asked(store: DuckStore, name: str, every: str, by: tuple[str, ...] = ()) -> Answer:
    selection = Selection((NOW - timedelta(days=9)).isoformat(), NOW.isoformat(), every=every)
    return evaluate(store, metric(name), selection, by=by, now=NOW)


def test_a_count_has_a_line_only_in_windows_of_its_period(store: DuckStore) -> None:
    both = (DAILY, WEEKLY)
    assert applying(both, asked(store, "generations", "1d"), whole=True) == (DAILY,)
    assert applying(both, asked(store, "generations", "1w"), whole=True) == (WEEKLY,)
    assert applying(both, asked(store, "generations", "1h"), whole=True) == ()
    assert applying(both, asked(store, "generations", "1d"), whole=False) == (), "lines of groups show no whole"
    assert applying(both, asked(store, "generations", "none"), whole=True) == ()


def test_a_share_has_one_in_every_window(store: DuckStore) -> None:
    for every in ("1h", "1d", "1w"):
        assert applying((SHARE,), asked(store, "generation_success_rate", every), whole=True) == (SHARE,)


def test_the_line_stands_at_the_value_with_its_words(store: DuckStore) -> None:
    answer = asked(store, "generations", "1d", ("outcome",))
    data = ChartData(answer, {}, Selection(every="1d"), "light", goals=(DAILY,))
    layout = CHARTS["generations_by_outcome"].draw(data).layout
    (line,) = [shape for shape in layout["shapes"] if shape.get("name") == "goal"]
    assert line["y0"] == line["y1"] == 40
    assert any(remark["text"] == "goal ≥ 40 posts" for remark in layout["annotations"])
    assert sentence((DAILY,)) == "Goal (dashed line): at least 40 posts a day."
