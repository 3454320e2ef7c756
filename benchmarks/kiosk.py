"""A screen on a wall over accelerated time: Chromium turns the pages of `?kiosk`, and what its JavaScript heap, its nodes and
its listeners hold is taken after a collection of garbage, at the end of a round, so that it is always the same page that is held.

    .venv/bin/python benchmarks/kiosk.py [--turns 300] [--renewals 14] [--points 20000] [--pages overview,generation,delivery]

Screens stay for a second once they are drawn, where a wall has them for 30: 300 turns of pages are as many as about eight hours
bring where a page has three screens. Printed is what each turn of a page adds, by least squares over the second half: the first fills caches.
Then the page is loaded anew over itself as often as a wall does so in a week, and the same is taken after each time.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from _sources import fill
from _visitor import running
from playwright.sync_api import Browser, CDPSession, Page, sync_playwright
from web_draw import CHROMIUM, FLAGS, last, log_in

_COUNT = "window.turns = 0; window.addEventListener('_dashprivate_pushstate', () => { window.turns += 1; });"
_DRAWN = """page => document.querySelector(`.page > .page-${page}`)
    && ![...document.querySelectorAll(".panel.is-loading, .page [data-busy], .tile-skeleton")].some(
        part => part.getClientRects().length && part.getBoundingClientRect().top < window.innerHeight)"""
_METRICS = ("JSHeapUsedSize", "Nodes", "JSEventListeners")
_SAMPLES = 30
_STUCK_SECONDS = 600


class Held(NamedTuple):
    """What the page holds after so many turns."""

    turns: int
    heap_kilobytes: float
    nodes: float
    listeners: float


def held(page: Page, tools: CDPSession) -> Held:
    tools.send("HeapProfiler.collectGarbage")
    found = {one["name"]: one["value"] for one in tools.send("Performance.getMetrics")["metrics"]}
    heap, nodes, listeners = (found[name] for name in _METRICS)
    return Held(page.evaluate("window.turns"), heap / 1_000, nodes, listeners)


def watch(browser: Browser, url: str, login: object, turns: int, pages: list[str], renewals: int) -> Iterator[Held]:
    """What the document holds about every `turns / _SAMPLES` turns, after whole rounds, when the first page is the only one in it."""
    context = browser.new_context(viewport={"width": 1920, "height": 2400}, storage_state=login)  # type: ignore[arg-type]
    page = context.new_page()
    page.add_init_script(_COUNT)
    page.goto(url)
    tools = context.new_cdp_session(page)
    tools.send("Performance.enable")
    tools.send("HeapProfiler.enable")
    due, moved, last = 0, time.monotonic(), -1
    while last < turns:
        now = page.evaluate("window.turns")
        if now >= turns:
            break
        if now != last:
            moved, last = time.monotonic(), now
        if time.monotonic() - moved > _STUCK_SECONDS:
            raise RuntimeError(f"no page was turned for {_STUCK_SECONDS} s, at {page.url}")
        if now >= due and now % len(pages) == 0:
            while not page.evaluate(_DRAWN, pages[0]):  # Playwright's own waiting is forbidden by the pages' policy
                time.sleep(0.1)
            yield held(page, tools)
            due = now + max(1, turns // _SAMPLES)
        time.sleep(0.2)
    for number in range(renewals):
        page.evaluate("board.renewal.now('/')")
        while page.evaluate("document.querySelector('.kiosk-inside:not(.shown)') !== null"):
            time.sleep(0.2)
        time.sleep(2)
        yield held(page, tools)._replace(turns=turns + number + 1)
    context.close()


def slope(samples: list[Held], name: str) -> float:
    """What a turn (or renewal) adds, over the second half."""
    later = samples[len(samples) // 2 :]
    return statistics.linear_regression([one.turns for one in later], [getattr(one, name) for one in later]).slope


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--turns", type=int, default=300, help="turns of pages")
    parser.add_argument("--renewals", type=int, default=14, help="how often the page is loaded anew over itself")
    parser.add_argument("--points", type=int, default=20_000)
    parser.add_argument("--pages", default="overview,generation,delivery", help="names of pages")
    given = parser.parse_args()
    pages = given.pages.split(",")
    samples: list[Held] = []
    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright:
        fill(Path(name), given.points)
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        with running(Path(name), cached=True) as port:
            url = f"http://127.0.0.1:{port}"
            address = f"{url}/{last(365)}&kiosk={','.join(pages)}&kiosk_every=1s"
            for one in watch(browser, address, log_in(browser, url), given.turns, pages, given.renewals):
                samples.append(one)
                print(f"turn {one.turns:4}  heap {one.heap_kilobytes:8,.0f} kB  nodes {one.nodes:7,.0f}  listeners {one.listeners:6,.0f}", flush=True)  # fmt: skip
        browser.close()
    turned = [one for one in samples if one.turns <= given.turns]
    for what, found in (("turn", turned), ("renewal", samples[len(turned) :])):
        if len(found) > 3:
            grown = [slope(found, name) for name in ("heap_kilobytes", "nodes", "listeners")]
            print("a {} adds {:+.2f} kB, {:+.2f} nodes, {:+.2f} listeners".format(what, *grown))


if __name__ == "__main__":
    main()
