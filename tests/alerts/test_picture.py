"""The picture of a message: of its own group, left out when it takes too long or can't be drawn."""

from __future__ import annotations

import struct
import threading

import pytest

import dashapp.alerts.picturing as picturing
from dashapp.alerts.picturing import Pictures
from tests.alerts.conftest import Scene, at


@pytest.fixture(params=["sqlite"])
def database_url(request: pytest.FixtureRequest, tmp_path: object) -> str:
    """What is drawn has nothing to do with the database of accounts."""
    return f"sqlite:///{tmp_path}/accounts.sqlite"


def test_it_is_a_png_of_the_alerts_group(scene: Scene) -> None:
    scene.step(3.1)
    (_, message) = scene.sent[0]
    rule = scene.rulebook.read().rule("ai-errors")
    assert rule is not None
    found = Pictures(scene.store, patience=30).png(rule, message)
    assert found[:8] == b"\x89PNG\r\n\x1a\n"
    assert struct.unpack(">II", found[16:24]) == (1280, 480)


def test_a_slow_or_failing_picture_is_left_out(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    scene.step(3.1)
    (_, message) = scene.sent[0]
    rule = scene.rulebook.read().rule("ai-errors")
    assert rule is not None
    pictures, hang = Pictures(scene.store, patience=0.05), threading.Event()
    monkeypatch.setattr(picturing, "draw", lambda *_: hang.wait(20) and b"late")
    assert pictures.png(rule, message) == b""
    assert pictures.png(rule, message) == b"", "nobody waits behind the one that hangs"
    hang.set()

    def failing(*_: object) -> bytes:
        raise RuntimeError("no font")

    monkeypatch.setattr(picturing, "draw", failing)
    assert Pictures(scene.store).png(rule, message) == b""


def test_an_alert_that_left_the_data_has_none(scene: Scene) -> None:
    scene.step(3.1)
    (_, message) = scene.sent[0]
    rule = scene.rulebook.read().rule("ai-errors")
    assert rule is not None
    from dataclasses import replace

    assert picturing.draw(scene.store, rule, replace(message, labels={"provider": "z"}, at=at(3), since=at(3))) == b""
