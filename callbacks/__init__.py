"""What happens when someone clicks. Every module has `register(app)`: nothing is registered at import."""

from __future__ import annotations

from dash import Dash

from callbacks import briefing, charts, filters, freshness, pages, records, tables, tiles


def register(app: Dash) -> None:
    """Register every callback with `app` itself, never in Dash's process-wide list: two apps may share a process."""
    for module in (pages, filters, freshness, charts, tiles, briefing, tables, records):
        module.register(app)
