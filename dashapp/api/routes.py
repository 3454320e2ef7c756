"""The blueprint with all its routes."""

from flask import Response

from dashapp.api import (
    alert_receivers,
    alert_rules,
    alerts,
    annotations,
    change,
    charts,
    collectors,
    embeds,
    goals,
    metrics,
    pages,
    records,
    segments,
    tables,
    tokens,
    users,
)
from dashapp.api.auth import demand_viewer
from dashapp.api.conditional import plain
from dashapp.api.endpoints import ENDPOINTS, Endpoint, Parameter, bp, endpoint
from dashapp.api.schemas import TEXT, TRUTH, data_of, record

bp.before_request(demand_viewer)


@endpoint(Endpoint("/", "All addresses of the API", "`{data: [{path, method, title, parameters, filters, example}]}`",
                   example="/api/v1/",
                   schema=data_of(record("Address", path=TEXT, method=TEXT, title=TEXT, parameters={"type": "object"}, filters=TRUTH,
                                         example=TEXT))))  # fmt: skip
def index() -> Response:
    told = [
        {
            "path": f"{bp.url_prefix}{declared.path}",
            "method": declared.method,
            "title": declared.title,
            "parameters": {parameter.name: parameter.meaning for parameter in declared.parameters},
            "filters": declared.filters,
            "example": declared.example,
        }
        for declared in ENDPOINTS
    ]
    return plain({"data": told})


__all__ = [
    "ENDPOINTS",
    "Endpoint",
    "Parameter",
    "alert_receivers",
    "alert_rules",
    "alerts",
    "annotations",
    "bp",
    "change",
    "charts",
    "collectors",
    "embeds",
    "goals",
    "metrics",
    "pages",
    "records",
    "segments",
    "tables",
    "tokens",
    "users",
]
