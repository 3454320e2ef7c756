"""What is backed up comes back, to the last digit, on any store and any accounts database."""

from __future__ import annotations

import json
import stat
import zipfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from dashapp.accounts import Accounts
from dashapp.accounts.models import INSTEAD, PASSING, Base
from dashapp.backup import backends, switching
from dashapp.backup.restoring import Restored, prepare
from dashapp.settings import Settings
from metricstore.clickhouse import replacing
from tests.backup.conftest import Make
from tests.backup.installation import PASSPHRASE, backed_up, content, fill

INFLUX, CLICKHOUSE = pytest.mark.influx, pytest.mark.clickhouse


def restored(settings: Settings, file: Path, *, replace: bool = False, say: Callable[[str], object] = len) -> Restored:
    found = prepare(settings, file, replace=replace, say=say)
    switching.finish(settings)
    return found


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (("duckdb", "sqlite"), ("duckdb", "sqlite")),
        pytest.param(("duckdb", "sqlite"), ("influxdb", "postgresql"), marks=INFLUX),
        pytest.param(("influxdb", "postgresql"), ("duckdb", "sqlite"), marks=INFLUX),
        pytest.param(("duckdb", "sqlite"), ("clickhouse", "sqlite"), marks=CLICKHOUSE),
        pytest.param(("clickhouse", "sqlite"), ("duckdb", "sqlite"), marks=CLICKHOUSE),
    ],
    ids=lambda one: "+".join(one),
)
def test_everything_is_there_again_on_another_machine_and_store(
    installation: Make, tmp_path: Path, before: tuple[str, str], after: tuple[str, str]
) -> None:
    old, new, file = installation(*before), installation(*after), tmp_path / "backup"
    fill(old)
    manifest = backed_up(old, file)
    expected = content(old)
    found = restored(new, file)
    assert manifest.secrets
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert PASSPHRASE.encode() not in file.read_bytes()
    assert b"plain" not in file.read_bytes()
    assert found.points == {name: rows for name, rows in manifest.rows("points/").items() if rows}
    assert content(new) == expected
    assert (new.data_dir / "secret_key").read_bytes() == (old.data_dir / "secret_key").read_bytes()
    with closing(Accounts.open(new.accounts_url)) as accounts:
        assert accounts.add("another", "viewer", "a long enough secret").id == 2, "numbers go on behind those restored"
    assert not list(new.data_dir.glob("restore.[a-k]*"))


def test_a_replaced_installation_holds_only_what_the_backup_held(installation: Make, tmp_path: Path) -> None:
    old, new, file = installation(), installation(), tmp_path / "backup"
    fill(old, count=3)
    backed_up(old, file)
    expected = content(old)
    fill(new, count=6)
    (new.data_dir / "dead-letters" / "other.ndjson").write_text("{}\n")
    restored(new, file, replace=True)
    assert content(new) == expected


@pytest.mark.clickhouse
def test_points_take_the_place_of_those_in_clickhouse_however_often_it_is_tried(
    installation: Make, tmp_path: Path
) -> None:
    old, new, file = installation(), installation("clickhouse"), tmp_path / "backup"
    fill(old, count=3)
    backed_up(old, file)
    expected = content(old)
    fill(new, count=6)
    prepare(new, file, replace=True, say=lambda _: None)
    backend = backends.backend_of(new)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(replacing, "forget_beside", lambda _: None)  # as if it was killed right before
        backend.take_place(new, new.data_dir)
    switching.finish(new)
    assert content(new) == expected
    backend.take_place(new, new.data_dir)
    assert content(new) == expected, "nothing is beside it any more"


def test_without_a_passphrase_a_backup_is_a_plain_zip_without_secrets(installation: Make, tmp_path: Path) -> None:
    bare = {"backup_passphrase": None}
    old, new = (installation().model_copy(update=bare) for _ in range(2))
    fill(old)
    manifest = backed_up(old, tmp_path / "backup.zip")
    with zipfile.ZipFile(tmp_path / "backup.zip") as file:
        names = file.namelist()
        users = [json.loads(line) for line in file.read("accounts/users.ndjson").splitlines()]
        assert {one.name for one in manifest.parts} == set(names) - {"manifest.json"}
    assert not manifest.secrets
    assert "password_hash" not in users[0]
    assert "files/secret_key" not in names
    restored(new, tmp_path / "backup.zip")
    assert not (new.data_dir / "secret_key").exists()
    with closing(Accounts.open(new.accounts_url)) as accounts:
        assert accounts.database.version()
    assert b'"!"' in content(new)["users"], "a hash that no password has"


def test_secrets_and_passing_rows_are_declared_at_their_tables() -> None:
    columns = {
        f"{table.name}.{one.name}" for table in Base.metadata.sorted_tables for one in table.columns if INSTEAD in one.info
    }  # fmt: skip
    assert columns == {"users.password_hash"}
    assert [table.name for table in Base.metadata.sorted_tables if PASSING in table.info] == ["login_sessions"]
