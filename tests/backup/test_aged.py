"""A restore and a move obey how long points are kept, and say what they left out."""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

from dashapp.backup.backends import backend_of
from dashapp.backup.counting import counts
from dashapp.settings import Settings
from metricstore.duck import DuckStore
from metricstore.point import Point, nanoseconds
from metricstore.retention import Retention
from tests.backup.conftest import Make
from tests.backup.installation import backed_up
from tests.backup.test_commands import PHRASE
from tests.backup.test_round_trip import restored
from tests.cli.conftest import Shell

AGES = (400, 40, 29, 1)


def fill(path: Path) -> None:
    path.parent.mkdir(exist_ok=True)
    now = datetime.now(UTC)
    with closing(DuckStore(path)) as store:
        store.write([
            Point(name, nanoseconds(now - timedelta(days=age)), tags, fields)
            for age in AGES
            for name, tags, fields in (
                ("log_record", {"level": "INFO", "event": "other"}, {"message": "something"}),
                ("ai_retry", {"endpoint": "/v1"}, {"wait_seconds": 1.0}),
            )
        ])  # fmt: skip


def stored(settings: Settings) -> dict[str, int]:
    with closing(backend_of(settings).open(settings)) as store:
        return counts(store)


def test_a_restore_leaves_out_what_is_too_old_and_counts_it(installation: Make, tmp_path: Path) -> None:
    old, new, file = installation(), installation(), tmp_path / "backup"
    fill(old.store_path)
    backed_up(old, file)
    policy = new.model_copy(update={"retention": Retention.of({"log_record": 30})})
    found = restored(policy, file)
    assert found.points == {"log_record": 2, "ai_retry": 4}
    assert stored(policy) == found.points | {"deletion": 1}, "what was left out is not known, rather than zero"
    assert found.older == {"log_record": 2}


def test_a_clock_or_a_setting_that_is_wrong_costs_nothing_of_a_backup(installation: Make, tmp_path: Path) -> None:
    old, file = installation(), tmp_path / "backup"
    fill(old.store_path)
    backed_up(old, file)
    for days in (20, 1):
        policy = installation().model_copy(update={"retention": Retention((("log_record", days),))})
        said: list[str] = []
        found = restored(policy, file, say=said.append)
        assert found.points == stored(policy) == {"log_record": 4, "ai_retry": 4} and not found.older
        assert any("log_record: more than half of it is older" in text for text in said)


def test_both_commands_say_what_they_left_out(shell: Shell) -> None:
    fill(shell.folder / "var" / "metrics.duckdb")
    assert shell("backup", "kept", **PHRASE).returncode == 0
    done = shell("restore", "kept", "--replace", **PHRASE, DASHAPP_RETENTION="log_record:30d")
    assert done.returncode == 0, done.stderr
    assert "Left out of log_record, as they are older than DASHAPP_RETENTION keeps them: 2 points" in done.stdout
    assert "Restored 6 points; with those left out, the counts are those of the backup:" in done.stdout
