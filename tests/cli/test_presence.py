"""Who looks at the dashboard, and what only probes it."""

from __future__ import annotations

import pytest
from flask import Flask

from dashapp.cli import presence
from dashapp.cli.presence import Presence


def test_a_page_is_somebody_and_a_probe_is_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [1000.0]
    monkeypatch.setattr(presence.time, "monotonic", lambda: now[0])
    app = Flask("presence")
    app.add_url_rule("/healthz", "health.healthz", lambda: "")
    app.add_url_rule("/", "page", lambda: "")
    watched, client = Presence(app), app.test_client()
    assert watched(), "whoever starts it looks"
    now[0] += presence.SECONDS
    client.get("/healthz")
    assert not watched()
    client.get("/")
    assert watched()
