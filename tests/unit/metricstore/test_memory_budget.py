"""What is kept to answer faster has a bound, also when what is asked never comes twice."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from metricstore import window_edges
from metricstore.bounded_cache import BoundedCache
from metricstore.memory_budget import EVERYTHING, SHARES
from metricstore.query import Query
from metricstore.sql import windows as sql_windows
from metricstore.windows import Window
from tests.forkserver import ROOMS

ROOT = Path(__file__).parents[3]
START = datetime(2020, 1, 1, tzinfo=UTC)
FEW = {"source", "level", "event", "path"}
"""Parameters of which a process meets few values: measurements, a log's levels and known events, files of the application."""


def test_the_least_recently_used_goes_first_beyond_the_bound() -> None:
    cache: BoundedCache[str, bytes] = BoundedCache(10, len)
    cache.keep("a", b"1234")
    cache.keep("b", b"1234")
    assert cache.get("a") == b"1234"
    cache.keep("c", b"123")
    assert (cache.get("a"), cache.get("b"), cache.get("c"), cache.bytes) == (b"1234", None, b"123", 7)


def test_a_value_in_place_of_another_counts_once_and_a_too_large_one_is_not_kept() -> None:
    cache: BoundedCache[str, bytes] = BoundedCache(10, len)
    cache.keep("a", b"1234")
    cache.keep("a", b"12345678")
    assert (len(cache), cache.bytes) == (1, 8)
    cache.keep("a", b"x" * 11)
    assert (len(cache), cache.bytes, cache.get("a")) == (0, 0, None)


@pytest.mark.parametrize(("window", "ranges"), [("15m", 5), ("1h", 20), ("1d", 400)])
def test_edges_of_ranges_that_never_come_twice_stay_within_their_share(window: str, ranges: int) -> None:
    for number in range(ranges):
        start = START + timedelta(days=number)
        query = Query("post", "count", start, start + timedelta(days=200), every=Window.parse(window))
        sql_windows.windows(query)
    assert 0 < window_edges._kept.bytes <= SHARES["windows"]
    assert 0 < len(window_edges._kept) < ranges


def test_lists_of_edges_stay_within_their_share(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where windows have too many lengths, a question's text gets all edges as a list, which takes more."""
    monkeypatch.setattr(sql_windows, "MAX_RUNS", 1)
    for number in range(200):
        start = START - timedelta(days=number)
        sql_windows.windows(Query("post", "count", start, start + timedelta(days=365), every=Window(1, "d"), timezone="Europe/Berlin"))  # fmt: skip
    assert 0 < sql_windows._kept.bytes <= SHARES["windows in SQL"]
    assert len(sql_windows._kept) < 200


def test_all_shares_together_are_what_the_documentation_says() -> None:
    text = (ROOT / "docs" / "operating.md").read_text(encoding="utf-8")
    assert f"{EVERYTHING // 1024**2} MiB" in text


def test_nothing_is_remembered_without_a_bound_but_what_has_few_values() -> None:
    """A `cache` for whatever comes would grow for as long as the program runs."""
    assert [each for room in ROOMS for each in unbounded(ROOT / room)] == []


def test_a_cache_without_a_bound_is_seen(tmp_path: Path) -> None:
    (tmp_path / "one.py").write_text(
        "@cache\ndef a(text): ...\n@functools.cache\ndef b(self, text): ...\n@lru_cache(maxsize=None)\ndef c(text): ...\n"
        "@cache\ndef d(): ...\n@lru_cache(maxsize=8)\ndef e(text): ...\n@cache\ndef f(path): ...\n"
    )
    assert [each.rpartition(" ")[2] for each in unbounded(tmp_path)] == ["a", "b", "c"]


def unbounded(folder: Path) -> Iterator[str]:
    for path in sorted(folder.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.FunctionDef) or {each.arg for each in node.args.args} <= FEW:
                continue
            if any(map(_boundless, node.decorator_list)):
                yield f"{path} {node.name}"


def _boundless(decorator: ast.expr) -> bool:
    text = ast.unparse(decorator).removeprefix("functools.")
    return text in ("cache", "lru_cache(maxsize=None)", "lru_cache(None)")
