"""Damaged databases: one sentence from each command, and `dashapp doctor --repair`."""

from __future__ import annotations

import json
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from dashapp.accounts import Accounts
from dashapp.cli.reaching import perform
from dashapp.doctor.repairing import repair
from dashapp.settings import load_settings
from metricstore.duck import DuckStore
from metricstore.errors import StoreDamaged
from metricstore.query import Query
from tests import forkserver
from tests.cli.conftest import PASSWORD, Shell, Started

LOG_RECORDS = Query("log_record", "count", datetime(2026, 10, 1, tzinfo=UTC), datetime(2026, 11, 1, tzinfo=UTC))
KILL_AT = """
import os, sys
from pathlib import Path
from collectors.runner import checkpoints
from dashapp.doctor import repairing
from dashapp.settings import load_settings
done = 0
def counted(real):
    def step(*args, **kwargs):
        global done
        if done == int(sys.argv[1]):
            os._exit(9)
        done += 1
        return real(*args, **kwargs)
    return step
checkpoints.start_over_with = counted(checkpoints.start_over_with)
os.link = counted(os.link)
Path.rename = counted(Path.rename)
Path.replace = counted(Path.replace)
repairing.repair(load_settings(), lambda text: None)
print("done")
"""


def flip(path: Path, *places: int) -> None:
    content = bytearray(path.read_bytes())
    for place in places:
        content[place] ^= 0xFF
    path.write_bytes(content)


@pytest.fixture
def collected(shell: Shell, project: Path) -> Shell:
    """Over the small project, read once, with a user."""
    shell.env |= {"DASHAPP_SOURCE_DIR": str(project), "DASHAPP_SOURCE_TIMEZONE": "UTC"}
    settings = load_settings(shell.env, shell.folder)
    perform(settings, "collect", names=None, since=None)
    with closing(Accounts.open(settings.accounts_url)) as accounts:
        accounts.add("ann", "admin", PASSWORD)
    return shell


def records(shell: Shell) -> int:
    """Of the log, in the store as it lies there."""
    with closing(DuckStore(shell.folder / "var" / "metrics.duckdb")) as store:
        return int(store.ask(LOG_RECORDS)["value"][0])


def test_every_command_says_it_in_one_sentence(collected: Shell) -> None:
    var = collected.folder / "var"
    flip(var / "metrics.duckdb", 30)
    flip(var / "accounts.sqlite", *range(16))
    for words, what in (
        (["run"], "accounts database"), (["user", "list"], "accounts database"),
        (["collect", "--once"], "store's file"), (["query", "posts"], "store's file"),
    ):  # fmt: skip
        done = collected(*words)
        assert done.returncode == 1, words
        assert done.stderr.startswith(f"dashapp: the {what} {var}"), done.stderr
        assert done.stderr.count("\n") == 1
    found = json.loads(collected("doctor", "--json").stdout)["findings"]
    fatal = {one["subject"]: one for one in found if one["level"] == "fatal"}
    assert set(fatal) == {"store", "accounts"}
    assert all("is damaged" in one["text"] and "untouched" in one["text"] for one in fatal.values())
    assert all("dashapp doctor --repair" in one["hint"] for one in fatal.values())


def test_a_start_says_it_when_only_the_store_is_damaged(collected: Shell) -> None:
    flip(collected.folder / "var" / "metrics.duckdb", 30)
    done = collected("run", DASHAPP_PORT="0")
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert StoreDamaged.sentence.split("; ")[1] in done.stderr


def test_repairing_keeps_the_files_and_collects_again(collected: Shell) -> None:
    var = collected.folder / "var"
    before = records(collected)
    assert before
    flip(var / "metrics.duckdb", *range(4_096))
    flip(var / "accounts.sqlite", *range(16))
    damaged = {(var / name).read_bytes() for name in ("metrics.duckdb", "accounts.sqlite")}
    done = collected("doctor", "--repair")
    assert done.returncode == 0, done.stderr
    assert "Posts at services" in done.stdout
    assert "made anew" in done.stdout
    assert {
        path.read_bytes() for path in var.glob("*.damaged-*") if not path.name.endswith(("-wal", "-shm"))
    } == damaged
    assert records(collected) == before
    again = collected("doctor", "--repair")
    assert (again.returncode, again.stdout) == (0, "Nothing is damaged.\n")


def test_nothing_whole_is_touched(collected: Shell) -> None:
    var = collected.folder / "var"
    before = {
        path: path.read_bytes()
        for path in var.rglob("*")
        if path.is_file() and (path.parent != var or path.suffix in (".duckdb", ".sqlite"))
    }
    assert repair(load_settings(collected.env, collected.folder), print) == (False, False)
    assert {path: path.read_bytes() for path in before} == before


def test_killed_at_any_step_it_can_be_repaired_again(collected: Shell) -> None:
    before, store = records(collected), collected.folder / "var" / "metrics.duckdb"
    said: list[str] = []
    content = bytearray(store.read_bytes())
    content[30] ^= 0xFF
    for step in range(20):
        store.write_bytes(content)
        killed = forkserver.run(KILL_AT, [str(step)], env=collected.env, cwd=collected.folder)
        if killed.returncode == 0:
            break
        assert killed.returncode == 9, killed.stderr
        settings = load_settings(collected.env, collected.folder)
        assert repair(settings, said.append)[0]
        perform(settings, "collect", names=None, since=None)
        assert records(collected) == before
    assert step >= 3


def test_a_program_that_runs_is_not_repaired_under_its_feet(running: Started, shell: Shell) -> None:
    assert running.get("/healthz")[0] == 200
    running.waits_for(lambda: (shell.folder / "var" / "control.json").exists())
    done = shell("doctor", "--repair")
    assert done.returncode == 1
    assert f"process {running.process.pid} runs" in done.stderr
    assert not list(Path(shell.env["DASHAPP_DATA_DIR"]).glob("*.damaged-*"))
    assert (shell.folder / "var" / "metrics.duckdb").exists()
