"""Restarted one after the other while people use it: workers of a machine, and machines behind a load balancer. No request fails."""

from __future__ import annotations

import contextlib
import os
import signal
import threading
from collections.abc import Iterator
from itertools import count

import httpx
import pytest

from tests.machines.web import SAME_ORIGIN, Machine, Web, browser, log_in
from tests.postgres import PostgresServer
from tests.production.conftest import eventually
from tests.stores import InfluxServer, fresh_name

pytestmark = pytest.mark.influx
WORKERS = 2
VISITORS = 6


@pytest.fixture(scope="module")
def web(influxd: InfluxServer, postgres: PostgresServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Web]:
    """Two machines."""
    bucket = fresh_name()
    with postgres.database() as url:
        found = Web(tmp_path_factory.mktemp("rolling"), influxd, bucket, url, WORKERS)
        try:
            found.add("ann")
            for _ in range(2):
                found.start(DASHAPP_API_RATE="1000000/day", DASHAPP_DRAIN_SECONDS="2")
            for machine in found.machines:
                machine.is_up()
            yield found
        finally:
            found.end()
            influxd.delete_bucket(bucket)


class Balancer:
    """As those in front of web servers do: by turns, and one that is not ready or refuses a connection gets no request."""

    def __init__(self, ready: dict[str, bool], cookies: httpx.Cookies, kept: int) -> None:
        self._ready = ready
        self._ways = {url: browser(url, kept) for url in ready}
        for way in self._ways.values():
            way.cookies.update(dict(cookies))
        self._turn = count()

    def ask(self, method: str, path: str, **words: object) -> httpx.Response:
        for _ in range(2 * len(self._ways)):
            able = [way for url, way in self._ways.items() if self._ready[url]] or list(self._ways.values())
            with contextlib.suppress(httpx.ConnectError):
                return able[next(self._turn) % len(able)].request(method, path, **words)  # type: ignore[arg-type]
        raise AssertionError("no machine takes a connection")

    def close(self) -> None:
        for way in self._ways.values():
            way.close()


class Visitors:
    """Ask without a pause, reading and writing by turns, over connections that are kept and over new ones."""

    def __init__(self, machines: list[Machine], cookies: httpx.Cookies) -> None:
        self.failed: list[str] = []
        self.answered = 0
        self._end = threading.Event()
        self._ready = {machine.url: True for machine in machines}
        self._threads = [threading.Thread(target=self._use, args=(cookies, number)) for number in range(VISITORS)] + [
            threading.Thread(target=self._look)
        ]

    def _look(self) -> None:
        """Which machines are ready, all the time."""
        while not self._end.wait(0.1):
            for url in self._ready:
                try:
                    self._ready[url] = httpx.get(f"{url}/readyz").status_code == 200
                except httpx.HTTPError:
                    self._ready[url] = False

    def _use(self, cookies: httpx.Cookies, number: int) -> None:
        balancer = Balancer(self._ready, cookies, kept=5 * (number % 2))
        goal = {"metric": "ai_cost", "direction": "at most", "value": number + 1, "period": "month"}
        asks = [
            ("GET", "/_dash-layout", {}, {200}),
            ("POST", "/api/v1/goals", {"json": goal, "headers": SAME_ORIGIN}, {201, 409}),
            ("GET", "/api/v1/metrics/generations?start=-7d", {}, {200}),
        ]
        for turn in count():
            if self._end.is_set():
                break
            method, path, words, expected = asks[turn % len(asks)]
            try:
                status: object = balancer.ask(method, path, **words).status_code  # type: ignore[arg-type]
            except Exception as error:
                status = repr(error)
            self.answered += 1
            if status not in expected:
                self.failed.append(f"{method} {path}: {status}")
        balancer.close()

    def __enter__(self) -> Visitors:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._end.set()
        for thread in self._threads:
            thread.join(60)


@pytest.fixture
def cookies(web: Web) -> httpx.Cookies:
    with browser(web.machines[0].url) as visitor:
        assert log_in(visitor, "ann").status_code == 302
        return visitor.cookies


def test_workers_are_replaced_one_by_one_and_no_request_fails(web: Web, cookies: httpx.Cookies) -> None:
    machine = web.machines[0]
    before = machine.crew
    with Visitors([machine], cookies) as visitors:
        for pid in sorted(before):
            known = machine.crew
            os.kill(pid, signal.SIGTERM)
            eventually(lambda old=known: len(machine.crew - old) == 1 and len(machine.crew) == WORKERS)  # type: ignore[misc]
        once = machine.crew
        machine.program.send_signal(signal.SIGHUP)
        eventually(lambda: len(machine.crew) == WORKERS and not machine.crew & once)
        eventually(lambda: visitors.answered > 50)
    assert visitors.failed == []
    assert not machine.crew & before


def test_machines_are_restarted_one_by_one_and_no_request_fails(web: Web, cookies: httpx.Cookies) -> None:
    with Visitors(web.machines, cookies) as visitors:
        for machine in web.machines:
            machine.program.terminate()
            assert machine.program.wait(40) == 0, machine.said
            machine.begin()
            machine.is_up()
        eventually(lambda: visitors.answered > 50)
    assert visitors.failed == []
    assert all("Traceback" not in machine.said for machine in web.machines)
