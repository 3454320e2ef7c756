"""Traces reach a collector that speaks OTLP: requests by their route, the store's questions below them, nothing of what was asked."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from flask import Flask
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from dashapp.monitoring import tracing
from tests.web.conftest import entered

Sent = queue.Queue[ExportTraceServiceRequest]


@pytest.fixture
def collector(monkeypatch: pytest.MonkeyPatch) -> Iterator[Sent]:
    sent: Sent = queue.Queue()

    class Takes(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            assert self.path == "/v1/traces"
            sent.put(ExportTraceServiceRequest.FromString(body))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Takes)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", f"http://127.0.0.1:{server.server_port}")
    monkeypatch.setenv("OTEL_BSP_SCHEDULE_DELAY", "50")
    tracing.tracer.cache_clear()
    yield sent
    tracing.tracer.cache_clear()
    server.shutdown()


def spans(sent: Sent, wanted: str) -> list[Any]:
    """All that came until there is one of this name."""
    found: list[Any] = []
    while not any(span.name == wanted for span in found):
        request = sent.get(timeout=30)
        assert "content-metrics-dashboard" in str(request.resource_spans[0].resource)
        found += [span for scope in request.resource_spans[0].scope_spans for span in scope.spans]
    return found


def test_a_request_is_a_span_with_its_route_and_the_stores_questions_below_it(
    collector: Sent, make_app: Callable[..., Flask]
) -> None:
    client = entered(make_app(), "root")
    address = "/api/v1/metrics/generations?start=-7d&topic=~secretword&tz=UTC"
    trace = "4bf92f3577b34da6a3ce929d0e0e4736"
    with client.get(address, headers={"traceparent": f"00-{trace}-00f067aa0ba902b7-01"}) as answer:
        assert answer.status_code == 200 and answer.data
    found = spans(collector, "GET /api/v1/metrics/<name>")
    (request,) = [span for span in found if span.name == "GET /api/v1/metrics/<name>"]
    own = {item.key: item.value.int_value or item.value.string_value for item in request.attributes}
    assert own == {
        "http.request.method": "GET",
        "http.route": "/api/v1/metrics/<name>",
        "http.response.status_code": 200,
    }
    assert request.trace_id.hex() == trace, "the caller's trace goes on"
    below = [span for span in found if span.parent_span_id == request.span_id]
    assert "store figures" in {span.name for span in below}
    assert all(request.start_time_unix_nano <= span.start_time_unix_nano <= span.end_time_unix_nano for span in below)
    assert "secretword" not in str(found)


@pytest.mark.parametrize("off", [{"OTEL_SDK_DISABLED": "true"}, {"OTEL_TRACES_EXPORTER": "none"}])
def test_the_standards_own_switches_are_obeyed(
    collector: Sent, monkeypatch: pytest.MonkeyPatch, off: dict[str, str]
) -> None:
    for name, value in off.items():
        monkeypatch.setenv(name, value)
    assert tracing.tracer() is None
