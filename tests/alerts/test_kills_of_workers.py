"""gunicorn's workers and `dashapp alert watch` over one InfluxDB and one PostgreSQL, killed at random: each event is decided once and arrives."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from dashapp.accounts import Accounts
from dashapp.alerts.outbox import Outbox
from dashapp.alerts.rulebook import RuleBook
from metricstore.point import Point, nanoseconds
from metricstore.store import Store
from tests import forkserver
from tests.alerts.conftest import RULES
from tests.alerts.hook import hook
from tests.postgres import PostgresServer
from tests.production.conftest import children, eventually
from tests.stores import InfluxServer, free_port

KILLS = int(os.environ.get("ALERT_KILLS", "6"))
"""At so many moments, one while each event is decided and delivered; ALERT_KILLS=50 takes some minutes."""
WORKERS = 3
HOUR = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) - timedelta(hours=2)
SETTINGS = {
    "HOOK_SECRET": "whsec_" + "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
    "DASHAPP_SECRET_KEY": "a key of the tests, long enough to be one",
}


class Running:
    """`dashapp web` with its workers, and beside it `dashapp alert watch`."""

    def __init__(self, folder: Path, env: dict[str, str]) -> None:
        self._folder, self._port = folder, free_port()
        self._env = {
            **forkserver.environment(),
            **SETTINGS,
            **env,
            "DASHAPP_WORKERS": str(WORKERS),
            "DASHAPP_PORT": str(self._port),
        }
        self._log = (folder / "out").open("w")
        self._web, self._watch = self._start("web"), self._start("alert", "watch")

    def _start(self, *words: str) -> forkserver.Program:
        place = self._folder / words[0]
        place.mkdir(exist_ok=True)
        env = {**self._env, "DASHAPP_DATA_DIR": str(place)}
        code = "from tests.alerts.hasty import main; main()"
        return forkserver.start(code, words, env=env, cwd=Path(__file__).parents[2], stdout=self._log, stderr=self._log)

    def ready(self) -> bool:
        return httpx.get(f"http://127.0.0.1:{self._port}/readyz").status_code == 200

    def kill_one(self, chance: random.Random) -> None:
        """gunicorn starts another worker by itself."""
        workers = sorted(children(self._web.pid))
        if not workers or chance.random() < 1 / (WORKERS + 1):
            self._watch.kill()
            self._watch.wait()
            self._watch = self._start("alert", "watch")
        else:
            with contextlib.suppress(ProcessLookupError):
                os.kill(chance.choice(workers), signal.SIGKILL)

    def end(self) -> None:
        self._watch.kill()
        self._watch.wait()
        self._web.terminate()
        self._web.wait(60)
        self._log.close()


@pytest.fixture
def running(influxd: InfluxServer, influx_bucket: str, url: str, tmp_path: Path) -> Iterator[Callable[[], Running]]:
    with contextlib.ExitStack() as stack:

        def start() -> Running:
            found = Running(tmp_path, {"DASHAPP_DATABASE_URL": url, **influxd.environment(influx_bucket)})
            stack.callback(found.end)
            return found

        yield start


@pytest.fixture
def url(postgres: PostgresServer) -> Iterator[str]:
    with postgres.database() as found:
        yield found


def requests(provider: str, good: int, bad: int) -> list[Point]:
    """So many answers in an hour that is over, and the log read just now."""
    ends = {"duration_seconds": 0.1, "records": 5, "points": 5, "rejected": 0}
    found = [Point("collector_run", nanoseconds(datetime.now(UTC)), {"collector": "app_log", "outcome": "ok"}, ends)]
    for number in range(good + bad):
        tags = {"provider": provider, "http_status": "500" if number < bad else "200"}
        fields = {"latency_seconds": 1.0, "file": "app.log", "line": number + 1}
        found.append(Point("ai_request", nanoseconds(HOUR + timedelta(seconds=number)), tags, fields))
    return found


@pytest.mark.influx
@pytest.mark.timeout(300 + 20 * KILLS)
def test_each_event_is_decided_once_and_arrives_whoever_is_killed(
    running: Callable[[], Running], influx_store: Store, url: str
) -> None:
    received: list[str] = []
    with hook(received) as port, contextlib.closing(Accounts.open(url)) as accounts:
        rules = RULES.replace("127.0.0.1:9", f"127.0.0.1:{port}").replace('page = "> 50"\n', "")
        RuleBook(accounts.database).apply(rules, "rules.toml", "test")
        outbox, chance, expected = Outbox(accounts.database), random.Random(7), []
        influx_store.write(requests("well", 10, 0))
        program = running()
        eventually(program.ready, 120)
        for kill in range(KILLS):
            group, over = f"p{kill // 2:02}", kill % 2
            influx_store.write(requests(group, 200 * over, 10 * (not over)))
            expected.append(f"ai-errors/{group}/1/{'corrected' if over else 'fired'}")
            time.sleep(chance.uniform(0, 1.2))  # kills meet evaluation and delivery alike
            program.kill_one(chance)
            eventually(lambda: outbox.counts()["sent"] == len(expected), 120)
        assert sorted(row["key"] for row in outbox.latest(1000)) == sorted(f"{key}/ops/ops" for key in expected)
    assert len(set(received)) == len(expected), "every one arrived, under one id"
    assert len(received) - len(expected) <= KILLS, "a repetition was in flight when its sender was killed"
