"""The OpenAPI document tells the truth: every check of schemathesis against a live server."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import threading
from pathlib import Path

import pytest
import schemathesis
import waitress

from dashapp.accounts.tokens import create_token
from dashapp.api import ENDPOINTS
from dashapp.api.openapi import document
from dashapp.factory import create_app
from dashapp.settings import Settings
from metricstore.caching import CachedStore
from metricstore.duck import DuckStore
from metricstore.metrics import METRICS
from tests.api.conftest import Api
from tests.api.facts import generations, log_records


def test_every_endpoint_is_in_the_document_with_its_parameters(api: Api) -> None:
    told = api.get("/openapi.json")
    assert told["openapi"] == "3.1.0"
    for declared in ENDPOINTS:
        path = "/api/v1" + re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", declared.path)
        operation = told["paths"][path][declared.method.lower()]
        names = {parameter["name"] for parameter in operation["parameters"]}
        assert {parameter.name for parameter in declared.parameters} <= names
        assert str(declared.status) in operation["responses"]
    name = told["paths"]["/api/v1/metrics/{name}"]["get"]["parameters"][0]["schema"]
    assert name == {"$ref": "#/components/schemas/MetricName"}
    assert told["components"]["schemas"]["MetricName"]["enum"] == list(METRICS)


def test_the_document_is_made_of_references_that_resolve() -> None:
    schema = schemathesis.openapi.from_dict(document())
    assert len(list(schema.get_all_operations())) == len(ENDPOINTS)


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_every_check_of_schemathesis_holds_against_a_live_server(tmp_path: Path) -> None:
    # An application of its own: users are deleted and tokens revoked.
    store = DuckStore(None)
    store.write([*generations(), *log_records()])
    settings = Settings(data_dir=tmp_path / "var", source_timezone="UTC", timezone="UTC", api_rate="1000000/minute")
    app = create_app(settings, store=CachedStore(store))
    accounts = app.extensions["accounts"]
    token = create_token(accounts.add("root", "admin", "correct horse battery staple"), "tests", accounts=accounts)
    server = waitress.create_server(app, host="127.0.0.1", port=0, threads=4)
    threading.Thread(target=server.run, daemon=True).start()
    here = Path(__file__).parents[2]
    done = subprocess.run(
        [str(Path(sys.executable).with_name("schemathesis")), "--config-file", str(here / "tests" / "api" / "schemathesis.toml"),
         "run", f"http://127.0.0.1:{server.effective_port}/api/v1/openapi.json",
         "--header", f"Authorization: Bearer {token}", "--max-examples", "3", "--seed", "20261123", "--continue-on-failure"],
        # One worker: Python below 3.11.8 can't parse source in two threads at once (CPython issue 106905).
        cwd=tmp_path, capture_output=True, text=True, check=False, timeout=880,
        env={**os.environ, "PYTHONPATH": str(here), "SCHEMATHESIS_HOOKS": "tests.api.schemathesis_hooks"},
    )  # fmt: skip
    server.close()
    accounts.close()
    store.close()
    report = "\n".join(line[:300] for line in done.stdout.splitlines())  # bodies it made up can be very long
    assert done.returncode == 0, report[-8_000:] + done.stderr[-2_000:]
