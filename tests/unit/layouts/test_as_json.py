"""What is sent is what Dash would send."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import numpy as np
import pytest
from dash import html
from plotly.io.json import to_json_plotly

from layouts.as_json import as_json
from layouts.page_frame import page_frame
from layouts.pages import PAGES
from metricstore.assumptions import USUAL


@pytest.mark.parametrize("page", PAGES)
def test_pages_are_sent_as_dash_sends_them(page: str) -> None:
    frame = page_frame(PAGES[page], USUAL)
    assert json.loads(to_json_plotly(as_json(frame))) == json.loads(to_json_plotly(frame))


def test_values_of_other_kinds_are_left_to_dash() -> None:
    cells = [
        html.Td(("a", 1, 2.5, None, True), **{"data-row": np.int64(4), "aria-label": datetime(2026, 1, 2, tzinfo=UTC)})
    ]
    assert json.loads(to_json_plotly(as_json(cells))) == json.loads(to_json_plotly(cells))
