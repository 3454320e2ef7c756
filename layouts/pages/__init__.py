"""Every page: each file of this folder declares one as `PAGE`, with its charts in the order it shows them."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

from layouts.charts.model import Chart
from layouts.page import Page
from layouts.page_checks import require_whole
from layouts.tables import Table
from metricstore.errors import CatalogueError, UnknownName


def load(package: str, folder: Path) -> dict[str, Page]:
    """The pages that the modules of `package` declare, in the navigation's order. CatalogueError names what one lacks."""
    pages = [_page_of(package, module.name) for module in iter_modules([str(folder)])]
    require_whole(pages)
    return {page.key: page for page in sorted(pages, key=lambda page: (page.order, page.key))}


def _page_of(package: str, name: str) -> Page:
    page = getattr(import_module(f"{package}.{name}"), "PAGE", None)
    place = f"{package.replace('.', '/')}/{name}.py"
    if not isinstance(page, Page):
        raise CatalogueError(
            f'{place} declares no page: write PAGE = Page("{name}", "/{name}", "<title>", …) in it (see layouts/page.py)'
        )
    if page.key != name:
        raise CatalogueError(
            f'{place} declares the page "{page.key}": a page is named after its file, so write Page("{name}", …)'
        )
    return page


PAGES: dict[str, Page] = load("layouts.pages", Path(__file__).parent)
CHARTS: dict[str, Chart] = {chart.id: chart for page in PAGES.values() for chart in page.charts}
TILES: dict[str, tuple[str, ...]] = {page.key: page.tiles for page in PAGES.values()}
TABLES: dict[str, tuple[Table, ...]] = {page.key: page.tables for page in PAGES.values()}
AHEAD: dict[str, str] = {name: reach for page in PAGES.values() for name, reach in page.ahead.items()}


def chart(name: str) -> Chart:
    """The chart `name`; UnknownName when there is none."""
    try:
        return CHARTS[name]
    except KeyError:
        raise UnknownName("chart", name, tuple(CHARTS)) from None


def page_of(path: str | None) -> str | None:
    """The key of the page at `path`."""
    plain = "/" + (path or "/").strip("/")
    return next((page.key for page in PAGES.values() if page.path == plain), None)


def charts_of(page: str) -> tuple[Chart, ...]:
    return PAGES[page].charts


__all__ = ["AHEAD", "CHARTS", "PAGES", "TABLES", "TILES", "chart", "charts_of", "load", "page_of"]
