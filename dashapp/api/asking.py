"""The metric store as the current viewer may see it: the one place where the API gets it."""

from __future__ import annotations

from typing import cast

from flask import current_app

from dashapp.api.auth import viewer
from metricstore.restriction import restricted
from metricstore.store import Store


def store() -> Store:
    return restricted(cast(Store, current_app.extensions["metricstore"]), *viewer().segments)
