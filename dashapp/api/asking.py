"""The metric store as the current viewer may see it: the one place where the API gets it."""

from __future__ import annotations

from typing import cast

from flask import current_app

from dashapp.api.auth import viewer
from metricstore.restriction import restricted
from metricstore.selection import Selection
from metricstore.store import Store


def defaults() -> Selection:
    """What is meant where a question does not say: UTC, whoever asks, and what the settings assume."""
    return Selection(assume=current_app.extensions["settings"].assumed)


def store() -> Store:
    return restricted(cast(Store, current_app.extensions["metricstore"]), *viewer().segments)
