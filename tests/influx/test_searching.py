"""Searching texts, which InfluxDB can't do: pages wait some seconds, and what was not searched then is said and can be searched."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from callbacks import tables
from dashapp.factory import create_app
from dashapp.settings import Settings
from metricstore import patience
from metricstore.caching import CachedStore
from metricstore.circuit import Circuit
from metricstore.duck import DuckStore
from metricstore.errors import SearchTooLong
from metricstore.guarded import GuardedStore
from metricstore.influx import InfluxStore, rows, searching
from metricstore.point import Point, nanoseconds
from metricstore.query import Filter, Query, RecordQuery
from metricstore.selection import Selection
from metricstore.store import Store
from metricstore.windows import Window

pytestmark = pytest.mark.influx
START = datetime(2026, 1, 1, tzinfo=UTC)
STOP = START + timedelta(days=300)
NEEDLE = (Filter("message", "contains", ("needle",)),)
SEARCH = RecordQuery("log_record", START, STOP, NEEDLE, ("message",), limit=10)


@pytest.fixture
def searched(influx_store: InfluxStore, monkeypatch: pytest.MonkeyPatch) -> Store:
    """300 records, a day each, every tenth with the word, as pages ask for them: in stretches of some."""
    for module in (rows, searching):
        monkeypatch.setattr(module, "AT_ONCE", 20)
    influx_store.write([_record(number) for number in range(300)])
    return CachedStore(GuardedStore(influx_store, circuit=Circuit(influx_store.answers)))


def _record(number: int) -> Point:
    text = f"a needle {number}" if number % 10 == 0 else f"hay {number}"
    moment = START + timedelta(days=number)
    return Point("log_record", nanoseconds(moment), {"level": "INFO", "event": "other"}, {"message": text})


def texts(page_frame: object) -> list[str]:
    return list(page_frame["message"])  # type: ignore[index]


EVERY = [f"a needle {number}" for number in range(290, -10, -10)]


def test_who_waits_gets_whole_pages(searched: Store) -> None:
    first = searched.records(SEARCH, count=True)
    assert (texts(first.frame), first.total, first.searched) == (EVERY[:10], 30, None)
    found, cursor = texts(first.frame), first.next_cursor
    while cursor is not None:
        page = searched.records(RecordQuery("log_record", START, STOP, NEEDLE, ("message",), limit=10, cursor=cursor))
        found, cursor = [*found, *texts(page.frame)], page.next_cursor
    assert found == EVERY


def test_a_page_with_time_enough_counts_all(searched: Store) -> None:
    with patience.patience(60):
        page = searched.records(SEARCH, count=True)
    assert (texts(page.frame), page.total, page.searched) == (EVERY[:10], 30, None)


@pytest.mark.parametrize("descending", [True, False])
def test_a_page_without_time_says_how_far_it_got_and_the_rest_can_be_searched(
    searched: Store, descending: bool
) -> None:
    found: list[str] = []
    start, stop = START, STOP
    for _ in range(40):
        asked = RecordQuery("log_record", start, stop, NEEDLE, ("message",), descending=descending, limit=10)
        with patience.patience(0):
            page = searched.records(asked, count=True)
        assert page.total == len(page.frame)
        found += [text for text in texts(page.frame) if text not in found]
        if page.searched is None:
            break
        assert start < page.searched < stop, "each time it gets further"
        start, stop = (start, page.searched) if descending else (page.searched, stop)
    assert found == (EVERY if descending else EVERY[::-1])


def test_a_table_shows_what_was_found_and_leads_to_the_rest(searched: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "store", lambda: searched)
    selection = Selection(start=START.isoformat(), stop=STOP.isoformat())
    state = {"sort": "time", "descending": True, "page": 0, "words": {"message": "needle"}}
    scope = {"measurement": "log_record", "table": "", "columns": ["time", "message"]}
    with patience.patience(0):
        shown = tables.page_of_records(selection, state, scope, STOP)
    assert "so far" in shown.text and shown.last
    text = str(shown.body)
    assert "needle 290" in text and "Older records were not searched yet." in text and "Search older records" in text
    with patience.patience(0):
        nothing = tables.page_of_records(selection, {**state, "words": {"message": "no such word"}}, scope, STOP)
    assert "Nothing found, searched back to 2026-" in str(nothing.body)
    with patience.patience(60):
        whole = tables.page_of_records(selection, state, scope, STOP)
    assert (whole.text, "searched" in str(whole.body)) == ("1–25 of 30", False)


def test_what_needs_every_text_is_refused_with_a_sentence(searched: Store) -> None:
    by_day = Query("log_record", "count", START, STOP, every=Window.parse("1d"), where=NEEDLE)
    sorted_otherwise = RecordQuery("log_record", START, STOP, NEEDLE, ("message",), order="message")
    for ask in (lambda: searched.ask(by_day), lambda: searched.records(sorted_otherwise)):
        with patience.patience(0), pytest.raises(SearchTooLong, match=r"longer than 0 seconds; choose a shorter range"):
            ask()
    assert searched.ask(by_day)["value"].sum() == 30, "who waits is answered, whatever was refused before"
    with patience.patience(0):
        assert searched.ask(by_day)["value"].sum() == 30, "and what is known is shown"
        assert searched.ask(Query("log_record", "count", START, STOP))["value"].sum() == 300, "so is what is quick"


def test_pages_are_limited_and_nothing_else_is(tmp_path: Path) -> None:
    store = DuckStore(None)
    app = create_app(Settings(data_dir=tmp_path, timezone="UTC", source_timezone="UTC"), store)

    def limited(path: str) -> bool:
        with app.test_request_context(path, method="POST", json={"output": "x"}):
            for before in app.before_request_funcs[None]:
                if before.__name__ == "_limit_searches":
                    before()
            return patience.limited() and not patience.spent()

    assert not limited("/api/v1/records/log_record")
    assert limited("/_dash-update-component")
    assert not patience.limited(), "it ends with the request"
    store.close()
