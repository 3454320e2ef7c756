"""`make look`: a screenshot of each page, on a desk and on a phone, light and dark, to be looked at. They are no part of the repository."""

from __future__ import annotations

import logging
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from layouts.pages import PAGES
from tests.browser.conftest import Site, Visit, log_in, serve
from tests.conftest import CHROMIUM_FLAGS, chromium_path

FOLDER = Path("build") / "look"
WIDTHS = (1440, 390)
THEMES = ("light", "dark")


def look(browser: Browser, site: Site) -> Iterator[Path]:
    """Each screenshot once it is there."""
    for theme in THEMES:
        for width in WIDTHS:
            context = browser.new_context(
                viewport={"width": width, "height": 900}, color_scheme=theme, reduced_motion="reduce"
            )  # type: ignore[arg-type]
            page = context.new_page()
            page.goto(site.url)
            log_in(page)
            page.wait_for_selector("nav")
            visit = Visit(page, site)
            for name, path in ((page.key, page.path) for page in PAGES.values()):
                visit.open(path)
                file = FOLDER / f"{name}-{width}-{theme}.png"
                page.screenshot(path=file, full_page=True)
                yield file
            context.close()


def main(data: str = "") -> None:
    """`data`: a DuckDB file whose copy is shown; without it the tests' small history."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    FOLDER.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright:
        folder = Path(name)
        if data:
            shutil.copy(data, folder / "metrics.duckdb")
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=CHROMIUM_FLAGS)
        for site in serve(folder, points=() if data else None):
            for file in look(browser, site):
                print(file, flush=True)
        browser.close()


if __name__ == "__main__":
    main(*sys.argv[1:2])
