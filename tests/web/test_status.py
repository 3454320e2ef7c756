"""Whether each source is read: for people, for programs, for everyone only where a setting says so."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask

from metricstore.point import Point, nanoseconds
from tests.web.conftest import Person


def run(collector: str, age: timedelta, outcome: str = "ok") -> Point:
    fields = {
        "duration_seconds": 1.0,
        "records": 4711,
        "error": "secret-host refused",
        "warnings": "secret.json line 3",
    }
    moment = nanoseconds(datetime.now(UTC) - age)
    return Point("collector_run", moment, {"collector": collector, "outcome": outcome}, fields)


def test_it_is_for_those_who_are_logged_in_unless_a_setting_opens_it(app: Flask, viewer: Person) -> None:
    for path in ("/status", "/status.json"):
        assert app.test_client().get(path).status_code == 302, path
        assert viewer.client.get(path).status_code == 200, path


def test_open_to_everyone_it_says_how_each_source_is_and_shows_no_data(make_app: Callable[..., Flask]) -> None:
    app = make_app(status_public=True)
    app.extensions["metricstore"].write([
        run("app_log", timedelta(minutes=1)), run("calendars", timedelta(days=2)),
        run("calendars", timedelta(minutes=2), "failed"), run("buffer", timedelta(days=5)),
    ])  # fmt: skip
    answer = app.test_client().get("/status.json")
    assert answer.status_code == 200
    assert answer.json is not None
    assert answer.json["state"] == "trouble"
    assert answer.json["sentence"] == "2 of 3 sources can't be read or are late."
    states = {source["name"]: source["state"] for source in answer.json["sources"]}
    assert sorted(states.values()) == ["trouble", "trouble", "warning"]
    page = app.test_client().get("/status").text
    assert "2 of 3 sources" in page and "Last run failed, good until 2 days ago." in page
    for text in (answer.text, page):
        assert "4711" not in text and "secret" not in text


def test_before_anything_was_collected_it_says_so(viewer: Person) -> None:
    answer = viewer.client.get("/status.json").json
    assert answer is not None
    assert (answer["state"], answer["sentence"], answer["sources"]) == ("unknown", "Nothing was collected yet.", [])


def test_a_frozen_store_holds_nobody(app: Flask, viewer: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    thaw = threading.Event()

    def frozen(*_: Any) -> Any:
        thaw.wait(20)
        return []

    monkeypatch.setattr(app.extensions["metricstore"], "values", frozen)
    began = time.monotonic()
    answer = viewer.client.get("/status.json")
    assert time.monotonic() - began < 5
    assert answer.json is not None and answer.json["state"] == "unknown"
    assert "does not answer" in viewer.client.get("/status").text
    thaw.set()
