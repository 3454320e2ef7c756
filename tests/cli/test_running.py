"""`dashapp run`, and what other terminals can do meanwhile."""

from __future__ import annotations

import json
import re
import signal
import time
from dataclasses import replace
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from dashapp.control.address import Address
from tests.cli.conftest import PASSWORD, Shell, Started

RANGE = ("--start", "2026-10-01", "--stop", "2026-11-01", "--every", "none")


def count(shell: Shell) -> int:
    done = shell("query", "log_records", *RANGE, "--json")
    assert done.returncode == 0, done.stderr
    return int(sum(row["value"] or 0 for row in json.loads(done.stdout)["data"]))


def test_the_first_run_prints_address_and_one_time_password_once(running: Started) -> None:
    assert running.get("/healthz")[0] == 200
    found = re.search(r"one-time password (\S+)", running.out)
    assert found
    assert running.out.count(found[1]) == 1
    assert found[1] not in running.err
    kept = b"".join(p.read_bytes() for p in (running.folder / "var").rglob("*") if p.is_file())
    assert found[1].encode() not in kept


def test_every_page_waits_for_the_application_behind_the_door(running: Started) -> None:
    assert running.get("/login")[0] == 200
    assert running.get("/api/v1/metrics")[0] == 401
    status, page = running.get("/")
    assert status == 200
    assert 'name="password"' in page


def test_other_commands_go_through_the_running_application(shell: Shell, running: Started, project: Path) -> None:
    running.get("/readyz")
    running.waits_for(lambda: count(shell) == 4)
    with (project / "app.log").open("a") as log:
        log.write("2026-10-27 09:00:05,000 - INFO - Scheduling complete.\n")
    done = shell("collect", "app_log", "--once", "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["name"] == "app_log"
    assert count(shell) == 5
    assert "through the running process" in shell("doctor").stdout
    shell("user", "add", "ann", "--role", "viewer", "--password-stdin", stdin=PASSWORD)
    token = shell("token", "create", "--user", "ann", "--name", "x").stdout.strip()
    status, answer = running.get("/api/v1/metrics/log_records?start=2026-10-01&stop=2026-11-01&every=none",
                                 Authorization=f"Bearer {token}")  # fmt: skip
    assert status == 200
    assert json.loads(answer)["data"][0]["value"] == 5
    assert shell("query", "nope").stderr.startswith("dashapp: unknown metric 'nope'")


def test_collecting_without_a_source_says_what_is_collected_and_what_to_set(shell: Shell, project: Path) -> None:
    nothing = shell("collect", "app_log", "--once")
    assert "there is nothing to collect" in nothing.stderr
    assert "set DASHAPP_SOURCE_DIR=" in nothing.stderr
    demo = shell.start("run")
    try:
        demo.get("/readyz")
        made_up = shell("collect", "calendars", "--once", "--json")
        assert f"the made-up project that process {demo.process.pid} shows" in made_up.stderr
        assert "nothing to collect" not in made_up.stderr
        assert "set DASHAPP_SOURCE_DIR=" in made_up.stderr
        source = {"DASHAPP_SOURCE_DIR": str(project), "DASHAPP_SOURCE_TIMEZONE": "UTC"}
        measured = shell("collect", "app_log", "--once", "--json", **source)
        assert measured.stderr == ""
        assert json.loads(measured.stdout)["records"] == 4, "a real source is not the running demo's"
        asked = shell("query", "log_records", *RANGE, "--json", **source)
        assert sum(row["value"] or 0 for row in json.loads(asked.stdout)["data"]) == 4
    finally:
        assert demo.end() == 0, demo.err
    left = shell("collect", "calendars", "--once")
    assert f"the made-up project in {shell.folder / 'var' / 'demo'}" in left.stderr


def test_a_second_application_over_the_same_data_is_refused(shell: Shell, running: Started) -> None:
    running.get("/readyz")
    for words in (["run"], ["web"], ["collect"]):
        done = shell(*words, DASHAPP_PORT="0")
        assert done.returncode == 1
        assert f"process {running.process.pid}" in done.stderr
        assert "Traceback" not in done.stderr


@pytest.mark.installed
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_ends_cleanly_and_leaves_the_store_to_others(shell: Shell, running: Started, number: int) -> None:
    running.get("/readyz")
    asking = replace(shell, installed=False)
    running.waits_for(lambda: count(asking) == 4)
    assert running.end(number) == 0
    assert "Traceback" not in running.err
    assert Address.load(running.folder / "var") is None
    assert count(asking) == 4


@pytest.mark.installed
@pytest.mark.parametrize("seconds", [0.0, 0.7, 1.4])
def test_an_end_during_the_start_is_clean_too(shell: Shell, seconds: float) -> None:
    started = shell.start("run")
    assert started.url
    time.sleep(seconds)
    assert started.end() == 0, started.err
    assert "Traceback" not in started.err


def test_a_taken_port_is_one_sentence(shell: Shell, running: Started) -> None:
    port = running.url.rsplit(":", 1)[1]
    done = shell("run", DASHAPP_PORT=port, DASHAPP_DATA_DIR=str(shell.folder / "other"))
    assert done.returncode == 1
    assert "DASHAPP_PORT" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_store_held_by_a_stranger_is_told_plainly(shell: Shell) -> None:
    import duckdb

    (shell.folder / "var").mkdir()
    holder = duckdb.connect(str(shell.folder / "var" / "metrics.duckdb"))
    project = shell.folder / "project"
    project.mkdir()
    for words in (["query", "posts"], ["collect", "--once"], ["run"]):
        done = shell(*words, DASHAPP_SOURCE_DIR=str(project), DASHAPP_PORT="0")
        assert done.returncode == 1, words
        assert "Traceback" not in done.stderr
        assert "metrics.duckdb" in done.stderr
    holder.close()


def test_the_control_channel_opens_only_to_who_can_read_its_key(running: Started) -> None:
    from multiprocessing import AuthenticationError
    from multiprocessing.connection import Client

    running.get("/readyz")
    data_dir = running.folder / "var"
    assert (data_dir / "control.json").stat().st_mode & 0o077 == 0
    address = Address.load(data_dir)
    assert address is not None
    with pytest.raises((AuthenticationError, EOFError, ConnectionError)):
        Client(("127.0.0.1", address.port), authkey=b"guess")
    assert running.get("/healthz")[0] == 200


def test_many_browsers_that_keep_their_connections_open_hold_nobody_up(running: Started) -> None:
    address = urlsplit(running.url)
    running.get("/readyz")
    browsers = [HTTPConnection(address.hostname or "", address.port, timeout=10) for _ in range(320)]
    try:
        for browser in browsers:  # each waits less than its ten seconds
            browser.request("GET", "/healthz")
            assert browser.getresponse().read()
        assert running.get("/healthz")[0] == 200
    finally:
        for browser in browsers:
            browser.close()
