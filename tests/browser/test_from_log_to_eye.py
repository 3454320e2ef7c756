"""The whole program as a newcomer meets it: one command, one-time password, a log that grows under one's eyes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.visit import eventually
from tests.cli.conftest import Shell, Started, project, running, shell

__all__ = ["project", "running", "shell"]

NEW_PASSWORD = "four words nobody guesses"


def line(text: str, level: str = "ERROR") -> str:
    return f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S},123 - {level} - {text}\n"


def one_time_password(running: Started) -> str:
    running.waits_for(lambda: "one-time password" in running.out)
    found = re.search(r"one-time password (\S+)", running.out)
    assert found
    return found[1]


@pytest.fixture
def newcomer(chromium: Browser, running: Started) -> Iterator[Page]:
    """A page after the first login, with the password changed as asked."""
    page = chromium.new_context(viewport={"width": 1366, "height": 850}).new_page()
    page.goto(running.url)
    first = one_time_password(running)
    page.fill("[name=username]", "admin")
    page.fill("[name=password]", first)
    page.click("button[type=submit]")
    assert "/account/password" in page.url
    for place, box in enumerate(page.locator("input[type=password]").all()):
        box.fill(first if place == 0 else NEW_PASSWORD)
    page.click("button[type=submit]")
    page.wait_for_selector("nav")
    yield page
    page.context.close()


def tile(page: Page, metric: str) -> str:
    text: str = page.locator(f'.tile[data-metric="{metric}"] .tile-value').inner_text(timeout=30_000)
    return text.split()[0]


def test_a_line_appended_to_the_log_moves_the_number_on_an_open_page_and_leads_back_to_its_line(
    newcomer: Page, running: Started, project: Path, shell: Shell
) -> None:
    complaints: list[str] = []
    newcomer.on("console", lambda said: complaints.append(said.text) if said.type in ("error", "warning") else None)
    newcomer.goto(running.url + "/events?start=-1h")
    eventually(lambda: tile(newcomer, "errors") == "0")
    with (project / "app.log").open("a") as log:
        log.write(line("Unknown command: made up by this test"))
    eventually(lambda: tile(newcomer, "errors") == "1")

    newcomer.locator(".table-panel, .panel").get_by_text("made up by this test").first.wait_for(timeout=20_000)
    newcomer.get_by_role("link", name="Open").or_(newcomer.get_by_role("button", name="Open")).first.click()
    eventually(lambda: "app.log" in newcomer.inner_text("body") and "5" in newcomer.inner_text("body"))
    assert complaints == []


def test_the_program_that_holds_the_store_answers_for_the_other_commands(newcomer: Page, shell: Shell) -> None:
    answer = shell("query", "errors", "--every", "none", "--start", "2026-10-01", "--stop", "2026-11-01", "--json")
    assert answer.returncode == 0, answer.stderr
    assert '"value":1' in answer.stdout.replace(" ", "")
