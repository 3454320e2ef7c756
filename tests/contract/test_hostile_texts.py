"""Names and texts made to break out of a query come back as they were written, and select only themselves."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from metricstore.query import Filter
from metricstore.store import Store
from metricstore.validation import field_text, tag_text
from tests.contract.asking import START, STOP, any_of, asked, counts, generation, hours, listed, rows
from tests.contract.reference import ns

MOMENT = datetime(2024, 3, 10, 12, tzinfo=UTC)
HOSTILE = [
    'a"b', "a'b", "a\\b", "\\", 'back\\"slash', '")', '") |> drop()', "|> drop(columns: [\"_value\"])",
    "${x}", "#{x}", "{{x}}", "'; DROP TABLE generation; --", '" OR 1=1 --', "%", "_", "*", ".*", "[a-z]", "(", "/x/",
    "a=b", "a,b", "a b", " leading", "trailing ", "tab\there", "line\nfeed", "return\rhere", "null\x00byte", "\x1b[31m",
    "日本語", "🎉👩‍👩‍👧", "e\u0301", "\u202eabc", "İstanbul", "ß", "true", "null", "NaN", "0", "-1", "x" * 900,
]  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_tag_value_groups_and_filters_as_itself(store: Store, text: str) -> None:
    store.write([generation(MOMENT, text), generation(MOMENT, "plain"), generation(MOMENT + hours(1), text)])
    stored = tag_text(text)
    assert store.values("generation", "platform", START, STOP) == sorted(one for one in ("plain", stored) if one)
    assert counts(store, where=(any_of("platform", stored),)) == 2
    assert counts(store, where=(Filter("platform", "none", (stored,)),)) == 1
    found = rows(store.ask(asked(by=("platform",))), ("platform",))
    assert sorted(found) == sorted([(ns(START), (stored,), 2.0), (ns(START), ("plain",), 1.0)])
    store.delete([generation(MOMENT, text)])
    assert counts(store, where=(any_of("platform", stored),)) == 1


@pytest.mark.parametrize("text", [*HOSTILE, "y" * 40_000, "several\nlines\n\n"])
def test_a_hostile_text_comes_back_as_written(store: Store, text: str) -> None:
    store.write([generation(MOMENT, topic=text), generation(MOMENT + hours(1), topic="other")])
    stored = field_text(text)
    frame = store.records(listed(columns=("topic",), descending=False)).frame
    assert frame["topic"].tolist() == [stored, "other"]
    assert counts(store, where=(any_of("topic", stored),)) == 1
    assert counts(store, where=(Filter("topic", "contains", (stored[:50],)),)) >= 1


@pytest.mark.parametrize("text", ['") |> drop()', "%", "_", "a.*b", "\\", '"', "$", "日本", "x" * 500])
def test_a_search_text_is_no_pattern(store: Store, text: str) -> None:
    store.write([generation(MOMENT, topic=f"before {text} after"), generation(MOMENT + hours(1), topic="axxb cd")])
    assert counts(store, where=(Filter("topic", "contains", (text,)),)) == 1 + (text == "")


TEXTS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=40)
QUIET = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]


def comes_back(store: Store, tag: str, text: str) -> None:
    store.delete_range("generation", START, STOP)
    store.write([generation(MOMENT, tag, topic=text), generation(MOMENT + hours(1), "plain", topic="plain")])
    frame = store.records(listed(columns=("platform", "topic"), descending=False)).frame
    assert frame["platform"].fillna("").tolist() == [tag_text(tag), "plain"]
    assert frame["topic"].tolist() == [field_text(text), "plain"]
    chosen = counts(store, where=(any_of("platform", tag_text(tag)), any_of("topic", field_text(text))))
    assert chosen == 1 + (tag_text(tag) == field_text(text) == "plain")


@settings(max_examples=80, deadline=None, suppress_health_check=QUIET, derandomize=True, database=None)
@given(tag=TEXTS, text=TEXTS)
def test_any_text_comes_back_from_duckdb(duck_store: Store, tag: str, text: str) -> None:
    comes_back(duck_store, tag, text)


@pytest.mark.influx
@settings(max_examples=25, deadline=None, suppress_health_check=QUIET, derandomize=True, database=None)
@given(tag=TEXTS, text=TEXTS)
def test_any_text_comes_back_from_influxdb(influx_store: Store, tag: str, text: str) -> None:
    comes_back(influx_store, tag, text)


@pytest.mark.clickhouse
@settings(max_examples=25, deadline=None, suppress_health_check=QUIET, derandomize=True, database=None)
@given(tag=TEXTS, text=TEXTS)
def test_any_text_comes_back_from_clickhouse(clickhouse_store: Store, tag: str, text: str) -> None:
    comes_back(clickhouse_store, tag, text)
