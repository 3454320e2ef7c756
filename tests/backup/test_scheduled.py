"""Backups by the clock: made when due, old ones removed only afterwards, failures seen."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from collectors.runner import RunReport
from dashapp.alerts.sources import Sources
from dashapp.backup import archive
from dashapp.backup.scheduled import due, kept, standing
from dashapp.doctor import backups
from dashapp.services import make_runner
from dashapp.settings import Settings
from metricstore.duck import DuckStore
from questions.source_states import sources
from tests.backup.conftest import Make
from tests.backup.installation import PASSPHRASE

NOW = datetime(2026, 3, 28, 12, tzinfo=UTC)


@pytest.fixture
def settings(installation: Make, tmp_path: Path) -> Settings:
    changed = {"backup_folder": tmp_path / "backups", "backup_keep": 2}
    return installation("duckdb", "sqlite").model_copy(update=changed)


@pytest.fixture
def store(settings: Settings) -> Iterator[DuckStore]:
    with closing(DuckStore(settings.store_path)) as opened:
        yield opened


def run(settings: Settings, store: DuckStore) -> RunReport:
    return make_runner(settings, store).run_once(["backup"])[0]


def older(folder: Path, days: int) -> Path:
    path = folder / f"dashboard-{datetime.now(UTC) - timedelta(days=days):%Y%m%dT%H%M%SZ}.backup"
    folder.mkdir(exist_ok=True)
    path.write_bytes(b"an older one")
    return path


def test_one_is_made_when_due_and_only_then_the_oldest_go(settings: Settings, store: DuckStore) -> None:
    folder = settings.backup_folder
    assert folder is not None
    olds = [older(folder, days) for days in (4, 3, 2)]
    (folder / "notes.txt").write_text("mine")
    assert run(settings, store).outcome == "ok"
    found = [path for _, path in kept(folder)]
    assert found[0] == olds[-1]
    assert len(found) == 2
    with archive.opened(found[1], PASSPHRASE) as made:
        made.verify()
    assert run(settings, store).outcome == "ok"
    assert [path for _, path in kept(folder)] == found, "the next is due in a day"
    assert (folder / "notes.txt").exists()


def test_a_failure_is_a_failed_run_and_removes_nothing(settings: Settings, store: DuckStore, tmp_path: Path) -> None:
    folder = settings.backup_folder
    assert folder is not None
    olds = [older(folder, days) for days in (4, 3, 2)]
    missing = settings.model_copy(update={"backup_passphrase": None, "backup_passphrase_file": tmp_path / "none"})
    report = run(missing, store)
    assert report.outcome == "failed"
    assert report.error is not None and "can't be read" in report.error
    assert [path for _, path in kept(folder)] == olds
    said = {finding.level: finding for finding in backups.check(missing)}
    assert "overdue" in said["warning"].text
    assert "backup_passphrase_file".upper() in said["fatal"].text


def test_a_failure_is_over_once_backups_are_switched_off(settings: Settings, store: DuckStore, tmp_path: Path) -> None:
    run(settings.model_copy(update={"backup_passphrase": None, "backup_passphrase_file": tmp_path / "none"}), store)
    assert [one.look(datetime.now(UTC)) for one in sources(store, datetime.now(UTC), "UTC")] == ["bad"]
    assert run(settings.model_copy(update={"backup_folder": None}), store).outcome == "ok"
    assert sources(store, datetime.now(UTC), "UTC") == []
    assert Sources(store).late(datetime.now(UTC)) == {"backup": ""}


def test_what_is_said_of_them(settings: Settings) -> None:
    assert standing(settings.model_copy(update={"backup_folder": None}), NOW)[0]
    assert standing(settings, NOW) == (False, "no scheduled backup was made yet")


@pytest.mark.parametrize(
    ("newest", "at", "expected"),
    [
        ("2026-03-27T02:30:09", "03:30", "2026-03-28T02:30"),
        ("2026-03-27T01:00:00", "03:30", "2026-03-27T02:30"),
        ("2026-03-28T02:30:00", "03:30", "2026-03-29T01:30"),  # the clock was put forward in between
        ("2026-03-27T13:00:00", None, "2026-03-28T13:00"),
    ],
)
def test_when_the_next_is_due(settings: Settings, newest: str, at: str | None, expected: str) -> None:
    chosen = settings.model_copy(update={"backup_at": at, "timezone": "Europe/Berlin"})
    found = due(chosen, datetime.fromisoformat(f"{newest}+00:00"), NOW)
    assert f"{found:%Y-%m-%dT%H:%M}" == expected
