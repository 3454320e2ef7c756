"""The page "Scheduling & delivery"."""

from __future__ import annotations

from dash.development.base_component import Component

from layouts.pages import page


def layout() -> Component:
    return page(
        "delivery", "Scheduling & delivery", "Did what was planned go out, on time, and how much is waiting?",
    )  # fmt: skip
