"""`dashapp alert watch`: two of them over one InfluxDB and one accounts database decide each event once."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from dashapp.accounts import Accounts
from dashapp.alerts.leases import held
from dashapp.alerts.outbox import Outbox
from dashapp.alerts.rulebook import RuleBook
from dashapp.alerts.watching import LEASE
from metricstore.point import Point, nanoseconds
from metricstore.store import Store
from tests.alerts.conftest import RULES
from tests.stores import InfluxServer

COMMAND = [str(Path(sys.executable).with_name("dashapp")), "alert", "watch"]


def environment(place: Path, **own: str) -> dict[str, str]:
    return {
        **os.environ,
        "DASHAPP_DATA_DIR": str(place),
        "DASHAPP_SECRET_KEY": "a key of the tests, long enough to be one",
        **own,
    }


def until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 240
    while not true():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.2)


def test_with_the_embedded_store_it_says_who_does_it(tmp_path: Path) -> None:
    found = subprocess.run(COMMAND, env=environment(tmp_path), capture_output=True, text=True, timeout=120, check=False)
    assert found.returncode == 2 and "`dashapp run` judges alerts" in found.stderr


@pytest.mark.influx
@pytest.mark.timeout(600)
def test_two_of_them_decide_each_event_once(
    influxd: InfluxServer, influx_bucket: str, influx_store: Store, tmp_path: Path
) -> None:
    url = f"sqlite:///{tmp_path / 'accounts.sqlite'}"
    accounts = Accounts.open(url)
    RuleBook(accounts.database).apply(RULES.replace("page =", "# page ="), "rules.toml", "test")
    hour = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) - timedelta(hours=3)
    for number in range(30):  # all fail in each of three hours
        at = nanoseconds(hour + timedelta(hours=number // 10, minutes=number % 10))
        influx_store.write([Point("ai_request", at, {"provider": "b", "http_status": "500"}, {"latency_seconds": 1.0, "file": "app.log", "line": number + 1})])  # fmt: skip
    ends = {"duration_seconds": 0.1, "records": 5, "points": 5, "rejected": 0}
    influx_store.write(
        [Point("collector_run", nanoseconds(datetime.now(UTC)), {"collector": "app_log", "outcome": "ok"}, ends)]
    )
    places = [tmp_path / "one", tmp_path / "two"]
    given = {"DASHAPP_DATABASE_URL": url, **influxd.environment(influx_bucket)}
    running = [subprocess.Popen(COMMAND, env=environment(place, **given)) for place in places]
    try:
        until(lambda: all((place / "alerts.well").exists() for place in places))
        until(lambda: bool(Outbox(accounts.database).latest()))
        assert held(accounts.database, LEASE, datetime.now(UTC))
    finally:
        for process in running:
            process.send_signal(signal.SIGTERM)
        ended = [process.wait(timeout=60) for process in running]
    assert ended == [0, 0]
    (only,) = Outbox(accounts.database).latest()
    assert only["key"] == "ai-errors/b/1/fired/ops/ops"
    assert not held(accounts.database, LEASE, datetime.now(UTC)), "given back at the end"
    accounts.close()
