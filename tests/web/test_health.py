"""What load balancers are told."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from dashapp.health import checks, probe
from metricstore.errors import StoreUnreachable

NEEDED = {"store": "ok", "accounts": "ok", "disk": "ok", "collector": "ok"}


@pytest.fixture
def asked_each_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(probe, "KEPT_SECONDS", 0.0)


def details(client: FlaskClient) -> dict[str, dict[str, Any]]:
    answer = client.get("/readyz?verbose").json
    assert answer is not None
    return {detail["check"]: detail for detail in answer["details"]}


def test_a_working_application_is_alive_and_ready(stranger: FlaskClient) -> None:
    assert stranger.get("/healthz").json == {"status": "ok"}
    answer = stranger.get("/readyz")
    assert answer.status_code == 200
    assert answer.json == {"status": "ready", "checks": NEEDED}


def test_verbose_tells_each_check_in_a_sentence(stranger: FlaskClient) -> None:
    told = details(stranger)
    assert list(told) == ["store", "accounts", "disk", "collector", "backup", "dead_letters"]
    assert told["store"]["sentence"] == "the store answers"
    assert told["collector"]["sentence"] == "this process does not collect"
    assert told["backup"]["sentence"] == "no backup is scheduled"
    assert told["dead_letters"] == told["dead_letters"] | {
        "state": "ok", "needed": False, "sentence": "0 records were set aside within a day",
    }  # fmt: skip
    assert all(detail["seconds_ago"] < 5 for detail in told.values())


def test_without_its_store_it_is_alive_but_not_ready(
    app: Flask, stranger: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:  # fmt: skip
    def unreachable() -> Any:
        raise StoreUnreachable("no answer from secret-host:8086")

    monkeypatch.setattr(app.extensions["metricstore"], "ping", unreachable)
    answer = stranger.get("/readyz?verbose")
    assert answer.status_code == 503
    assert answer.json is not None
    assert answer.json["checks"] == NEEDED | {"store": "failed"}
    assert answer.json["reason"] == "the store can't be used; the log says why"
    assert "secret-host" not in answer.text
    assert stranger.get("/healthz").status_code == 200


@pytest.mark.usefixtures("asked_each_time")
def test_a_frozen_store_is_asked_once_and_holds_nobody(
    app: Flask, stranger: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:  # fmt: skip
    thaw, asked = threading.Event(), []

    def frozen() -> None:
        asked.append(1)
        thaw.wait(30)

    monkeypatch.setattr(app.extensions["metricstore"], "ping", frozen)

    def timed(_: int) -> tuple[int, float]:
        began = time.monotonic()
        return app.test_client().get("/readyz").status_code, time.monotonic() - began

    with ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(timed, range(10)))
    assert {status for status, _ in answers} == {503}
    assert max(seconds for _, seconds in answers) < 2
    began = time.monotonic()
    answer = stranger.get("/readyz")
    assert time.monotonic() - began < 1, "it is known by now"
    assert answer.json is not None
    assert answer.json["reason"] == "the store has not answered for 2 s"
    assert len(asked) == 1
    thaw.set()
    deadline = time.monotonic() + 5
    while stranger.get("/readyz").status_code != 200:
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_a_full_disk_makes_it_unready(stranger: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "FULL_MB", 10**12)
    answer = stranger.get("/readyz")
    assert answer.status_code == 503
    assert answer.json is not None
    assert answer.json["reason"].startswith("the disk of the data folder is full: ")


class Collecting:
    """As much of a runner as is looked at."""

    active = alive = True


@pytest.mark.usefixtures("asked_each_time")
def test_a_dead_collector_makes_the_process_unready_that_should_collect(
    app: Flask, stranger: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:  # fmt: skip
    app.extensions["runner"] = runner = Collecting()
    assert details(stranger)["collector"]["sentence"] == "the collector runs"
    runner.active = False
    assert details(stranger)["collector"]["sentence"] == "another process collects; this one stands by"
    runner.alive = False
    assert details(stranger)["collector"]["sentence"] == "the collector is starting"
    monkeypatch.setattr(checks, "_STARTING_SECONDS", 0.0)
    assert details(stranger)["collector"]["sentence"] == "the collector of this process does not run"
    assert stranger.get("/readyz").status_code == 503


@pytest.mark.parametrize(("needs", "status"), [(("store",), 200), (("store", "dead_letters"), 503)])
def test_dead_letters_make_it_unready_only_where_they_are_set_to(
    make_app: Callable[..., Flask], needs: tuple[str, ...], status: int
) -> None:  # fmt: skip
    app = make_app(ready_needs=needs)
    folder = app.extensions["settings"].data_dir / "dead-letters"
    folder.mkdir(parents=True)
    today, long_ago = datetime.now(UTC).isoformat(), "2020-01-01T00:00:00+00:00"
    lines = [json.dumps({"set_aside_at": moment}) for moment in [today] * checks.PILE + [long_ago]]
    (folder / "app_log.ndjson").write_text("\n".join([*lines, '{"cut']))
    answer = app.test_client().get("/readyz?verbose")
    assert answer.status_code == status
    assert answer.json is not None
    assert answer.json["details"][-1]["sentence"] == f"{checks.PILE} records were set aside within a day"
