"""A page is one file; whatever it shows that isn't declared is an error that says what to write where."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from layouts.page import Menu, Page
from layouts.page_checks import require_whole
from layouts.pages import PAGES, load
from layouts.tables import Table
from metricstore.errors import CatalogueError

CONTENT, EVENTS = PAGES["content"], PAGES["events"]
CHART = CONTENT.charts[0]
WRONG: dict[str, tuple[Callable[[], Page], tuple[str, ...]]] = {
    "a figure": (lambda: replace(CONTENT, tiles=("plays",)), ('"plays"', "metricstore/metrics/")),
    "a stand-in": (lambda: replace(CONTENT, stand_ins={"posts": "plays"}), ('"plays"', "metricstore/metrics/")),
    "a chart's page": (
        lambda: replace(CONTENT, charts=(replace(CHART, page="x"),)),
        (CHART.id, '"x"', 'write "content"'),
    ),
    "a chart's metric": (
        lambda: replace(CONTENT, charts=(replace(CHART, metric="plays"),)),
        (CHART.id, '"plays"', "metricstore/metrics/"),
    ),
    "a chart's groups": (
        lambda: replace(CONTENT, charts=(replace(CHART, by=("app",)),)),
        (CHART.id, '"app"', "status"),
    ),
    "a table's measurement": (
        lambda: replace(CONTENT, tables=(Table("plays", "Plays", "podcast_play", ("time",), order="x"),)),
        ('"plays"', '"podcast_play"', "metricstore/catalogue/"),
    ),
    "a table's column": (
        lambda: replace(CONTENT, tables=(Table("plays", "Plays", "post", ("time", "app")),)),
        ('"plays"', '"app"', "status"),
    ),
    "a menu": (lambda: replace(CONTENT, menus=(Menu("post", "app"),)), ('"app"', "post", "status")),
    "an assumption": (lambda: replace(CONTENT, assumes=("luck",)), ('"luck"', "metricstore/assumptions.py")),
}


@pytest.mark.parametrize("part", WRONG)
def test_what_a_page_shows_must_be_declared(part: str) -> None:
    make, expected = WRONG[part]
    with pytest.raises(CatalogueError) as raised:
        require_whole([make()])
    for words in ("layouts/pages/content.py", *expected):
        assert words in str(raised.value)


def test_nothing_is_on_two_pages() -> None:
    with pytest.raises(
        CatalogueError, match=r"layouts/pages/events\.py.*calendar_by_status.*layouts/pages/content\.py"
    ):
        require_whole([CONTENT, replace(EVENTS, charts=(CHART,))])


@pytest.mark.parametrize(
    ("text", "expected"), [("X = 1\n", "PAGE = Page("), ("from layouts.pages.content import PAGE\n", '"content"')]
)
def test_a_file_without_its_page_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, expected: str
) -> None:
    package = tmp_path / f"pages_{tmp_path.name}"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "podcast.py").write_text(text)
    monkeypatch.syspath_prepend(str(tmp_path))
    with pytest.raises(CatalogueError) as raised:
        load(package.name, package)
    assert f"{package.name}/podcast.py" in str(raised.value)
    assert expected in str(raised.value)


def test_pages_stand_in_the_navigation_by_their_order() -> None:
    orders = [page.order for page in PAGES.values()]
    assert orders == sorted(set(orders))
