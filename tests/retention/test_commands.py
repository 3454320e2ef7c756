"""`dashapp retention` as people use it."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from metricstore.duck import DuckStore
from metricstore.point import Point, nanoseconds
from tests.cli.conftest import Shell, Started, project, running, shell  # noqa: F401

KEPT = {"DASHAPP_RETENTION": "log_record:30d,generation:200d"}


def fill(shell: Shell) -> None:  # noqa: F811
    """Forty days of records, one a day, in the store of the shell's data folder."""
    today = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    data = shell.folder / "var"
    data.mkdir(exist_ok=True)
    store = DuckStore(data / "metrics.duckdb")
    store.write([
        Point("log_record", nanoseconds(today - timedelta(days=day)), {"level": "INFO", "event": "other"}, {"message": "x"})
        for day in range(40)
    ])  # fmt: skip
    store.close()


def test_it_says_what_would_be_deleted_and_what_follows_and_deletes_when_asked(shell: Shell) -> None:  # noqa: F811
    fill(shell)
    said = shell("retention", **KEPT)
    assert said.returncode == 0, said.stderr
    assert "log_record (Log records): kept for 30 days" in said.stdout
    assert "9 points before" in said.stdout and "it is announced for a day, then deleted" in said.stdout
    assert "Empty before then: Log records" in said.stdout
    assert "`dashapp retention --apply` deletes 9 points" in said.stderr
    rows = [json.loads(line) for line in shell("retention", "--json", **KEPT).stdout.splitlines()]
    (records,) = [row for row in rows if row["measurement"] == "log_record"]
    assert (records["points"], records["older"], records["days"]) == (40, 9, 30)
    assert records["bytes"] is None or records["bytes"] > 0
    done = shell("retention", "--apply", **KEPT)
    assert (done.returncode, done.stderr.splitlines()[-1]) == (0, "Deleted 9 points.")
    assert "Nothing is older than it is kept." in shell("retention", "--apply", **KEPT).stderr
    assert "Everything is kept for ever." in shell("retention").stderr


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ("log_records:30d", "'log_records' isn't a measurement (did you mean log_record?)"),
        ("log_record:30", "log_record: '30' isn't a number of days or weeks; write one such as 90d or 12w"),
        ("log_record", "log_record: '' isn't a number of days or weeks"),
        ("log_record:9d,log_record:8d", "log_record is named twice"),
        ("generation:20d", "at least 135 days are needed"),
    ],
)
def test_a_wrong_setting_is_refused_at_the_start_in_a_sentence(shell: Shell, wrong: str, sentence: str) -> None:  # noqa: F811
    refused = shell("retention", DASHAPP_RETENTION=wrong)
    assert refused.returncode == 2
    assert refused.stderr.startswith("dashapp: DASHAPP_RETENTION is wrong: ") and sentence in refused.stderr


def test_a_running_application_deletes_by_its_own_setting_only(shell: Shell, running: Started, tmp_path: Path) -> None:  # noqa: F811
    assert running.get("/readyz")[0] == 200
    with (tmp_path / "project" / "app.log").open("a") as log:
        log.write("2020-10-27 09:00:05,000 - INFO - Scheduling complete.\n")
    running.waits_for(lambda: "kept for ever" in shell("retention").stdout)
    running.waits_for(lambda: "older" in shell("retention", "--json", **KEPT).stdout)
    refused = shell("retention", "--apply", **KEPT)
    assert refused.returncode == 1
    assert "the running application keeps points otherwise" in refused.stderr
