"""A provider's bill beside what was recorded: read, matched line by line, never kept."""

# Imports inside functions: start-up time, forms are loaded with the application, not with the package.

from __future__ import annotations

from flask import Flask


def init_bills(app: Flask) -> None:
    """Routes below /ai/bill."""
    from dashapp.bills import views

    app.register_blueprint(views.bp)
