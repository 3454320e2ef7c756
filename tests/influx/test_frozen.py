"""A store that is frozen, as by SIGSTOP or a disk that hangs: the web process stays alive and says so."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from waitress.server import create_server

from dashapp.factory import create_app
from dashapp.settings import Settings
from metricstore.caching import CachedStore
from metricstore.influx import InfluxStore
from tests.stores import InfluxServer, influxd_binary, running_influxd

pytestmark = pytest.mark.influx
THREADS = 4


@pytest.fixture
def own_influxd() -> Iterator[InfluxServer]:
    """Nobody else's: it is going to be stopped."""
    with running_influxd(influxd_binary()) as server:
        yield server


@pytest.fixture
def web(own_influxd: InfluxServer, tmp_path: Path) -> Iterator[str]:
    """The address of a server with few threads."""
    store = CachedStore(InfluxStore(own_influxd.url, own_influxd.token, own_influxd.org, "frozen"))
    app = create_app(Settings(data_dir=tmp_path, timezone="UTC", source_timezone="UTC"), store)
    server = create_server(app, host="127.0.0.1", port=0, threads=THREADS)
    threading.Thread(target=server.run, daemon=True).start()
    yield f"http://127.0.0.1:{server.effective_port}"
    server.close()
    app.extensions["accounts"].close()
    store.close()


@contextmanager
def frozen(server: InfluxServer) -> Iterator[None]:
    os.kill(server.pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(server.pid, signal.SIGCONT)


def asked(url: str) -> tuple[int, float]:
    """(status, seconds)."""
    began = time.monotonic()
    return httpx.get(url, timeout=40).status_code, time.monotonic() - began


def test_probes_answer_while_the_store_is_frozen_and_know_when_it_is_back(own_influxd: InfluxServer, web: str) -> None:
    assert asked(f"{web}/readyz")[0] == 200
    time.sleep(2.1)  # what was found is told that long
    with frozen(own_influxd), ThreadPoolExecutor(13) as people:
        ready = [people.submit(asked, f"{web}/readyz") for _ in range(10)]
        alive = [people.submit(asked, f"{web}/healthz") for _ in range(3)]
        answers = [(future.result(), 503) for future in ready] + [(future.result(), 200) for future in alive]
        assert all(status == expected for (status, _), expected in answers), answers
        assert max(seconds for (_, seconds), _ in answers) < 3
        time.sleep(3)
        told = httpx.get(f"{web}/readyz", timeout=40)
        assert told.elapsed.total_seconds() < 1
        assert "the store has not answered for " in told.json()["reason"]
    thawed = time.monotonic()
    while asked(f"{web}/readyz")[0] != 200:
        assert time.monotonic() - thawed < 5
        time.sleep(0.1)
