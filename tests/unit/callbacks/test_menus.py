"""A page's menu offers what occurs in its measurement, and nothing else can be asked for by it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from dash.exceptions import PreventUpdate
from flask import Flask

from callbacks.filters import menu_options
from metricstore.duck import DuckStore
from metricstore.point import Point, nanoseconds


def test_a_menu_offers_the_values_of_its_own_measurement(duck_store: DuckStore) -> None:
    time = nanoseconds(datetime.now(UTC) - timedelta(hours=1))
    duck_store.write([Point("log_record", time, {"level": "ERROR", "event": "x"}, {"message": "a"})])
    app = Flask("menus")
    app.extensions["metricstore"] = duck_store
    with app.test_request_context("/events"):
        found = menu_options({"start": "-1d"}, {"column": "level", "measurement": "log_record"})
        assert [one["value"] for one in found] == ["ERROR"]
        with pytest.raises(PreventUpdate):
            menu_options({"start": "-1d"}, {"column": "message", "measurement": "log_record"})
