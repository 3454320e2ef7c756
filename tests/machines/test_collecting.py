"""`dashapp collect` of two machines over one InfluxDB and one PostgreSQL: killed, frozen, ended."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from callbacks.freshness import freshness, show_warnings
from dashapp.accounts.database import Database
from dashapp.collecting.agreement import lease_name
from dashapp.collecting.holder import holders
from dashapp.collecting.lease import CollectingLease
from dashapp.factory import create_app
from dashapp.services import make_source
from dashapp.settings import Settings
from metricstore.query import RecordQuery
from metricstore.store import Store
from tests import forkserver
from tests.cli.conftest import Shell
from tests.contract.asking import START
from tests.postgres import PostgresServer
from tests.production.conftest import eventually
from tests.stores import InfluxServer

pytestmark = pytest.mark.influx
OCTOBER = (START.replace(year=2026, month=10, day=1), START.replace(year=2026, month=11, day=1))


class Machines:
    """Each with a data folder of its own, and its collector."""

    def __init__(self, folder: Path, env: dict[str, str], url: str) -> None:
        self.log = folder / "project" / "app.log"
        self.log.parent.mkdir()
        self._written = 0
        self._folder = folder
        self._database = Database(url)
        self.servers = {**env, "DASHAPP_DATABASE_URL": url}
        self._env = {
            **forkserver.environment(), **env, "DASHAPP_DATABASE_URL": url, "DASHAPP_SOURCE_DIR": str(self.log.parent),
            "DASHAPP_SOURCE_TIMEZONE": "UTC", "COLUMNS": "200",
        }  # fmt: skip
        self.running: dict[str, forkserver.Program] = {}

    def shell(self, name: str) -> Shell:
        (self._folder / name).mkdir(exist_ok=True)
        return Shell(self._folder / name, {**self._env, "DASHAPP_DATA_DIR": str(self._folder / name / "var")})

    def start(self, name: str) -> None:
        shell = self.shell(name)
        with (shell.folder / "out").open("a") as out:
            self.running[name] = forkserver.start(
                "from tests.machines.hasty import main; main()", ["collect"], env=shell.env,
                cwd=Path(__file__).parents[2], stdout=out, stderr=out,
            )  # fmt: skip

    def said(self, name: str) -> str:
        return (self._folder / name / "out").read_text()

    def append(self, count: int) -> int:
        """More lines in the log; how many there are."""
        with self.log.open("a") as log:
            for number in range(self._written, self._written + count):
                log.write(
                    f"2026-10-28 10:{number // 60:02d}:{number % 60:02d},000 - ERROR - Unknown command: {number}\n"
                )
        self._written += count
        return self._written

    def collecting(self) -> list[str]:
        """Process numbers of those whose lease has not ended."""
        return [one.pid for one in holders(self._database, "collect ") if one.until is not None]

    def end(self) -> None:
        for program in self.running.values():
            program.send_signal(signal.SIGCONT)
            program.send_signal(signal.SIGKILL)
            program.wait(30)
        self._database.close()


@pytest.fixture
def machines(influxd: InfluxServer, influx_bucket: str, postgres: PostgresServer, tmp_path: Path) -> Iterator[Machines]:
    with postgres.database() as url:
        found = Machines(tmp_path, influxd.environment(influx_bucket), url)
        try:
            yield found
        finally:
            found.end()


def stored(store: Store) -> int:
    return int(store.records(RecordQuery("log_record", *OCTOBER, limit=1), count=True).total or 0)


def test_of_two_machines_one_collects_and_the_other_takes_over(machines: Machines, influx_store: Store) -> None:
    wanted = machines.append(50)
    machines.start("a")
    eventually(lambda: stored(influx_store) == wanted)
    machines.start("b")
    eventually(lambda: "standing by" in machines.said("b"))
    first, second = (str(machines.running[name].pid) for name in "ab")
    assert machines.collecting() == [first]
    refused = machines.shell("b")("collect", "--once")
    assert refused.returncode != 0 and f"process {first} on " in refused.stderr, refused

    machines.running["a"].kill()
    wanted = machines.append(50)
    eventually(lambda: stored(influx_store) == wanted)
    assert machines.collecting() == [second]

    machines.start("a")
    eventually(lambda: machines.said("a").count("Collecting.") == 2)
    machines.running["b"].send_signal(signal.SIGSTOP)
    wanted = machines.append(50)
    eventually(lambda: stored(influx_store) == wanted)
    third = str(machines.running["a"].pid)
    assert machines.collecting() == [third]
    machines.running["b"].send_signal(signal.SIGCONT)
    eventually(lambda: "another machine has taken over collecting" in machines.said("b"))
    wanted = machines.append(50)
    eventually(lambda: stored(influx_store) == wanted)
    assert machines.collecting() == [third], "it stands by"

    said = machines.shell("web")("doctor").stdout
    assert f"collected by process {third} on " in said, said
    machines.running["a"].send_signal(signal.SIGTERM)
    assert machines.running["a"].wait(30) == 0
    wanted = machines.append(50)
    eventually(lambda: stored(influx_store) == wanted)
    assert machines.collecting() == [second]
    for name in "ab":
        assert "Traceback" not in machines.said(name)


def test_data_health_says_who_collects(machines: Machines, tmp_path: Path) -> None:
    settings = Settings(
        data_dir=tmp_path, timezone="UTC", source_timezone="UTC",
        **{name.removeprefix("DASHAPP_").lower(): value for name, value in machines.servers.items()},
    )  # type: ignore[arg-type]  # fmt: skip
    app = create_app(settings)

    def said() -> str:
        with app.test_request_context():
            return str(show_warnings(freshness(None, None)[0]))

    assert "Nothing has been collected yet." in said()
    lease = CollectingLease(settings.accounts_url, lease_name(settings, make_source(settings).root), tmp_path)
    assert lease.take()
    assert f"Collected by process {os.getpid()} on " in said()
    lease.release()
    assert "Nobody is collecting: the last process has ended." in said()
    app.extensions["metricstore"].close()
