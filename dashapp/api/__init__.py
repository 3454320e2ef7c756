"""REST API v1: read-only JSON over metrics, charts, records and collectors. Register `bp` on the Flask application."""

from dashapp.api import collectors, metrics, records
from dashapp.api.auth import demand_viewer
from dashapp.api.endpoints import ENDPOINTS, Endpoint, Parameter, bp

bp.before_request(demand_viewer)

__all__ = ["ENDPOINTS", "Endpoint", "Parameter", "bp", "collectors", "metrics", "records"]
