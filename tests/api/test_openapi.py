"""The OpenAPI document tells the truth: every check of schemathesis against a live server."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator

import pytest
import schemathesis
from flask import Flask
from werkzeug.serving import make_server

from dashapp.api import ENDPOINTS
from dashapp.api.openapi import document
from metricstore.metrics import METRICS
from tests.api.conftest import Api


@pytest.fixture
def live(app: Flask, tokens: dict[str, str]) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, app, threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


def test_every_endpoint_is_in_the_document_with_its_parameters(api: Api) -> None:
    told = api.get("/openapi.json")
    assert told["openapi"] == "3.1.0"
    for declared in ENDPOINTS:
        path = "/api/v1" + re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", declared.path)
        operation = told["paths"][path][declared.method.lower()]
        names = {parameter["name"] for parameter in operation["parameters"]}
        assert {parameter.name for parameter in declared.parameters} <= names
        assert str(declared.status) in operation["responses"]
    assert told["paths"]["/api/v1/metrics/{name}"]["get"]["parameters"][0]["schema"]["enum"] == list(METRICS)


def test_the_document_is_made_of_references_that_resolve() -> None:
    schema = schemathesis.openapi.from_dict(document())
    assert len(list(schema.get_all_operations())) == len(ENDPOINTS)
