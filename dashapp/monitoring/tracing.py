"""Traces for OpenTelemetry: a span for each request, named by its route, and below it one for each question to the store.

It is switched on by OpenTelemetry's own variables and read by its own packages, the extra `telemetry`; nothing of them is imported otherwise.
No span holds an address, a query, a filter or a name.
"""

# Imports inside functions: opentelemetry is an extra, loaded where traces are wanted.

from __future__ import annotations

import logging
import os
import time
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from typing import TYPE_CHECKING, Any

from dashapp.monitoring.request import Seen, known_method
from dashapp.monitoring.watching import SEEN

if TYPE_CHECKING:
    from opentelemetry.trace import Span, Tracer

log = logging.getLogger(__name__)

ENDPOINTS = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")
_NAME = "content-metrics-dashboard"


def wanted() -> bool:
    """Whether the environment names who gathers traces, and does not switch them off."""
    off = os.environ.get("OTEL_SDK_DISABLED", "").lower() == "true" or os.environ.get("OTEL_TRACES_EXPORTER") == "none"
    return not off and any(os.environ.get(name) for name in ENDPOINTS)


@cache
def tracer() -> Tracer | None:
    """This process's; None where traces are not wanted, or the packages for them are not installed."""
    if not wanted():
        return None
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ImportError:
        log.warning(
            "traces are wanted (%s), but not installed: pip install 'content-metrics-dashboard[telemetry]'",
            ENDPOINTS[-1],
        )
        return None
    named = {} if os.environ.get("OTEL_SERVICE_NAME") else {"service.name": _NAME}
    provider = TracerProvider(resource=Resource.create(named))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    return provider.get_tracer(_NAME)


class Traced:
    """A WSGI application: `inner` within a span of its own, or of the one that the caller's `traceparent` names."""

    def __init__(self, inner: Callable[..., Iterable[bytes]], tracer: Tracer) -> None:
        self._inner = inner
        self._tracer = tracer

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        from opentelemetry import trace
        from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

        sent = {"traceparent": environ["HTTP_TRACEPARENT"]} if "HTTP_TRACEPARENT" in environ else {}
        around = TraceContextTextMapPropagator().extract(sent)
        span = self._tracer.start_span("request", around, trace.SpanKind.SERVER)
        status = 500

        def started(line: str, headers: list[tuple[str, str]], *error: Any) -> Any:
            nonlocal status
            status = int(line[:3])
            return start_response(line, headers, *error)

        try:
            with trace.use_span(span, end_on_exit=False, record_exception=False, set_status_on_exception=False):
                pieces = self._inner(environ, started)
        except BaseException:
            _end(span, environ, 500)
            raise
        return _Pieces(pieces, lambda: _end(span, environ, status))


class _Pieces:
    """The answer, as it is sent; its end ends the span."""

    def __init__(self, pieces: Iterable[bytes], end: Callable[[], None]) -> None:
        self._pieces = pieces
        self._end = end

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._pieces)

    def close(self) -> None:
        try:
            if (close := getattr(self._pieces, "close", None)) is not None:
                close()
        finally:
            self._end()


def _end(span: Span, environ: dict[str, Any], status: int) -> None:
    from opentelemetry.trace import StatusCode

    seen: Seen = environ.get(SEEN, Seen())
    method = known_method(environ.get("REQUEST_METHOD", ""))
    span.update_name(f"{method} {seen.route}")
    span.set_attributes({"http.request.method": method, "http.route": seen.route, "http.response.status_code": status})
    if seen.callback is not None:
        span.set_attributes({"dashapp.callback": seen.callback[0], "dashapp.chart": seen.callback[1]})
    if status >= 500:
        span.set_status(StatusCode.ERROR)
    span.end()


def question(kind: str, outcome: str, seconds: float) -> None:
    """A question that the store has answered, below the request that asked it; others, of collectors say, are no part of a trace."""
    from opentelemetry import trace

    own = tracer()
    if own is None or not trace.get_current_span().is_recording():
        return
    end = time.time_ns()
    span = own.start_span(f"store {kind}", kind=trace.SpanKind.CLIENT, start_time=end - int(seconds * 1e9))
    span.set_attributes({"dashapp.store.kind": kind, "dashapp.store.outcome": outcome})
    if outcome == "failed":
        span.set_status(trace.StatusCode.ERROR)
    span.end(end)
