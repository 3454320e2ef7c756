"""A client that a generator makes of the OpenAPI document, against the running application: names, types and enumerations
of the document are what the API answers with."""

from __future__ import annotations

import importlib
import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from werkzeug.serving import make_server

from dashapp.accounts.tokens import create_token
from dashapp.api.openapi import document
from dashapp.factory import create_app
from dashapp.settings import Settings
from metricstore.caching import CachedStore
from metricstore.duck import DuckStore
from metricstore.metrics import METRICS
from metricstore.nothing import KINDS
from tests.api.facts import RANGE, generations, log_records
from tests.web.conftest import PASSWORD

PACKAGE = "content_metrics_client"


@dataclass
class Generated:
    """The package, and a client of it that is logged in."""

    client: Any

    def part(self, name: str) -> Any:
        return importlib.import_module(f"{PACKAGE}.{name}")


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Generated]:
    folder = tmp_path_factory.mktemp("generated")
    (folder / "openapi.json").write_text(json.dumps(document()))
    (folder / "config.yaml").write_text("post_hooks: []\n")
    done = subprocess.run(
        [str(Path(sys.executable).with_name("openapi-python-client")), "generate", "--path", "openapi.json",
         "--config", "config.yaml", "--meta", "none", "--output-path", PACKAGE, "--fail-on-warning"],
        cwd=folder, capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    store = DuckStore(None)
    store.write([*generations(), *log_records()])
    settings = Settings(data_dir=folder / "var", timezone="UTC", source_timezone="UTC")
    app = create_app(settings, CachedStore(store))
    accounts = app.extensions["accounts"]
    token = create_token(accounts.add("ann", "viewer", PASSWORD), "tests", accounts=accounts)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    sys.path.insert(0, str(folder))
    package = importlib.import_module(PACKAGE)
    address = f"http://127.0.0.1:{server.server_port}"
    with package.AuthenticatedClient(address, token, httpx_args={"trust_env": False}) as client:
        yield Generated(client)
    sys.path.remove(str(folder))
    server.shutdown()
    server.server_close()
    accounts.close()
    store.close()


def test_a_metric_is_asked_by_names_and_answered_with_typed_values(generated: Generated) -> None:
    models, ask = generated.part("models"), generated.part("api.metrics.get_metrics_name")
    answer = ask.sync(
        models.MetricName.GENERATION_TIMES, client=generated.client, start=RANGE["start"], stop=RANGE["stop"],
        every=models.WindowChoice.VALUE_1D, by=[models.DimensionName.PLATFORM], agg=models.Aggregate.P95,
    )  # fmt: skip
    assert isinstance(answer, models.MetricAnswer)
    assert answer.agg is models.Aggregate.P95
    assert answer.by == [models.DimensionName.PLATFORM]
    assert answer.provenance is models.Provenance.MEASURED
    assert "nearest rank" in answer.percentile_method
    rows = [row for row in answer.data if row.value is not None]
    assert rows
    assert {row["platform"] for row in rows} <= {"linkedin", "twitter", "instagram"}
    missing = [row.why for row in answer.data if row.value is None]
    assert missing
    assert all(isinstance(why, models.MissingReason) for why in missing)


def test_records_come_as_objects_with_their_columns(generated: Generated) -> None:
    models, ask = generated.part("models"), generated.part("api.records.get_records_measurement")
    page = ask.sync(models.MeasurementName.GENERATION, client=generated.client, start=RANGE["start"],
                    stop=RANGE["stop"], limit="3", columns=[models.ColumnName.OUTCOME])  # fmt: skip
    assert isinstance(page, models.RecordList)
    assert page.measurement is models.MeasurementName.GENERATION
    assert len(page.data) == 3
    assert all(isinstance(row, models.Record) and row.id and row["outcome"] for row in page.data)


def test_charts_are_listed_and_answered_and_what_is_wrong_is_a_typed_problem(generated: Generated) -> None:
    models = generated.part("models")
    listed = generated.part("api.charts.get_charts").sync(client=generated.client)
    assert {chart.id for chart in listed.data} == {*models.ChartId}
    ask = generated.part("api.charts.get_charts_name_data")
    words = {"start": RANGE["start"], "stop": RANGE["stop"]}
    answer = ask.sync(models.ChartId.GENERATION_DURATION_TREND, client=generated.client, **words)
    assert isinstance(answer, models.ChartAnswer)
    assert answer.metric is models.MetricName.GENERATION_TIMES
    assert all(isinstance(part, models.MetricValues) for part in answer.also.additional_properties.values())
    problem = ask.sync(models.ChartId.GENERATION_DURATION_TREND, client=generated.client, start="someday")
    assert isinstance(problem, models.Problem)
    assert (problem.status, problem.parameter) == (400, "start")


def test_enumerations_hold_what_is_declared(generated: Generated) -> None:
    models = generated.part("models")
    assert {*models.MetricName} == {*METRICS}
    assert {*models.MissingReason} == {*KINDS}


def test_every_answer_and_every_closed_set_has_a_name() -> None:
    """In the whole document: a schema without one becomes a class that is called by its place."""
    told = document()
    parts: list[tuple[str, Any]] = [("paths", told["paths"])]
    parts += [(name, schema) for name, schema in told["components"]["schemas"].items() if "enum" not in schema]
    found: list[str] = []
    while parts:
        place, part = parts.pop()
        if isinstance(part, dict):
            if isinstance(part.get("enum"), list):
                found.append(place)
            parts += [(f"{place}/{key}", value) for key, value in part.items()]
        elif isinstance(part, list):
            parts += [(f"{place}/{number}", value) for number, value in enumerate(part)]
    assert found == []
    for path, operations in told["paths"].items():
        for operation in operations.values():
            for status, answer in operation["responses"].items():
                schema = answer.get("content", {}).get("application/json", {}).get("schema", {"$ref": ""})
                assert "$ref" in schema, f"{path} {status}"
            body = operation.get("requestBody")
            assert body is None or "$ref" in body["content"]["application/json"]["schema"], path
    for name, schema in told["components"]["schemas"].items():
        if "enum" in schema:
            assert len({*schema["x-enum-varnames"]}) == len(schema["enum"]), name
