"""What a chart shows, in a sentence: of every chart that has data, true to them."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest

from layouts.charts import ChartData
from layouts.charts.marks import is_empty
from layouts.charts.summary import summary
from layouts.pages import CHARTS
from metricstore.duck import DuckStore
from metricstore.selection import Selection
from questions.charts import ask
from tests.browser.scene import history

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def store() -> DuckStore:
    found = DuckStore(None)
    found.write(history(NOW))
    return found


def said(store: DuckStore, name: str, **words: str) -> str:
    chart = CHARTS[name]
    selection = Selection(**{"start": "2026-11-10", "stop": "2026-11-20", "every": "1d", "timezone": "UTC", **words})  # type: ignore[arg-type]
    answers = ask(store, chart, selection, NOW)
    if all(is_empty(answer) for answer in answers.values()):
        return ""
    return summary(ChartData(answers[""], {key: one for key, one in answers.items() if key}, selection, "light"))


def test_counts_over_time_say_range_groups_last_and_largest(store: DuckStore) -> None:
    assert said(store, "generations_by_platform_trend") == (
        "Each day from 10 Nov 2026 to 19 Nov 2026. LinkedIn 30 posts, X 20 posts."
        " All: last 5 posts on 19 Nov 2026, first 5 posts, most 5 posts on 10 Nov 2026."
    )


def test_shares_over_time_are_said_for_each_series_and_never_added(store: DuckStore) -> None:
    text = said(store, "generation_success_trend")
    assert "X: last 100.0 % on 19 Nov 2026" in text
    assert "LinkedIn: last 66.7 %" in text
    assert "All:" not in text


def test_values_are_said_from_the_largest(store: DuckStore) -> None:
    assert said(store, "generations_per_platform") == "LinkedIn 30 posts, X 20 posts."


def test_the_period_compared_with_is_said_where_there_is_one(store: DuckStore) -> None:
    words = {"start": "2026-11-15", "compare": "previous"}
    assert said(store, "generations_by_platform_trend", **words).endswith("±0\u202f% against the comparison period.")


@pytest.mark.parametrize("name", CHARTS)
def test_every_chart_with_data_says_something_in_plain_words(store: DuckStore, name: str) -> None:
    text = said(store, name)
    if text:
        assert text.endswith(".")
        assert not re.search(r"\b(p50|p95|p99|nan|None|NaT)\b", text)
