"""Damage that is met while the application runs: a sentence with 503, never a traceback."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from random import Random

import pytest
from flask import Flask

from dashapp.accounts import Accounts, AccountsDamaged
from dashapp.factory import create_app
from dashapp.health import probe
from dashapp.settings import Settings
from metricstore.duck import DuckStore
from metricstore.errors import StoreDamaged
from metricstore.point import Point
from tests.web.conftest import PASSWORD, entered

NOON = int(datetime(2026, 10, 27, 12, tzinfo=UTC).timestamp()) * 1_000_000_000
RECORDS = "/api/v1/records/dead_letter?start=2026-10-01&stop=2026-11-01"


@pytest.fixture
def damaged(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Flask]:
    """Over a store whose records can't be read."""
    monkeypatch.setattr(probe, "KEPT_SECONDS", 0.0)
    settings.data_dir.mkdir(parents=True)
    chance = Random(1)
    store = DuckStore(settings.store_path)
    store.write([Point("dead_letter", NOON + n, {}, {"excerpt": chance.randbytes(400).hex()}) for n in range(3_000)])
    store.close()
    content = bytearray(settings.store_path.read_bytes())
    content[len(content) * 2 // 3] ^= 0xFF
    settings.store_path.write_bytes(content)
    app = create_app(settings)
    app.extensions["accounts"].add("ann", "admin", PASSWORD)
    yield app
    app.extensions["metricstore"].close()
    app.extensions["accounts"].close()


def test_a_damaged_store_is_a_sentence_for_programs_and_for_probes(
    damaged: Flask, caplog: pytest.LogCaptureFixture
) -> None:  # fmt: skip
    client = entered(damaged, "ann")
    with caplog.at_level(logging.INFO):
        found = client.get(RECORDS)
    assert found.status_code == 503
    assert found.json is not None
    assert found.json["detail"] == StoreDamaged.sentence
    assert not any(record.exc_info for record in caplog.records)
    ready = client.get("/readyz")
    assert ready.status_code == 503
    assert ready.json is not None
    assert ready.json["reason"] == StoreDamaged.sentence


def test_damaged_accounts_are_a_sentence_for_people_programs_and_probes(
    damaged: Flask, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:  # fmt: skip
    client = entered(damaged, "ann")
    accounts: Accounts = damaged.extensions["accounts"]
    accounts.close()
    path = Path(accounts.database.engine.url.database or "")
    for journal in path.parent.glob(f"{path.name}-*"):
        journal.unlink()
    path.write_bytes(b"\xff" * path.stat().st_size)
    sentence = f"{AccountsDamaged.sentence[0].upper()}{AccountsDamaged.sentence[1:]}"
    with caplog.at_level(logging.INFO):
        page, api, ready = client.get("/"), client.get(RECORDS), client.get("/readyz")
    assert page.status_code == 503
    assert "The accounts database is damaged" in page.text
    assert api.status_code == 503
    assert api.json is not None
    assert api.json["detail"].rstrip(".") in (AccountsDamaged.sentence, sentence)
    assert ready.status_code == 503
    assert not any(record.exc_info for record in caplog.records)
