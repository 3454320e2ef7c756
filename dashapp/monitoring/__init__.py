"""The dashboard measured: `/metrics` for Prometheus, the access log, traces, and what of it is used. Switched off, nothing of it is imported and nothing is counted."""

# Imports inside functions: the login must answer before pandas and Dash are loaded, and what isn't measured isn't loaded.

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask
    from opentelemetry.trace import Tracer

    from dashapp.monitoring.store import Question
    from dashapp.monitoring.watching import Listener
    from dashapp.settings import Settings


OWN_USE = "own_use"
"""Where the application keeps what counts its use."""


def init_monitoring(app: Flask, settings: Settings) -> None:
    """Watch every request of `app`: last of all that wraps it."""
    listeners: list[Listener] = []
    if settings.metrics:
        from dashapp.monitoring.counting import counters

        listeners.append(counters().count)
    if settings.access_log:
        from dashapp.monitoring import access

        listeners.append(access.record)
    if settings.own_use:
        from dashapp.monitoring.own_use import OwnUse

        app.extensions[OWN_USE] = OwnUse(lambda: app.extensions["metricstore"])
        listeners.append(app.extensions[OWN_USE].count)
    traces = _tracer()
    if listeners or traces is not None:
        from dashapp.monitoring.watching import watch

        watch(app, *listeners)
    if traces is not None:
        from dashapp.monitoring.tracing import Traced

        app.wsgi_app = Traced(app.wsgi_app, traces)  # type: ignore[method-assign]
    if settings.metrics_bind is not None:
        from dashapp.monitoring.address import OwnAddress, split

        app.wsgi_app = OwnAddress(app, app.wsgi_app, split(settings.metrics_bind)[1])  # type: ignore[method-assign]


def init_exposition(app: Flask, settings: Settings) -> None:
    """Route /metrics of an application that has a store, and measure what the store is asked."""
    questions: list[Question] = []
    if settings.metrics:
        from dashapp.monitoring.counting import counters
        from dashapp.monitoring.routes import register

        questions.append(counters().question)
        register(app)
    if _tracer() is not None:
        from dashapp.monitoring.tracing import question

        questions.append(question)
    if questions:
        from dashapp.monitoring.store import watch_store

        watch_store(app.extensions["metricstore"], questions, counters().cached if settings.metrics else None)


def _tracer() -> Tracer | None:
    """None unless the environment asks for traces: then nothing of them is imported."""
    if not any(name.startswith("OTEL_EXPORTER_OTLP_") for name in os.environ):
        return None
    from dashapp.monitoring.tracing import tracer

    return tracer()
