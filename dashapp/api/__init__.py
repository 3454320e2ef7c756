"""REST API v1: read-only JSON over metrics, charts, records and collectors. Register `bp` on the Flask application.

Routes are imported when they are asked for: the command line uses `parameters` and `encoding`, and need not wait for Dash.
"""

# Imports inside functions: the command line uses `parameters` and `encoding`, and need not wait for Dash.

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dashapp.api.routes import ENDPOINTS, Endpoint, Parameter, bp

__all__ = ["ENDPOINTS", "Endpoint", "Parameter", "bp"]


def __getattr__(name: str) -> object:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from dashapp.api import routes

    return getattr(routes, name)
