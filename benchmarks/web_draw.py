"""First loads in Chromium: bytes moved, time until everything on the Overview is drawn and until each page's first screen is,
against bare Dash.

    .venv/bin/python benchmarks/web_draw.py [--points 100000] [--rounds 7] [--slow 1] [--days 365] [--store duckdb|influxdb] [--json]

Both are served by waitress in processes of their own and opened by the same Chromium, in turns, each time in a fresh
context without anything cached. Ours: the real application and a login made before. The Overview is drawn when every chart
of it shows marks and every tile its number, those below the window too; a first screen is when all that lies in the window
does (charts further down are asked for as they come near). Bare: a Dash app with seven graphs of a year of daily values in its layout, one
callback each, Dash's own bundles, nothing compressed; drawn when all seven show marks.
Bytes are those of the network, headers included, as Chromium's own tools count them. With `--slow 4` Chromium takes four times as long
for everything, and each page's longest task and largest paint until its first screen are what counts. With `--store influxdb` it is
`dashapp run` over the bucket that the INFLUXDB_V2_ settings name; what the bucket held is replaced.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from _crowd import program
from _sources import fill
from _visitor import PASSWORD, USER, running
from playwright.sync_api import Browser, BrowserContext, sync_playwright

END = date(2026, 1, 1)
"""Of the year that made-up sources fill."""
CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-dev-shm-usage"]
SEVEN = 7
WAIT_SECONDS = 60

# When the last mark appeared, seen by the page itself in each frame, so that no asking from outside slows it down.
_WATCH = """
(() => {
  const marked = (plot) => plot.querySelector('.trace, .point, .points path, .hm image, .heatmaplayer image');
  const everything = () => {
    if (window.board && board.allCharts) board.allCharts();
    const plots = [...document.querySelectorAll('.js-plotly-plot')];
    const waiting = document.querySelectorAll('.panel.is-loading, .tile-skeleton').length;
    return plots.length >= WANTED && plots.filter(marked).length >= WANTED && !waiting;
  };
  const visible = (part) => { const box = part.getBoundingClientRect(); return box.bottom > 0 && box.top < innerHeight; };
  const screen = () => {
    const waiting = [...document.querySelectorAll('.panel.is-loading, .tile-skeleton, .verdict.waiting')];
    const unmarked = [...document.querySelectorAll('.panel.is-ok:not(.as-table)')].filter((panel) => !marked(panel));
    return document.querySelector('.page .panel') && ![...waiting, ...unmarked].some(visible);
  };
  const look = () => {
    if (WANTED ? everything() : screen()) window.drawnAt = performance.now();
    else requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
})();
"""
"""WANTED: so many graphs with marks, 0 for those in the window."""
_NOTE = """
(() => {
  window.longest = window.painted = 0;
  const seen = (type, note) => new PerformanceObserver((list) => list.getEntries().forEach(note)).observe({ type, buffered: true });
  seen('longtask', (one) => { window.longest = Math.max(window.longest, one.duration); });
  seen('largest-contentful-paint', (one) => { window.painted = one.startTime; });
})();
"""


@dataclass
class Load:
    """One first load: milliseconds from navigation to drawn, and what went over the network."""

    drawn_ms: float
    kilobytes: float
    requests: int
    longest_task_ms: float
    largest_paint_ms: float


# ---- the bare app


def bare() -> None:
    """Dash as its tutorial shows it, on a free port, which is printed; runs until killed."""
    import numpy as np
    import pandas as pd
    import plotly.graph_objects as go
    import waitress
    from dash import Dash, Input, Output, dcc, html

    days = pd.date_range("2025-01-01", periods=365)
    random = np.random.default_rng(7)
    frame = pd.DataFrame(
        {
            "day": np.tile(days, 3),
            "platform": np.repeat(["linkedin", "twitter", "instagram"], len(days)),
            "value": random.poisson(40, 3 * len(days)),
        }
    )
    app = Dash("bare", assets_folder=tempfile.mkdtemp())  # else it would serve the assets of where it was started
    choice = dcc.Dropdown(["all", *frame["platform"].unique()], "all", id="platform")
    app.layout = html.Div([choice, *(dcc.Graph(id=f"graph-{number}") for number in range(SEVEN))])
    for number in range(SEVEN):

        @app.callback(Output(f"graph-{number}", "figure"), Input("platform", "value"))
        def draw(platform: str, number: int = number) -> Any:
            figure, add = go.Figure(), "add_bar" if number % 2 else "add_scatter"
            for name, rows in frame.groupby("platform"):
                if platform in ("all", name):
                    getattr(figure, add)(x=rows["day"], y=rows["value"], name=name)
            return figure

    server = waitress.create_server(app.server, host="127.0.0.1", port=0, threads=8)
    sys.stdout.write(f"{server.effective_port}\n")
    sys.stdout.flush()
    server.run()


@contextmanager
def bare_app() -> Iterator[int]:
    process = subprocess.Popen([sys.executable, __file__, "--bare"], stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        yield int(process.stdout.readline())
    finally:
        process.terminate()
        process.wait()


# ---- the browser


def last(days: int) -> str:
    """So many days at the end of the data, as a query string."""
    return f"?start={END - timedelta(days=days)}T00:00:00Z&stop={END}T00:00:00Z"


def first_load(browser: Browser, url: str, wanted: int, login: Any = None, slow: float = 1) -> Load:
    """Open `url` in a fresh context until `wanted` graphs show marks; 0: until the first screen does. `slow`: so many times as long."""
    context = browser.new_context(viewport={"width": 1366, "height": 850}, storage_state=login)
    page = context.new_page()
    tools = context.new_cdp_session(page)
    tools.send("Network.enable")
    sizes: list[float] = []
    tools.on("Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"]))
    if slow > 1:
        tools.send("Emulation.setCPUThrottlingRate", {"rate": slow})
    page.add_init_script(_NOTE + _WATCH.replace("WANTED", str(wanted)))
    page.goto(url, wait_until="commit")
    end = time.monotonic() + WAIT_SECONDS
    while (drawn := page.evaluate("window.drawnAt")) is None:
        if time.monotonic() > end:
            raise RuntimeError(f"{url} was not drawn within {WAIT_SECONDS} s")
        time.sleep(0.1)
    longest, painted = page.evaluate("[window.longest, window.painted]")
    found = Load(drawn, sum(sizes) / 1_000, len(sizes), longest, painted)
    context.close()
    return found


def log_in(browser: Browser, url: str) -> Any:
    context: BrowserContext = browser.new_context()
    page = context.new_page()
    page.goto(url)
    page.fill("[name=username]", USER)
    page.fill("[name=password]", PASSWORD)
    page.click("button[type=submit]")
    page.wait_for_selector("nav")
    state = context.storage_state()
    context.close()
    return state


@contextmanager
def ours_on(folder: Path, points: int, store: str) -> Iterator[int]:
    """The application's port."""
    if store == "influxdb":
        with program(folder / "program", points, store) as running_program:
            yield running_program.port
        return
    if not (folder / "metrics.duckdb").exists():
        fill(folder, points)
    with running(folder, cached=True) as port:
        yield port


def measure(application: AbstractContextManager[int], rounds: int, slow: float, days: int) -> dict[str, float]:
    from layouts.pages import PAGES, charts_of

    span = last(days)
    loads: dict[str, list[Load]] = {name: [] for name in ("ours", "bare", *PAGES)}
    with application as port, bare_app() as other, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        ours, plain = f"http://127.0.0.1:{port}", f"http://127.0.0.1:{other}"
        login, wanted = log_in(browser, ours), len(charts_of("overview"))
        for _ in range(rounds + 1):
            loads["bare"].append(first_load(browser, plain + "/", SEVEN, slow=slow))
            loads["ours"].append(first_load(browser, f"{ours}/{span}", wanted, login, slow))
            for name, path in ((page.key, page.path) for page in PAGES.values()):
                loads[name].append(first_load(browser, ours + path + span, 0, login, slow))
        browser.close()
    found: dict[str, float] = {"charts": wanted}
    for name, taken in loads.items():  # the first of each warms the servers up
        kinds = {
            "ms": "drawn_ms",
            "kilobytes": "kilobytes",
            "requests": "requests",
            "task_ms": "longest_task_ms",
            "paint_ms": "largest_paint_ms",
        }
        found |= {
            f"{name}_{kind}": statistics.median(getattr(load, part) for load in taken[1:])
            for kind, part in kinds.items()
        }
    return found | {"ratio": found["ours_ms"] / found["bare_ms"]}


def report(found: dict[str, float]) -> None:
    from layouts.pages import PAGES

    for name, title in (("ours", f"Overview, {found['charts']:.0f} charts"), ("bare", f"bare Dash, {SEVEN} graphs")):
        print(f"{title:22} {found[f'{name}_ms']:7.0f} ms  {found[f'{name}_kilobytes']:7.0f} KB  "
              f"{found[f'{name}_requests']:3.0f} requests")  # fmt: skip
    small = "ok  " if found["ours_kilobytes"] < 1_000 else "MISS"
    print(f"{small} first load of the Overview, KB: {found['ours_kilobytes']:.0f} (goal < 1,000)")
    for name, title in ((page.key, page.title) for page in PAGES.values()):
        times = found[f"{name}_ms"] / found["overview_ms"]
        reached = "ok  " if times <= 1.3 else "MISS"
        print(f"{reached} first screen of {title:24} {found[f'{name}_ms']:7.0f} ms  {times:5.2f}× the Overview's (goal ≤ 1.3)  "
              f"longest task {found[f'{name}_task_ms']:5.0f} ms  largest paint {found[f'{name}_paint_ms']:6.0f} ms")  # fmt: skip
    quick = "ok  " if found["ratio"] <= 0.6 else "MISS"
    print(f"{quick} drawn, against the bare app, times: {found['ratio']:.2f} (goal ≤ 0.6)")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--points", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--slow", type=float, default=1, help="how many times as long the browser's processor takes")
    parser.add_argument("--days", type=int, default=365, help="the range that is looked at")
    parser.add_argument("--store", choices=("duckdb", "influxdb"), default="duckdb")
    parser.add_argument("--folder", type=Path, help="use the store in this folder, or make it there and leave it")
    parser.add_argument("--json", action="store_true", help="figures alone, as JSON")
    parser.add_argument("--bare", action="store_true", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.bare:
        bare()
        return
    with tempfile.TemporaryDirectory() as name:
        application = ours_on(asked.folder or Path(name), asked.points, asked.store)
        found = measure(application, asked.rounds, asked.slow, asked.days)
    if asked.json:
        print(json.dumps(found))
    else:
        report(found)


if __name__ == "__main__":
    main()
