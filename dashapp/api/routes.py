"""The blueprint with all its routes."""

from dashapp.api import charts, collectors, metrics, records
from dashapp.api.auth import demand_viewer
from dashapp.api.endpoints import ENDPOINTS, Endpoint, Parameter, bp

bp.before_request(demand_viewer)

__all__ = ["ENDPOINTS", "Endpoint", "Parameter", "bp", "charts", "collectors", "metrics", "records"]
