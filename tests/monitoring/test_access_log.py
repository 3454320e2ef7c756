"""A record for each request, without anything that must not lie around in logs."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, Response

from dashapp.logs import FIELDS, Record
from tests.monitoring.conftest import token
from tests.web.conftest import PASSWORD, Person, entered


@pytest.fixture
def logged(make_app: Callable[..., Flask], caplog: pytest.LogCaptureFixture) -> Flask:
    caplog.set_level(logging.INFO, "dashapp.access")
    return make_app(access_log=True)


def records(caplog: pytest.LogCaptureFixture) -> list[dict[str, Any]]:
    return [getattr(record, FIELDS) for record in caplog.records if record.name == "dashapp.access"]


def test_a_request_is_recorded_with_route_status_duration_size_user_and_id(
    logged: Flask, caplog: pytest.LogCaptureFixture
) -> None:
    answer = entered(logged, "ann").get("/api/v1/metrics?x=1", headers={"X-Request-ID": "id-of-the-caller"})
    user = logged.extensions["accounts"].find("ann")
    (found,) = records(caplog)
    assert found.pop("milliseconds") > 0
    assert found == {
        "route": "/api/v1/metrics", "method": "GET", "status": answer.status_code, "bytes": len(answer.data),
        "user": user.id, "request": "id-of-the-caller",
    }  # fmt: skip


def test_what_is_streamed_is_recorded_at_its_end_with_all_its_bytes(
    logged: Flask, caplog: pytest.LogCaptureFixture
) -> None:
    answer = entered(logged, "ann").get("/download/chart/generations_by_outcome.csv?start=-7d", buffered=False)
    assert answer.status_code == 200
    size = len(answer.data)
    answer.close()
    (found,) = records(caplog)
    assert found["route"] == "/download/chart/<name>.<kind>"
    assert found["bytes"] == size > 0


def test_probes_scrapes_and_files_that_come_along_are_not_recorded(
    logged: Flask, caplog: pytest.LogCaptureFixture
) -> None:
    client = entered(logged, "ann")
    for path in (
        "/healthz",
        "/readyz",
        "/metrics",
        "/assets/icon.svg",
        "/_favicon.ico",
        "/embed/assets/embed/embed.css",
    ):
        assert client.get(path).status_code == 200, path
    assert records(caplog) == []


def test_no_query_token_signature_path_password_or_name_is_in_it(
    logged: Flask, caplog: pytest.LogCaptureFixture
) -> None:
    secret = token(logged, "read")
    client = logged.test_client()
    client.get("/api/v1/metrics/log_records?message=hush", headers={"Authorization": f"Bearer {secret}"})
    client.get("/embed/identifier-of-it?sig=signature-of-it")
    client.get("/somewhere/private")
    client.open("/healthz", method="METHOD-OF-MINE")
    Person(client, "ann").log_in()
    formatted = [Record(as_json=True).format(record) for record in caplog.records if record.name == "dashapp.access"]
    assert len(formatted) == 6
    assert [json.loads(text)["status"] for text in formatted][:3] == [200, 403, 302]
    for text in formatted:
        for hidden in (
            "hush",
            "dash_",
            secret,
            "identifier",
            "signature",
            "private",
            "MINE",
            PASSWORD,
            '"ann"',
            "?",
            "sig",
        ):
            assert hidden not in text


def test_a_request_that_breaks_is_recorded_as_500(logged: Flask, caplog: pytest.LogCaptureFixture) -> None:
    from dashapp.security.guard import public

    def broken() -> Response:
        raise RuntimeError("on purpose")

    logged.view_functions["login.login"] = public(broken)
    assert logged.test_client().get("/login").status_code == 500
    (found,) = records(caplog)
    assert (found["route"], found["status"]) == ("/login", 500)


def test_it_is_off_unless_there_are_workers_or_a_setting_says_so(
    make_app: Callable[..., Flask], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "dashapp.access")
    assert make_app().test_client().get("/login").status_code == 200
    assert records(caplog) == []


def test_the_door_opens_before_dash_and_pandas_are_loaded(tmp_path: Path) -> None:
    code = (
        "import sys, pathlib; from dashapp.accounts import Accounts; from dashapp.factory import create_door; "
        "from dashapp.settings import Settings; "
        "own = Settings(data_dir=pathlib.Path(sys.argv[1]), access_log=True); "
        "door = create_door(own, Accounts.open(own.accounts_url)); door.test_client().get('/login'); "
        "sys.exit(any(name in sys.modules for name in ('dash', 'plotly', 'pandas')))"
    )
    done = subprocess.run([sys.executable, "-c", code, str(tmp_path)], timeout=60, check=False)
    assert done.returncode == 0
