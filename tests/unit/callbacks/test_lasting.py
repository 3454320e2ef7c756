"""While the store does not answer, pages show what they showed last and say from when it is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from callbacks.charts import answer_chart
from callbacks.freshness import freshness
from callbacks.tables import answer_table
from callbacks.tiles import answer_tiles
from dashapp.factory import create_app
from dashapp.lastgood import LastGood
from dashapp.settings import Settings
from dashapp.stores import for_viewers
from metricstore.caching import CachedStore
from metricstore.duck import DuckStore
from metricstore.errors import StoreUnreachable
from metricstore.segment import Segment
from tests.browser.scene import history
from viewer import last_answers as lasting

STATE: dict[str, Any] = {"sort": "time", "descending": True, "page": 0, "words": {}}
SCOPE: dict[str, Any] = {"measurement": "generation", "columns": ["time", "platform", "outcome"]}
ASKED: dict[str, Callable[[dict[str, str]], Any]] = {
    "chart": lambda words: answer_chart(words, "table", "light", {"chart": "generations_by_outcome"}),
    "tiles": lambda words: answer_tiles(words, None, "light", {"page": "overview"}),
    "table": lambda words: answer_table(words, STATE, SCOPE),
    "freshness": lambda words: freshness(None, words),
}


@pytest.fixture
def app(duck_store: DuckStore, tmp_path: Path) -> Iterator[Flask]:
    found = Flask("lasting")
    found.extensions["metricstore"] = duck_store
    found.extensions[lasting.EXTENSION] = LastGood(tmp_path)
    duck_store.write(history())
    with found.test_request_context("/"):
        yield found


@pytest.fixture
def stop(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    def refuse(*_: object, **__: object) -> Any:
        raise StoreUnreachable("no answer since 10:15:00 UTC")

    def stopped() -> None:
        for name in ("ask", "ask_all", "records", "values", "bounds", "revision"):
            monkeypatch.setattr(DuckStore, name, refuse)

    return stopped


@pytest.mark.parametrize("what", ASKED)
def test_the_last_good_answer_stays_and_is_dated(stop: Callable[[], None], what: str) -> None:
    good = ASKED[what]({})
    assert "the store does not answer" not in str(good)
    stop()
    assert f"As of {datetime.now(UTC):%H:}" in str(ASKED[what]({}))
    assert "the store does not answer" in str(ASKED[what]({}))


def test_a_dated_chart_has_the_same_figure(stop: Callable[[], None]) -> None:
    good = ASKED["chart"]({})
    stop()
    dated = ASKED["chart"]({})
    assert dated["status"] == "ok"
    assert [trace["name"] for trace in dated["figure"]["data"]] == [trace["name"] for trace in good["figure"]["data"]]
    assert dated["drawn"] == good["drawn"]
    assert dated["revision"] != good["revision"], "so that it is drawn anew when the store is back"


def test_the_header_says_it_and_the_dot_is_red(stop: Callable[[], None]) -> None:
    ASKED["freshness"]({})
    stop()
    _, text, _, dot = ASKED["freshness"]({})
    assert text.startswith("As of ")
    assert dot.endswith("bad")


@pytest.mark.parametrize("what", ASKED)
def test_what_was_never_shown_says_that_the_store_does_not_answer(stop: Callable[[], None], what: str) -> None:
    ASKED[what]({})
    stop()
    told = str(ASKED[what]({"start": "-90d", "tz": "Europe/Berlin"}))
    assert "The store does not answer" in told
    assert "As of" not in told


@pytest.mark.parametrize("what", ["chart", "tiles", "table"])
def test_nobody_gets_what_was_shown_to_those_who_may_see_more(
    stop: Callable[[], None], monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    ASKED[what]({})
    stop()
    monkeypatch.setattr(lasting, "segments", lambda: (Segment.of_platforms(("twitter",)),))
    assert "As of" not in str(ASKED[what]({}))


def test_the_date_stands_there_where_it_was_not_today(app: Flask) -> None:
    then = datetime.now(UTC) - timedelta(days=3)
    assert lasting.as_of(then, {"tz": "UTC"}) == f"As of {then:%Y-%m-%d %H:%M}: the store does not answer"
    assert lasting.as_of(then, {"tz": "Nowhere"}) == lasting.as_of(then, None)


def test_the_embedded_store_has_no_guard_and_keeps_no_answers(duck_store: DuckStore, tmp_path: Path) -> None:
    store, settings = CachedStore(duck_store), Settings(data_dir=tmp_path, timezone="UTC", source_timezone="UTC")
    assert for_viewers(settings, store) is store
    assert lasting.EXTENSION not in create_app(settings, store).extensions


def test_only_so_many_answers_are_kept(tmp_path: Path) -> None:
    kept = LastGood(tmp_path, most=10)
    for number in range(25):
        kept.keep(str(number), "text")
    assert len(list(tmp_path.iterdir())) <= 10
    assert not kept.due("24")
    assert kept.due("never")


def test_one_owner_of_many_answers_does_not_evict_those_of_others(tmp_path: Path) -> None:
    kept = LastGood(tmp_path, most=10)
    for number in range(12):
        (tmp_path / f"{number:032}.json").write_text("of an earlier version")
    kept.keep("chart", "text", "wiki")
    for number in range(25):
        kept.keep(str(number), "text", "greedy")
    assert kept.get("chart", "wiki") is not None
    assert kept.get("24", "greedy") is not None
    assert len(list(tmp_path.iterdir())) <= 10
