"""`dashapp backfill` and `dashapp doctor --online` against real servers on loopback, as people type them."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.cli.conftest import Shell, Started
from tests.standins import Fault, openai
from tests.standins.__main__ import started
from tests.standins.openai import OpenAiStandIn

NOW = time.time()


@pytest.fixture
def service() -> Iterator[OpenAiStandIn]:
    with OpenAiStandIn() as found:
        openai.lively(found, NOW - 100 * 86_400)
        yield found


def test_doctor_tries_each_credential_and_says_how_to_mend_a_wrong_one(shell: Shell, service: OpenAiStandIn) -> None:
    env = {"DASHAPP_OPENAI_URL": service.url, "DASHAPP_OPENAI_ADMIN_KEY": openai.KEY}
    right = shell("doctor", "--online", "--json", **env)
    found = {one["subject"]: one for one in json.loads(right.stdout)["findings"]}
    assert found["openai"]["level"] == "ok"
    assert len(service.calls) == 1
    wrong = shell("doctor", "--online", "--json", **(env | {"DASHAPP_OPENAI_ADMIN_KEY": "sk-wrong-but-secret"}))
    found = {one["subject"]: one for one in json.loads(wrong.stdout)["findings"]}
    assert wrong.returncode == 1
    assert "refused the credential" in found["openai"]["text"]
    assert "admin key" in found["openai"]["hint"]
    assert "wrong-but-secret" not in wrong.stdout + wrong.stderr
    nowhere = shell("doctor", "--online", "--json", **(env | {"DASHAPP_OPENAI_URL": "http://127.0.0.1:9"}))
    found = {one["subject"]: one for one in json.loads(nowhere.stdout)["findings"]}
    assert (found["openai"]["level"], "can't be reached" in found["openai"]["text"]) == ("warning", True)


def test_doctor_without_credentials_asks_nobody(shell: Shell) -> None:
    found = json.loads(shell("doctor", "--online", "--json").stdout)["findings"]
    assert any("no credential is set" in one["text"] for one in found)


def test_backfill_reads_a_range_once_and_goes_on_where_it_was_stopped(shell: Shell, service: OpenAiStandIn) -> None:
    env = {"DASHAPP_OPENAI_URL": service.url, "DASHAPP_OPENAI_ADMIN_KEY": openai.KEY}
    words = ("backfill", "openai", "--from", "-125d", "--to", "-100d", "--json")
    service.spoil(*[Fault()] * 4, Fault.json(422, {"error": {"message": "not now"}}))
    stopped = shell(*words, **env)
    assert stopped.returncode == 1
    assert json.loads(stopped.stdout)["outcome"] == "failed"
    assert len(service.calls) == 6, "two windows of a week, the first request of the third, and the costs all the same"
    service.calls.clear()
    whole = json.loads(shell(*words, **env).stdout)
    assert whole["outcome"] == "ok"
    assert len(service.calls) == 4, "weeks that were stored whole are not asked for again"
    again = json.loads(shell(*words, **env).stdout)
    assert (again["outcome"], again["points"]) == ("ok", 0)
    assert len(service.calls) == 12


def test_files_are_read_over_by_the_running_application_that_holds_the_store(
    shell: Shell, project: Path, running: Started
) -> None:
    running.get("/readyz")
    words = ("backfill", "app_log", "--from", "-4000d", "--json")
    first = shell(*words, DASHAPP_SOURCE_DIR=str(project))
    assert first.returncode == 0, first.stderr
    assert json.loads(first.stdout)["outcome"] == "ok"


def test_the_demo_of_all_services_is_collected_without_a_failure(shell: Shell) -> None:
    with ExitStack() as stack:
        settings = started(stack, NOW)
        reports = [json.loads(line) for line in shell("collect", "--once", "--json", **settings).stdout.splitlines()]
    services = ("buffer", "buffer_classic", "openai", "anthropic", "litellm", "x", "linkedin")
    points = {one["name"]: one["points"] for one in reports if one["name"] in services}
    assert [one["outcome"] for one in reports] == ["ok"] * len(reports), reports
    assert set(points) == set(services)
    # Buffer's two interfaces tell the same posts: the classic one is left alone beside the other.
    assert [name for name, count in points.items() if not count] == ["buffer_classic"]


def test_ending_the_demo_of_all_services_ends_the_dashboard(shell: Shell) -> None:
    log = shell.folder / "demo"
    command = [sys.executable, "-m", "tests.standins", "--data-dir", str(shell.folder / "all"), "--port", "0"]
    with log.open("w") as out, (shell.folder / "err").open("w") as err:
        demo = subprocess.Popen(command, stdout=out, stderr=err, cwd=Path(__file__).parents[2], env=shell.env)
    address = shell.folder / "all" / "control.json"
    Started(demo, shell.folder).waits_for(lambda: "http://" in log.read_text() and address.exists())
    demo.terminate()
    demo.wait(60)
    assert not address.exists(), "the dashboard ended in good order, before the demo did"


def test_what_cannot_be_backfilled_is_one_sentence(shell: Shell) -> None:
    for words, said in (
        (("backfill", "nobody", "--from", "-3d"), "there is no collector 'nobody'"),
        (("backfill", "openai", "--from", "-3d"), "no credential"),
        (("backfill", "buffer_classic", "--from", "-3d"), "is not asked beside buffer"),
        (("backfill", "app_log", "--from", "-3d", "--to", "-4d"), "--from is not before --to"),
    ):
        found = shell(*words, DASHAPP_BUFFER_API_KEY="key")
        assert found.returncode == 2
        assert said in found.stderr
        assert "Traceback" not in found.stderr
