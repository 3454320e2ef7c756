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


def test_hostile_tag_values_group_and_filter_as_themselves(store: Store) -> None:
    """All beside each other: none may select or hide another."""
    stored = {tag_text(text) for text in (*HOSTILE, "plain")}
    store.write([generation(MOMENT + hours(n), text) for n in (0, 1) for text in (*HOSTILE, "plain")])
    assert store.values("generation", "platform", START, STOP) == sorted(stored - {""})
    assert {text: counts(store, where=(any_of("platform", text),)) for text in stored} == dict.fromkeys(stored, 2)
    others = {text: counts(store, where=(Filter("platform", "none", (text,)),)) for text in stored}
    assert others == dict.fromkeys(stored, 2 * len(stored) - 2)
    found = rows(store.ask(asked(by=("platform",))), ("platform",))
    assert sorted(found) == sorted((ns(START), (text,), 2.0) for text in stored)
    store.delete([generation(MOMENT, text) for text in HOSTILE])
    left = {text: counts(store, where=(any_of("platform", text),)) for text in stored}
    assert left == {text: 2 if text == "plain" else 1 for text in stored}


def test_hostile_texts_come_back_as_written(store: Store) -> None:
    texts = [*HOSTILE, "y" * 40_000, "several\nlines\n\n"]
    store.write([generation(MOMENT + hours(n), topic=text) for n, text in enumerate(texts)])
    stored = [field_text(text) for text in texts]
    frame = store.records(listed(columns=("topic",), descending=False)).frame
    assert frame["topic"].tolist() == stored
    for text in stored:
        assert counts(store, where=(any_of("topic", text),)) == stored.count(text), text
        assert counts(store, where=(Filter("topic", "contains", (text[:50],)),)) >= 1, text


def test_a_search_text_is_no_pattern(store: Store) -> None:
    searched = ['") |> drop()', "%", "_", "a.*b", "\\", '"', "$", "日本", "x" * 500]
    topics = [*(f"before {text} after" for text in searched), "axxb cd"]
    store.write([generation(MOMENT + hours(n), topic=topic) for n, topic in enumerate(topics)])
    found = {text: counts(store, where=(Filter("topic", "contains", (text,)),)) for text in searched}
    assert found == {text: sum(text in topic for topic in topics) for text in searched}


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
