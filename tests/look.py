"""`make look`: a screenshot of each page, on a desk and on a phone, light and dark, to be looked at. They are no part of the repository.

make look                                   all pages over a made-up year
make look ARGS="--pages value,ai --widths 768 --themes dark --data var/metrics.duckdb --words start=-7d"
"""

from __future__ import annotations

import argparse
import logging
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from collectors.demo import Demo
from dashapp.services import demo_settings, make_runner
from dashapp.settings import load_settings
from dashapp.stores import open_store
from layouts.pages import PAGES
from metricstore.assumptions import taken_as_they_are
from tests.browser.conftest import log_in, serve
from tests.browser.visit import Site, Visit
from tests.conftest import CHROMIUM_FLAGS, chromium_path

FOLDER = Path("build") / "look"
YEAR = Path("build") / "look-data"
"""The made-up year: written once (about a minute), brought up to date by each later run."""

PATIENCE = 300.0
"""Seconds for a page of twenty charts on a busy machine: nothing here is a test."""


def asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make look", description="Screenshots of pages, into build/look.")
    parser.add_argument("--data", type=Path, help="a DuckDB file whose copy is shown; without it a made-up year")
    parser.add_argument("--pages", default=",".join(PAGES), help="names of pages")
    parser.add_argument("--widths", default="1440,390", help="widths of the window")
    parser.add_argument("--themes", default="light,dark")
    parser.add_argument("--words", default="", help="words of the address, as start=-7d&platform=linkedin")
    return parser.parse_args()


def made_up_year() -> Path:
    """The demo's store, as of now."""
    settings = demo_settings(load_settings({"DASHAPP_DATA_DIR": str(YEAR.absolute())}, YEAR))
    Demo(YEAR.absolute()).prepare()
    with closing(open_store(settings)) as store:
        make_runner(settings, store).run_once()
    return settings.store_path


def look(browser: Browser, site: Site, chosen: argparse.Namespace) -> Iterator[Path]:
    """Each screenshot once it is there."""
    for theme in chosen.themes.split(","):
        for width in map(int, chosen.widths.split(",")):
            context = browser.new_context(
                viewport={"width": width, "height": 900}, color_scheme=theme, reduced_motion="reduce"
            )
            page = context.new_page()
            page.goto(site.url)
            log_in(page)
            page.wait_for_selector("nav")
            visit = Visit(page, site)
            for name in chosen.pages.split(","):
                visit.open(f"{PAGES[name].path}?{chosen.words}", PATIENCE)
                page.wait_for_function("() => !document.querySelector('.tile-skeleton, .verdict.waiting')")
                file = FOLDER / f"{name}-{width}-{theme}.png"
                page.screenshot(path=file, full_page=True)
                yield file
            context.close()


def main() -> None:
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    chosen = asked()
    FOLDER.mkdir(parents=True, exist_ok=True)
    assumed = {} if chosen.data else {"DASHAPP_ASSUME": taken_as_they_are().words()}
    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright:
        folder = Path(name)
        shutil.copy(chosen.data or made_up_year(), folder / "metrics.duckdb")
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=CHROMIUM_FLAGS)
        for site in serve(folder, points=(), **assumed):
            for file in look(browser, site, chosen):
                print(file, flush=True)
        browser.close()


if __name__ == "__main__":
    main()
