"""The address of its own."""

from __future__ import annotations

import socket
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask

from dashapp.cli.serving import _listeners, web
from dashapp.settings import Settings, SettingsError, load_settings
from tests.stores import free_port

BIND = "127.0.0.1:9464"


def test_what_comes_in_there_is_answered_without_a_token_and_is_nothing_but_metrics(
    make_app: Callable[..., Flask],
) -> None:
    client = make_app(metrics_bind=BIND, trusted_proxies=1).test_client()
    inside = f"http://{BIND}"
    assert "dashapp_build_info" in client.get("/metrics", base_url=inside).text
    assert client.head("/metrics", base_url=inside).status_code == 200
    for path in ("/", "/login", "/healthz", "/api/v1/metrics", "/_dash-layout"):
        assert client.get(path, base_url=inside).status_code == 404, path


def test_no_header_makes_the_usual_address_pass_for_it(make_app: Callable[..., Flask]) -> None:
    client = make_app(metrics_bind=BIND, trusted_proxies=1).test_client()
    for name in ("Host", "X-Forwarded-Host", "Forwarded"):
        assert client.get("/metrics", headers={name: BIND}).status_code == 401, name
    assert client.get("/metrics", headers={"X-Forwarded-Port": "9464"}).status_code == 401


def test_it_is_opened_beside_the_usual_one_by_the_server_of_the_embedded_store(tmp_path: Path) -> None:
    port = free_port()
    settings = Settings(data_dir=tmp_path, port=0, metrics_bind=f"127.0.0.1:{port}")
    opened = list(_listeners(settings))
    try:
        assert opened[1].getsockname() == ("127.0.0.1", port)
        with socket.create_connection(("127.0.0.1", port), timeout=5):
            pass
    finally:
        for one in opened:
            one.close()


@pytest.mark.parametrize(
    "bind", ["9464", "127.0.0.1", "127.0.0.1:0", "127.0.0.1:70000", "http://x:1", "a b:1", ":9464"]
)
def test_an_address_that_is_none_is_refused_in_a_sentence(bind: str) -> None:
    with pytest.raises(SettingsError, match=r"DASHAPP_METRICS_BIND is wrong: .* isn't an address with a port"):
        load_settings({"DASHAPP_METRICS_BIND": bind})


def test_it_needs_a_port_of_its_own_and_metrics_that_are_on(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SettingsError, match="DASHAPP_METRICS switches them off"):
        load_settings({"DASHAPP_METRICS_BIND": "[::1]:9464", "DASHAPP_METRICS": "false"})
    monkeypatch.setattr("dashapp.logs.configure", lambda level: None)
    monkeypatch.setenv("DASHAPP_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("DASHAPP_METRICS_BIND", "127.0.0.1:8050")
    with pytest.raises(SystemExit):
        web(host=None, port=None)
    assert "it needs one of its own" in capsys.readouterr().err
