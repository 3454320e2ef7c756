"""When something goes wrong, the page says so and keeps what it had."""

from __future__ import annotations

import logging
import re
import threading
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from dashapp.lastgood import LastGood
from metricstore.errors import StoreUnreachable
from metricstore.query import Query
from tests.browser.conftest import visit_site
from tests.browser.scene import History
from tests.browser.visit import PATIENCE, Site, Visit, eventually
from viewer.last_answers import EXTENSION


def break_store(site: Site, monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    def refuse(*_: object, **__: object) -> Any:
        raise error

    for name in ("ask_all", "records", "revision", "bounds", "values"):
        monkeypatch.setattr(site.store, name, refuse)


def test_when_the_store_is_gone_the_last_picture_stays_with_the_reason(
    own_visit: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    visit = own_visit
    visit.open("/")
    panel = visit.panel("generations_by_outcome")
    break_store(visit.site, monkeypatch, StoreUnreachable("connection refused"))
    eventually(lambda: "is-stale" in (panel.get_attribute("class") or ""))
    expect(panel).to_contain_text("The store does not answer: connection refused")
    assert panel.locator(".trace.bars").count() > 0
    monkeypatch.undo()
    eventually(lambda: "is-ok" in (panel.get_attribute("class") or ""))
    visit.complaints.clear()  # the browser's own about answers that are errors


def test_who_comes_while_the_store_is_silent_sees_what_was_shown_last_and_from_when(
    chromium: Browser, own_visit: Visit, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    first, own_site = own_visit, own_visit.site
    own_site.app.extensions[EXTENSION] = LastGood(tmp_path / "pages")
    first.open("/")
    header = first.page.locator("#freshness-text")
    expect(header).to_contain_text("Newest record")
    break_store(own_site, monkeypatch, StoreUnreachable("no answer since 10:15:00 UTC"))
    expect(header).to_contain_text("the store does not answer")
    second = visit_site(chromium, own_site)
    second.open("/")
    panel = second.panel("generations_by_outcome")
    assert panel.locator(".trace.bars").count() > 0
    older = second.page.locator(".tiles-older")  # of the verdict, and of the figures
    expect(older).to_have_count(2)
    for part in (panel.locator(".panel-remark"), older.first, older.last):
        expect(part).to_contain_text(re.compile(r"As of \d\d:\d\d: the store does not answer"))
    assert second.tile("generations") == "50"
    monkeypatch.undo()
    expect(header).to_contain_text("Newest record")
    expect(second.page.locator(".tiles-older")).to_have_count(0)
    second.page.context.close()
    first.complaints.clear()


def test_a_failure_shows_an_id_that_the_servers_log_knows(
    own_visit: Visit, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    visit = own_visit
    break_store(visit.site, monkeypatch, RuntimeError("a secret detail"))
    with caplog.at_level(logging.ERROR):
        visit.open("/generation")
        panel = visit.panel("generation_success_trend")
        expect(panel).to_contain_text("Something went wrong on the server.")
    assert "a secret detail" not in panel.inner_text()
    assert panel.locator("code").inner_text() in caplog.text
    visit.complaints.clear()


_NEWER = """async () => {
    const name = 'generation_success_trend';
    const { board, Plotly } = window;
    const draw = board.drawChart, react = Plotly.react;
    let go = null;
    const asked = new Promise((done) => { board.drawChart = (answer) => {
        if (answer.chart !== name) return draw(answer);
        board.drawChart = draw;
        Plotly.react = (...all) => new Promise((ready) => { go = () => { Plotly.react = react; ready(react(...all)); }; });
        done([answer, draw(answer)]);
    }; });
    board.askChart(board.panelOf(name));
    const [answer, older] = await asked;
    while (!go) await new Promise((done) => setTimeout(done, 20));
    await draw({ ...answer, status: 'empty', at: answer.at + 1, message: 'none' });
    go();
    await older;
}"""


def test_an_empty_answer_is_not_overwritten_by_an_older_picture_that_is_still_drawn(visit: Visit) -> None:
    visit.open("/generation")
    visit.page.evaluate(_NEWER)
    panel = visit.panel("generation_success_trend")
    expect(panel).to_have_class(re.compile("is-empty"))
    expect(panel.locator(".panel-state")).to_have_text("none")
    visit.complaints.clear()


def test_a_chart_that_could_not_be_drawn_says_so_and_is_clicked_once_it_could(visit: Visit) -> None:
    page = visit.page
    visit.open("/generation")
    page.evaluate(
        "() => { const plain = Plotly.react; Plotly.react = () => { Plotly.react = plain; throw new Error('no room'); }; }"
    )
    page.get_by_role("link", name="Events", exact=True).click()
    failed = page.locator(".panel.is-failed")
    expect(failed).to_have_count(1)
    expect(failed).to_contain_text("This chart could not be drawn.")
    name = str(failed.get_attribute("data-chart"))
    page.evaluate("name => board.again(board.panelOf(name))", name)
    expect(visit.panel(name)).to_have_class(re.compile("is-ok"))
    assert visit.panel(name).locator(".js-plotly-plot").get_attribute("data-listening") == "true"
    visit.complaints.clear()


def test_an_answer_that_comes_late_never_overwrites_a_newer_one(
    own_visit: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    visit = own_visit
    visit.open("/generation")
    real = visit.site.store.ask_all
    begun, held, ended = threading.Event(), threading.Event(), threading.Event()

    def slow_for_linkedin(queries: Sequence[Query]) -> Any:
        slow = (query for query in queries if query.measurement == "batch")
        if any("linkedin" in condition.values for query in slow for condition in query.where):
            begun.set()
            held.wait(20)
            ended.set()
        return real(queries)

    monkeypatch.setattr(visit.site.store, "ask_all", slow_for_linkedin)
    visit.page.evaluate("board.go({platform: 'linkedin'})")
    assert begun.wait(PATIENCE)
    visit.page.evaluate("board.go({platform: 'twitter'})")
    eventually(lambda: visit.tile("batches") == "–" and visit.tile("generations") == "20")
    held.set()
    assert ended.wait(PATIENCE)
    visit.asked_for_news()
    assert visit.tile("batches") == "–" and visit.tile("generations") == "20"
    panel = visit.panel("generations_by_platform_trend")
    assert (
        panel.evaluate("element => element.querySelector('.js-plotly-plot').data.map(trace => trace.name).join()")
        == "X"
    )
    visit.complaints.clear()


def test_each_panel_has_two_clocks_and_a_late_source_dims_only_its_own(own_visit: Visit) -> None:
    visit = own_visit
    late = History()
    late.run(datetime.now(UTC), "app_log")
    late.run(datetime.now(UTC) - timedelta(hours=3), "calendars")
    late.run(datetime.now(UTC), "calendars", "failed")
    visit.site.store.write(late.points)
    visit.open("/")
    dimmed, fine = visit.panel("posts_by_status"), visit.panel("generations_by_outcome")
    eventually(lambda: "is-late" in (dimmed.get_attribute("class") or ""))
    expect(dimmed).to_contain_text("Calendars: last run failed")
    assert "is-late" not in (fine.get_attribute("class") or "")
    expect(fine.locator(".panel-clocks")).to_have_text(
        re.compile(r"Data until \d\d:\d\d · drawn \d\d:\d\d:\d\d · next reading \d\d:\d\d")
    )
    # a redrawn panel keeps what was said of its source
    before = dimmed.locator(".panel-clocks").inner_text()
    late.post(datetime.now(UTC), "linkedin", "Something new", 97)
    visit.site.store.write(late.points)
    eventually(lambda: dimmed.locator(".panel-clocks").inner_text() != before)
    assert "is-late" in (dimmed.get_attribute("class") or "")
    visit.complaints.clear()
