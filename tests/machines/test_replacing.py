"""A restore or a move on one machine, and what the others then go on from. No store is needed to see it."""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from collectors.runner.checkpoints import Checkpoints
from dashapp.accounts import Accounts
from dashapp.alerts.leases import Lease
from dashapp.backup.switching import nobody_collects
from dashapp.collecting.agreement import agrees, lease_name, store_name
from dashapp.collecting.checkpoints import SharedCheckpoints
from dashapp.collecting.lease import CollectingLease
from dashapp.settings import Settings
from tests.postgres import PostgresServer

ROOT = Path("/srv/project")


def settings_of(data_dir: Path, url: str) -> Settings:
    data_dir.mkdir(exist_ok=True)
    return Settings(
        data_dir=data_dir, database_url=url, influxdb_v2_url="http://influx.test:8086", influxdb_v2_org="o",
        influxdb_v2_bucket="b", influxdb_v2_token="t",
    )  # type: ignore[arg-type]  # fmt: skip


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("postgresql://db/x", True),
        ("postgres://db/x", True),
        ("postgresql+psycopg://db/x", True),
        ("sqlite:////x", False),
    ],
)
def test_machines_agree_by_what_they_share(tmp_path: Path, url: str, expected: bool) -> None:
    assert agrees(settings_of(tmp_path / "a", url)) is expected
    assert not agrees(Settings(data_dir=tmp_path, database_url=url))  # type: ignore[arg-type]


def test_all_machines_go_on_from_the_checkpoints_that_were_restored(postgres: PostgresServer, tmp_path: Path) -> None:
    with postgres.database() as url, closing(Accounts.open(url)) as accounts:
        first, second = (settings_of(tmp_path / name, url) for name in "ab")
        scope, name = f"{store_name(first)} <- {ROOT}", lease_name(first, ROOT)
        standby = CollectingLease(url, name, second.data_dir)
        assert standby.take()
        running = standby.checkpoints(second.data_dir, scope)
        running.save("app_log", {"offset": 900})
        with nobody_collects(first, store_name(first)):
            assert not standby.renew() and not standby.take()
            Checkpoints(first.data_dir, scope).save("app_log", {"offset": 100})
            Checkpoints(first.data_dir, f"another store <- {ROOT}").save("app_log", {"offset": 500})
        assert standby.take()
        assert standby.checkpoints(second.data_dir, scope).load("app_log") == {"offset": 100}
        lease = Lease(accounts.database, f"{name} elsewhere")
        token = lease.hold(datetime.now(UTC))
        assert token is not None
        other = SharedCheckpoints(first.data_dir, f"another store <- {ROOT}", accounts.database, lease.held_as(token))
        assert other.load("app_log") == {"offset": 500}, "of another store nothing was forgotten"


def test_a_server_that_is_gone_without_a_word_is_noticed_soon(postgres: PostgresServer) -> None:
    with postgres.database() as url, closing(Accounts.open(f"{url}?connect_timeout=3")) as accounts:
        connection = accounts.database.engine.raw_connection()
        words = connection.driver_connection.info.get_parameters()  # type: ignore[union-attr]
        connection.close()
    assert words["connect_timeout"] == "3", "what the address says comes first"
    assert words["keepalives_idle"] == "10" and int(words["tcp_user_timeout"]) <= 30_000
