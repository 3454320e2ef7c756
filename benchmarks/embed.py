"""An embed against the full app, in Chromium: what is transferred, and how long until the chart is drawn.

    .venv/bin/python benchmarks/embed.py [--points 200000] [--rounds 5]

Both show the same chart over the same year from the same server, each time in a browser that has nothing stored. The full
app's page has other charts beside it: drawn means that this very chart is there.
"""

from __future__ import annotations

import argparse
import logging
import shutil
import statistics
import sys
import tempfile
import threading
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from _sources import points
from playwright.sync_api import Browser, sync_playwright
from werkzeug.serving import make_server

from dashapp.embeds import keeping, links
from dashapp.embeds.model import Wanted
from dashapp.factory import create_app
from dashapp.settings import Settings
from metricstore.caching import CachedStore
from metricstore.duck import DuckStore
from metricstore.selection import Selection

CHART, WORDS = "generations_by_outcome", {"start": "2025-01-01", "stop": "2026-01-01", "every": "1w", "tz": "UTC"}
PASSWORD = "correct horse battery staple"
GOAL_KB, GOAL_TIMES = 450, 2.0


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--points", type=int, default=200_000)
    parser.add_argument("--rounds", type=int, default=5)
    given = parser.parse_args()
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    with tempfile.TemporaryDirectory() as folder:
        store = DuckStore(Path(folder) / "metrics.duckdb")
        store.write(points(given.points))
        app = create_app(Settings(data_dir=Path(folder), timezone="UTC", source_timezone="UTC"), CachedStore(store))
        app.extensions["accounts"].add("ann", "analyst", PASSWORD)
        made = keeping.create(app.extensions["accounts"], Wanted("chart", CHART, WORDS), None, Selection())
        server = make_server("127.0.0.1", 0, app, threaded=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        base = f"http://127.0.0.1:{server.server_port}"
        with app.test_request_context():
            link = links.url(made, base)
        query = "&".join(f"{key}={text}" for key, text in WORDS.items())
        with sync_playwright() as playwright:
            chromium = shutil.which("chromium") or shutil.which("chromium-browser")
            browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
            login = _log_in(browser, base)
            ways = {"embed": (link, ".picture svg", None),
                    "full app": (f"{base}/?{query}", f'.panel[data-chart="{CHART}"].is-ok .main-svg', login)}  # fmt: skip
            found = {name: [_load(browser, *way) for _ in range(given.rounds)] for name, way in ways.items()}
            browser.close()
        server.shutdown()
        store.close()
    return _report({name: tuple(map(statistics.median, zip(*rounds, strict=True))) for name, rounds in found.items()})  # type: ignore[misc]


def _log_in(browser: Browser, base: str) -> object:
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"{base}/login")
    page.fill("[name=username]", "ann")
    page.fill("[name=password]", PASSWORD)
    page.click("button[type=submit]")
    page.wait_for_selector("nav")
    state = context.storage_state()
    context.close()
    return state


def _load(browser: Browser, address: str, drawn: str, login: object) -> tuple[float, float]:
    """(milliseconds until it is drawn, KB transferred by then)."""
    context = browser.new_context(storage_state=login, viewport={"width": 900, "height": 800})  # type: ignore[arg-type]
    page = context.new_page()
    sizes: list[int] = []
    page.on(
        "requestfinished",
        lambda one: sizes.append(one.sizes()["responseBodySize"] + one.sizes()["responseHeadersSize"]),
    )
    begin = time.perf_counter()
    page.goto(address, wait_until="commit")
    page.wait_for_selector(drawn, state="visible", timeout=60_000)
    taken = (time.perf_counter() - begin) * 1000
    page.wait_for_timeout(1500)
    context.close()
    return taken, sum(sizes) / 1000


def _report(found: dict[str, tuple[float, float]]) -> int:
    for name, (taken, size) in found.items():
        print(f"{name:<10} drawn after {taken:6.0f} ms, {size:6.0f} KB transferred")
    times, size = found["full app"][0] / found["embed"][0], found["embed"][1]
    print(f"{'ok  ' if size < GOAL_KB else 'MISS'} first load of an embed, KB: {size:.0f} (goal < {GOAL_KB})")
    print(
        f"{'ok  ' if times >= GOAL_TIMES else 'MISS'} drawn faster than in the full app, times: {times:.1f} (goal ≥ {GOAL_TIMES:g})"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
