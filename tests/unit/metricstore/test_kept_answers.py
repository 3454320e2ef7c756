"""What a cache keeps, and what it gives up for what."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from metricstore.kept_answers import CacheKey, Kept, KeptAnswers
from metricstore.query import Query
from metricstore.windows import Window

START = datetime(2024, 3, 1, tzinfo=UTC)
DAYS = Query("ai_retry", "count", START, START + timedelta(days=10), every=Window(1, "d"))


@pytest.mark.parametrize("key", [CacheKey(DAYS, "1", by_days=True), CacheKey(DAYS, "1"), ("values", "ai_retry")])
def test_the_younger_of_two_answers_to_the_same_is_kept(key: Any) -> None:
    kept = KeptAnswers(1_000)
    for answer, size, since in (("first", 10, 5.0), ("younger", 20, 9.0), ("older", 40, 7.0)):
        kept.keep(key, Kept(answer, size, since))
    found = kept.get(key)
    assert found is not None
    assert (found.answer, kept.bytes, len(kept)) == ("younger", 20, 1)
    if isinstance(key, CacheKey):
        assert [one for one, _ in kept.over_ranges(key)] == [key]
