"""`/api/docs`: the API to read and to try out, and `/api/v1/openapi.json` behind it."""

from __future__ import annotations

from flask import Blueprint, Response, render_template

from dashapp.addresses import public_base
from dashapp.api.conditional import plain
from dashapp.api.openapi import document

bp = Blueprint("api_docs", __name__, url_prefix="/api")

SWAGGER = "vendor/swagger-ui-5.35.0"


@bp.get("/v1/openapi.json")
def openapi() -> Response:
    """The document, with the address it was asked at as its server."""
    return plain({**document(), "servers": [{"url": public_base()}]})


@bp.get("/docs")
def docs() -> str:
    return render_template("api_docs.html", swagger=SWAGGER)
