"""What several worker processes say together, as real processes. Their store can't be reached: metrics must be there even so."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from dashapp.monitoring import workers
from tests import forkserver
from tests.cli.conftest import Shell, Started
from tests.monitoring.conftest import checked, value
from tests.production.conftest import children, eventually
from tests.stores import free_port

COUNT = "dashapp_http_request_duration_seconds_count"
ASKED = 30


@dataclass
class Site:
    """gunicorn, its usual address and that of its metrics."""

    web: Started
    url: str
    metrics: str
    workers: int

    def get(self, path: str) -> httpx.Response:
        return httpx.get(self.url + path, timeout=30)

    def scrape(self) -> str:
        answer = httpx.get(f"{self.metrics}/metrics", timeout=30)
        assert answer.status_code == 200
        return answer.text

    def healthy(self) -> float:
        return value(self.scrape(), COUNT, route="/healthz", method="GET", status="200")


@pytest.fixture(scope="module", params=[1, 3])
def site(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("workers")
    port, metrics = free_port(), f"127.0.0.1:{free_port()}"
    shell = Shell(folder, {
        **forkserver.environment(), "DASHAPP_DATA_DIR": str(folder / "var"), "DASHAPP_SECRET_KEY": "k" * 40, "DASHAPP_PORT": str(port),
        "DASHAPP_WORKERS": str(request.param), "DASHAPP_METRICS_BIND": metrics, "INFLUXDB_V2_URL": f"http://127.0.0.1:{free_port()}",
        "INFLUXDB_V2_TOKEN": "t", "INFLUXDB_V2_ORG": "o", "INFLUXDB_V2_BUCKET": "b", "DASHAPP_TIMEZONE": "UTC",
        "DASHAPP_SOURCE_TIMEZONE": "UTC",
    })  # fmt: skip
    web = shell.start("web", DASHAPP_PORT=str(port))
    found = Site(web, f"http://127.0.0.1:{port}", f"http://{metrics}", request.param)
    try:
        eventually(lambda: found.get("/healthz").status_code == 200)
        eventually(lambda: len(children(web.process.pid)) == request.param)
        yield found
    finally:
        web.end(signal.SIGTERM)


def test_what_all_workers_counted_is_added_up_and_promtool_finds_nothing_to_say(site: Site, promtool: str) -> None:
    before = site.healthy()
    for _ in range(ASKED):
        assert site.get("/healthz").status_code == 200
    assert [site.healthy() for _ in range(2 * site.workers)] == [before + ASKED] * 2 * site.workers, "whoever answers"
    done = checked(promtool, site.scrape())
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_a_killed_worker_takes_no_counts_along(site: Site) -> None:
    before = site.healthy()
    victim = min(children(site.web.process.pid))
    os.kill(victim, signal.SIGKILL)
    eventually(lambda: len(children(site.web.process.pid) - {victim}) == site.workers)
    eventually(lambda: site.healthy() >= before)
    assert site.get("/healthz").status_code == 200
    assert site.healthy() == before + 1


def test_the_address_of_the_metrics_has_nothing_else_and_the_usual_one_wants_a_token(site: Site) -> None:
    for path in ("/", "/login", "/healthz", "/api/v1/metrics", "/metrics/", "/assets/icon.svg"):
        assert httpx.get(site.metrics + path).status_code == 404, path
    assert httpx.post(f"{site.metrics}/metrics").status_code == 405
    assert site.get("/metrics").status_code == 401
    port = site.metrics.rpartition(":")[2]
    forged = {"Host": f"127.0.0.1:{port}", "X-Forwarded-Port": port, "X-Forwarded-Host": f"127.0.0.1:{port}"}
    assert httpx.get(f"{site.url}/metrics", headers=forged).status_code == 401


def test_workers_log_each_request_as_json_unless_it_is_a_probe(site: Site) -> None:
    assert site.get("/embed/x?sig=signature-of-it").status_code == 403
    eventually(lambda: "/embed/<id>" in site.web.err)
    records = [json.loads(line) for line in site.web.err.splitlines() if '"dashapp.access"' in line]
    found = [record for record in records if record["route"] == "/embed/<id>"]
    assert len(found) == 1
    assert found[0]["status"] == 403 and found[0]["milliseconds"] > 0 and found[0]["request"]
    assert "signature-of-it" not in site.web.err
    assert not [record for record in records if record["route"] in ("/healthz", "/metrics")]


def test_a_launcher_removes_what_ended_ones_left_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(workers.DIRECTORY, "")
    ended = tmp_path / "worker-counts" / "ended"
    ended.mkdir(parents=True)
    (ended / "counter_1.db").write_bytes(b"old")
    workers.add_up(tmp_path)
    first = Path(os.environ[workers.DIRECTORY])
    workers.add_up(tmp_path)
    second = Path(os.environ[workers.DIRECTORY])
    assert not ended.exists()
    assert first.is_dir() and second.is_dir() and first != second
