"""What the server answers to a browser's questions."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest
from dash import no_update
from flask import Flask

from callbacks.charts import answer_chart
from callbacks.freshness import freshness, revisions
from callbacks.records import open_drawer
from callbacks.tables import answer_table
from layouts.pages import CHARTS
from layouts.tiles import tile
from metricstore.catalogue import measurement
from metricstore.duck import DuckStore
from metricstore.errors import InvalidQuestion, StoreUnreachable
from metricstore.metrics import metric
from metricstore.query import Filter
from metricstore.selection import Selection
from questions.api_links import api_link
from questions.tables import conditions, question
from questions.tiles import ask as ask_tile
from tests.browser.scene import history
from viewer.request_context import read_selection

NOW = datetime.now(UTC)
STATE: dict[str, Any] = {"sort": "time", "descending": True, "page": 0, "words": {}}
SCOPE: dict[str, Any] = {"measurement": "generation", "columns": ["time", "platform", "outcome"]}


@pytest.fixture(scope="module")
def filled() -> Iterator[DuckStore]:
    store = DuckStore(None)
    store.write(history(NOW))
    yield store
    store.close()


@pytest.fixture
def unchanged(filled: DuckStore) -> Iterator[Flask]:
    """A store that is only read."""
    yield from _asked_of(filled)


@pytest.fixture
def app(duck_store: DuckStore) -> Iterator[Flask]:
    duck_store.write(history(NOW))
    yield from _asked_of(duck_store)


def _asked_of(store: DuckStore) -> Iterator[Flask]:
    found = Flask("answers")
    found.extensions["metricstore"] = store
    with found.test_request_context("/"):
        yield found


def asked(chart: str, words: dict[str, str], mode: str = "picture") -> dict[str, Any]:
    return answer_chart(words, mode, "light", {"chart": chart})


@pytest.mark.parametrize("chart", CHARTS)
def test_every_chart_answers_as_picture_and_as_table(unchanged: Flask, chart: str) -> None:
    answer = asked(chart, {}, "table")
    assert answer["status"] in ("ok", "empty")
    if answer["status"] == "ok":
        kinds = {trace.get("type", "scatter") for trace in answer["figure"]["data"]}
        assert kinds <= {"scatter", "bar", "heatmap"}, "build the plotly bundle with this trace"
        assert answer["table"] is not None


def test_words_that_mean_nothing_are_ignored(app: Flask) -> None:
    assert read_selection({"utm_source": "wiki", "platform": "twitter"}).where == {"platform": ("twitter",)}


def test_filters_a_chart_does_not_know_are_said_not_hidden(app: Flask) -> None:
    answer = asked("errors_per_event", {"platform": "twitter"})
    assert answer["remark"] == "Not filtered by platform: log records do not have it."


def test_filters_a_figure_does_not_know_are_said_on_its_tile(duck_store: DuckStore) -> None:
    duck_store.write(history(NOW))
    wanted = Selection(where={"platform": ("twitter",), "topic": ("x",)})
    shown = ask_tile(duck_store, metric("ai_retry_wait"), wanted, NOW)
    assert "not filtered by topic: AI retries do not have it" in str(tile(shown, "light", ""))
    assert ask_tile(duck_store, metric("generations"), wanted, NOW).unfiltered == ""


def test_an_empty_chart_says_what_there_is_and_what_to_remove(app: Flask) -> None:
    answer = asked("generations_by_outcome", {"platform": "facebook"})
    assert answer["status"] == "empty"
    assert "Without “Platform: Facebook”" in str(answer["message"])


def test_a_store_that_is_gone_is_told_in_one_sentence_with_an_id(
    app: Flask, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse(*_: object) -> Any:
        raise StoreUnreachable("connection refused")

    monkeypatch.setattr(DuckStore, "ask_all", refuse)
    answer = asked("generations_by_outcome", {})
    assert answer["status"] == "failed"
    assert answer["sentence"] == "The store does not answer: connection refused"
    assert answer["error_id"] in caplog.text


def test_a_mistake_in_the_address_is_told_without_the_id_of_a_fault_of_ours(
    app: Flask, caplog: pytest.LogCaptureFixture
) -> None:
    words, said = {"start": "nonsense"}, "This can't be shown: start: 'nonsense' is neither ISO 8601"
    answer = asked("generations_by_outcome", words)
    assert answer["sentence"].startswith(said)
    body = answer_table(words, STATE, SCOPE)[0]
    for shown in (answer["message"], body):
        assert said in str(shown)
        assert "Error id" not in str(shown)
        assert "Try again" not in str(shown)
    assert not caplog.records


def test_the_api_link_asks_for_the_same_numbers() -> None:
    link = api_link(CHARTS["generations_by_outcome"], Selection(where={"platform": ("twitter",), "level": ("ERROR",)}))
    assert link.startswith("/api/v1/metrics/generations?")
    assert "platform=twitter" in link
    assert "by=outcome" in link
    assert "level" not in link


def test_links_to_the_api_name_range_and_zone_and_carry_the_clock(app: Flask) -> None:
    asked = {"weekday": "mon", "hour": "!9", "tz": "UTC"}
    link = api_link(CHARTS["generation_success_trend"], read_selection(asked))
    words = parse_qs(urlsplit(link).query)
    assert {name: words[name] for name in ("start", "stop", "tz", "weekday", "hour")} == {
        "start": ["-30d"], "stop": ["now"], "tz": ["UTC"], "weekday": ["mon"], "hour": ["!9"],
    }  # fmt: skip
    told = answer_chart(asked, "picture", "light", {"chart": "generation_success_trend"})
    mondays = sum((datetime.now(UTC) - timedelta(days=back)).weekday() == 0 for back in range(1, 11))
    judged = f"{5 * mondays} of {5 * mondays}"
    assert told["remark"] == f"Not collected (grey): 20 of 31 days. At most this: {judged} judged by the log alone."


def test_a_tile_of_counts_is_the_sum_of_its_course(app: Flask, duck_store: DuckStore) -> None:
    shown = ask_tile(duck_store, metric("generations"), Selection("-30d", compare="previous"), datetime.now(UTC))
    assert (shown.value, np.nansum(shown.course)) == (50.0, 50.0)
    assert np.isnan(shown.before), "nobody had collected the period before"
    assert shown.before_missing.startswith("before: not collected, known from ")
    share = ask_tile(duck_store, metric("generation_success_rate"), Selection("-30d"), datetime.now(UTC))
    assert share.value == pytest.approx(80.0)


def test_a_table_pages_and_says_how_many_there_are(app: Flask) -> None:
    rows, page = answer_table({}, STATE, SCOPE)
    assert (len(rows), page["text"], page["first"], page["last"]) == (25, "1–25 of 50", True, False)
    rows, page = answer_table({}, {**STATE, "page": 1}, SCOPE)
    assert (len(rows), page["text"], page["first"], page["last"]) == (25, "26–50 of 50", False, True)


def test_a_column_filter_of_numbers_understands_ranges() -> None:
    source = measurement("generation")
    assert conditions(source, "duration_seconds", ">=2 <=9") == [
        Filter("duration_seconds", "min", (2.0,)), Filter("duration_seconds", "max", (9.0,))]  # fmt: skip
    assert len(conditions(source, "duration_seconds", "5")) == 2
    assert conditions(source, "topic", "hiring") == [Filter("topic", "contains", ("hiring",))]
    with pytest.raises(InvalidQuestion):
        conditions(source, "duration_seconds", "long")


def test_the_records_behind_a_mark_have_its_window_its_value_and_the_filters() -> None:
    scope = {**SCOPE, "chart": "failures_per_reason", "value": "http_500",
             "at": "2026-11-03T00:00:00+00:00~2026-11-04T00:00:00+00:00"}  # fmt: skip
    selection = Selection("2026-11-01", "2026-12-01", where={"platform": ("linkedin",)})
    query = question(selection, measurement("generation"), STATE, scope, NOW)
    assert (query.start.day, query.stop.day) == (3, 4)
    assert query.where == (
        Filter("platform", "any", ("linkedin",)), Filter("outcome", "any", ("failed", "partial")),
        Filter("outcome_reason", "any", ("http_500",)))  # fmt: skip


def test_a_record_opens_with_the_log_lines_around_it(app: Flask, duck_store: DuckStore) -> None:
    rows, *_ = answer_table({"outcome": "failed"}, STATE, SCOPE)
    import json

    link = json.loads(getattr(rows[0], "data-go"))
    is_open, title, body = open_drawer(link, {})
    assert (is_open, title) == (True, "Record")
    assert "500 Server Error" in str(body)


def test_a_link_to_a_record_that_makes_no_sense_says_so(app: Flask) -> None:
    for record in ("nonsense", "generation@yesterday@1", "nothing@2026-01-01T00:00:00+00:00@1"):
        is_open, _, body = open_drawer({"_record": record}, {})
        assert is_open
        assert "leads nowhere" in str(body)


def test_revisions_are_silent_when_nothing_changed(app: Flask, duck_store: DuckStore) -> None:
    known = revisions(1, "/generation", None)
    assert set(known) >= {"generation", "batch"}
    assert revisions(2, "/generation", known) is no_update
    duck_store.write(history(NOW)[:5])
    assert revisions(3, "/generation", known) != known


def test_freshness_names_the_source_that_failed(app: Flask, duck_store: DuckStore) -> None:
    from tests.browser.scene import History

    failed = History()
    failed.run(datetime.now(UTC), "app_log")
    failed.run(datetime.now(UTC), "calendars", "failed")
    duck_store.write(failed.points)
    told, text, _, dot = freshness(1, {})
    assert set(told["wrong"]) == {"calendars"}
    assert set(told["due"]) == {"app_log", "calendars"}
    assert (text.rpartition(" · ")[2], dot) == ("1 of 2 failed", "dot pulse bad")
    assert "log_record" in told["until"]


def test_a_silent_source_is_late_by_its_own_pace_unless_it_is_reading(app: Flask, duck_store: DuckStore) -> None:
    from collectors.registry import collectors_for
    from collectors.runner import Runner
    from collectors.source import Source
    from tests.browser.scene import History

    silent = History()
    silent.run(datetime.now(UTC) - timedelta(minutes=8), "engagement")
    duck_store.delete_range("collector_run", NOW - timedelta(days=20), NOW + timedelta(days=1))
    duck_store.write(silent.points)
    told, text, shown, dot = freshness(1, {})
    assert told["wrong"]["engagement"] == "Engagement files: last read 8 min ago, expected every 60 s"
    assert text.endswith("1 of 1 late")
    runner = Runner(collectors_for(Source(Path("nowhere"), "UTC")), duck_store, Path("nowhere"))
    app.extensions["runner"] = runner
    assert runner._slots["engagement"].begin("timed")
    told, text, shown, dot = freshness(2, {})
    assert (told["wrong"], dot) == ({}, "dot pulse good")
    assert "reading now" in str(shown)


def test_a_table_of_what_is_to_come_ignores_the_range_and_keeps_its_own_conditions(app: Flask) -> None:
    scope = {"measurement": "social_post", "table": "next_posts", "columns": ["time", "platform", "status"]}
    query = question(Selection("-7d", where={"platform": ("twitter",)}), measurement("social_post"), STATE, scope, NOW)
    assert query.start == NOW
    assert query.stop > NOW + timedelta(days=300)
    assert {condition.column for condition in query.where} == {"platform", "status", "source"}
