"""How long a changed filter takes on every page, over 1,000,000 points of a year of all sources on DuckDB.

    .venv/bin/python benchmarks/web_pages.py [--points 1000000] [--rounds 8] [--pages delivery,ai]

The real application, served by waitress in a process of its own as `dashapp run` does it, is asked over HTTP by a logged-in
session what a browser would ask when the platform is changed, over six connections at once; no question twice. Raw: the very statements that
the store was given for it, one after the other, from execute to Python lists, with the same DuckDB settings.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb
from _sources import fill
from _visitor import Connection, Visitor, running
from web_filter import CONNECTIONS, YEAR, at_once, ranges

from layouts.pages import PAGES
from metricstore.duck.database import MEMORY_LIMIT, THREADS, Database

PLATFORMS = ("linkedin", "twitter", "linkedin,twitter")
Statement = tuple[str, list[Any]]


class _Noting:
    """A connection that keeps what it is asked."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, kept: list[Statement]) -> None:
        self._connection, self._kept = connection, kept

    def execute(self, text: str, parameters: Any = None) -> duckdb.DuckDBPyConnection:
        if text.startswith(("SELECT", "WITH")):
            self._kept.append((text, list(parameters or [])))
        return self._connection.execute(text, parameters)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)


@contextmanager
def noted(folder: Path) -> Iterator[tuple[int, list[Statement]]]:
    """The application in this process: its port, and the list that its statements go to."""
    import waitress

    from dashapp.factory import create_app
    from dashapp.settings import Settings
    from metricstore.duck import DuckStore

    kept: list[Statement] = []
    plain = Database.cursor

    @contextmanager
    def cursor(self: Database) -> Iterator[Any]:
        with plain(self) as connection:
            yield _Noting(connection, kept)

    Database.cursor = cursor  # type: ignore[method-assign,assignment]
    store = DuckStore(folder / "metrics.duckdb")
    app = create_app(Settings(data_dir=folder, timezone="UTC", source_timezone="UTC"), store=store)
    server = waitress.create_server(app, host="127.0.0.1", port=0, threads=8)
    threading.Thread(target=server.run, daemon=True).start()
    try:
        yield server.effective_port, kept
    finally:
        Database.cursor = plain  # type: ignore[method-assign]
        server.close()
        store.close()


def statements(folder: Path, pages: list[str]) -> dict[str, list[Statement]]:
    """By page what the store is given when the platform is changed to the first of PLATFORMS."""
    found = {}
    with noted(folder) as (port, kept):
        visitor = Visitor(port)
        for page in pages:
            visitor.open(PAGES[page].path, {**YEAR, "every": "auto"})
            kept.clear()
            for body in visitor.questions("selection.data", {**YEAR, "every": "auto", "platform": PLATFORMS[0]}):
                visitor.connection.call(body)
            found[page] = list(kept)
    return found


def raw(folder: Path, asked: dict[str, list[Statement]], rounds: int) -> dict[str, float]:
    """Median ms of each page's statements."""
    connection = duckdb.connect(
        str(folder / "metrics.duckdb"), config={"memory_limit": MEMORY_LIMIT, "threads": THREADS}
    )
    found = {}
    for page, those in asked.items():
        taken = []
        for _ in range(rounds):
            begun = time.perf_counter()
            for text, parameters in those:
                connection.execute(text, parameters).fetchall()
            taken.append((time.perf_counter() - begun) * 1_000)
        found[page] = statistics.median(taken)
    connection.close()
    return found


def shown(folder: Path, pages: list[str], rounds: int) -> dict[str, tuple[float, int, float]]:
    """By page: median ms over six connections, round trips, and the ms of the slowest single answer."""
    found, fresh = {}, ranges()
    with running(folder, cached=True) as port, ThreadPoolExecutor(CONNECTIONS) as pool:
        visitor = Visitor(port)
        others = [Connection(port, visitor.connection.cookie) for _ in range(CONNECTIONS)]
        for page in pages:
            at_once(others, pool, visitor.open(PAGES[page].path, {**YEAR, "every": "auto"}))
            taken = []
            for number in range(rounds + 1):
                words = {**next(fresh), "every": "auto", "platform": PLATFORMS[number % len(PLATFORMS)]}
                bodies = visitor.questions("selection.data", words)
                if number == rounds:
                    break  # these are asked one by one
                taken.append(at_once(others, pool, bodies))
            slowest = 0.0
            for body in bodies:
                begun = time.perf_counter()
                visitor.connection.call(body)
                slowest = max(slowest, (time.perf_counter() - begun) * 1_000)
            found[page] = statistics.median(taken), len(bodies), slowest
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--points", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=8)
    parser.add_argument("--pages", type=lambda text: text.split(","), default=list(PAGES))
    parser.add_argument("--folder", type=Path, help="use the store in this folder, or make it there and leave it")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = given.folder or Path(name)
        if not (folder / "metrics.duckdb").exists():
            fill(folder, given.points)
        with running(folder, cached=False) as port:
            Visitor(port)  # the account that asks
        asked = statements(folder, given.pages)
        raws, pages = raw(folder, asked, given.rounds), shown(folder, given.pages, given.rounds)
    for page in given.pages:
        took, trips, slowest = pages[page]
        if not asked[page]:
            print(f"     {page:11} asks nothing: what it shows waits for somebody's numbers")
            continue
        reached = "ok  " if took <= 3 * raws[page] else "MISS"
        print(f"{reached} {page:11} raw {raws[page]:6.0f} ms  page {took:6.0f} ms  {took / raws[page]:5.2f}× (goal ≤ 3)  "
              f"{trips:3} round trips, slowest {slowest:5.0f} ms, {len(asked[page])} statements")  # fmt: skip


if __name__ == "__main__":
    main()
