"""`dashapp backup`, `restore` and `move` as people use them, also while `dashapp run` serves."""

from __future__ import annotations

import os
import time
from contextlib import closing
from pathlib import Path

import pytest

from dashapp.control import connect
from metricstore.duck import DuckStore
from tests.cli.conftest import PASSWORD, Shell, Started, running  # noqa: F401
from tests.stores import InfluxServer

PHRASE = {"DASHAPP_BACKUP_PASSPHRASE": "several words"}


def asked(folder: Path, do: str) -> dict[str, int]:
    channel = connect(folder)
    if channel is None:
        return {}
    with channel:
        found: dict[str, int] = channel.ask(do)
    return found


@pytest.mark.installed  # it begins again by the command it was started with
def test_backed_up_and_restored_while_it_runs_under_the_same_number(
    shell: Shell,
    running: Started,  # noqa: F811
    tmp_path: Path,
) -> None:
    data = shell.folder / "var"
    assert running.get("/readyz")[0] == 200
    running.waits_for(lambda: asked(data, "counts").get("log_record") == 4)
    shell("user", "add", "ann", "--role", "admin", "--password-stdin", stdin=PASSWORD)
    done = shell("backup", "kept", **PHRASE)
    assert done.returncode == 0, done.stderr
    assert "It is encrypted" in done.stdout
    key = (data / "secret_key").read_text()

    with (tmp_path / "project" / "app.log").open("a") as log:
        log.write("2026-10-27 09:00:05,000 - INFO - Scheduling complete.\n")
    running.waits_for(lambda: asked(data, "counts").get("log_record") == 5)
    shell("user", "add", "bob", "--role", "viewer", "--password-stdin", stdin=PASSWORD)
    refused = shell("restore", "kept", **PHRASE)
    assert "--replace" in refused.stderr
    assert asked(data, "counts")["log_record"] == 5

    done = shell("restore", "kept", "--replace", **PHRASE)
    assert done.returncode == 0, done.stderr
    assert f"Restarting process {running.process.pid} with the restored data." in done.stderr
    assert "log_record" in done.stdout
    running.waits_for(lambda: "A restored state is in place." in running.err)
    # The checkpoint is as old as the points: what came later is collected again.
    running.waits_for(lambda: asked(data, "counts").get("log_record") == 5)
    users = shell("user", "list").stdout
    assert "ann" in users and "bob" not in users
    assert (data / "secret_key").read_text() == key
    assert running.end() == 0, running.err


@pytest.mark.influx
def test_moved_to_influxdb_and_back_with_equal_counts(
    shell: Shell, project: Path, influxd: InfluxServer, influx_bucket: str
) -> None:
    shell.env |= {"DASHAPP_SOURCE_DIR": str(project), "DASHAPP_SOURCE_TIMEZONE": "UTC"}
    influx = influxd.environment(influx_bucket)
    assert shell("collect", "--once").returncode == 0
    assert "set INFLUXDB_V2_URL" in shell("move", "--to", "influxdb").stderr
    assert "there is no store" in shell("move", "--to", "sqlite").stderr
    done = shell("move", "--to", "influxdb", **influx)
    assert done.returncode == 0, done.stderr
    assert "Set the four INFLUXDB_V2_ settings" in done.stdout
    again = shell("move", "--to", "influxdb", **influx)
    assert "use --replace" in again.stderr
    assert shell("move", "--to", "influxdb", "--replace", **influx).returncode == 0
    collected = shell("collect", "app_log", "--once", **influx).stdout
    assert collected.split()[2] == "0", f"its checkpoint came along: {collected}"
    (shell.folder / "var" / "metrics.duckdb").unlink()
    back = shell("move", "--to", "duckdb", **influx)
    assert back.returncode == 0, back.stderr
    with closing(DuckStore(shell.folder / "var" / "metrics.duckdb")) as store:
        assert f"{store.info().points:,} points" in back.stdout
    os.utime(project / "app.log", (time.time(), time.time()))
    assert shell("collect", "app_log", "--once").stdout.split()[2] == "0"
