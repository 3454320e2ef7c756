"""`/metrics`, for those who bring a token with the scope `metrics`, and for whoever is logged in."""

from __future__ import annotations

from flask import Blueprint, Flask, Response, current_app, request
from flask_login import current_user

from dashapp.monitoring.address import EXPOSITION, PATH
from dashapp.monitoring.exposition import Exposition
from dashapp.security import forbidden_response


def register(app: Flask) -> None:
    app.extensions[EXPOSITION] = Exposition(app)
    bp = Blueprint("monitoring", __name__)
    bp.add_url_rule(PATH, "metrics", metrics, methods=["GET"])
    app.register_blueprint(bp)


def metrics() -> Response:
    if not current_user.has_scope("metrics"):
        return forbidden_response(request, "this token is not made for this: it needs the scope metrics")
    body, content_type = current_app.extensions[EXPOSITION].answer(request.headers.get("Accept", ""))
    return Response(body, content_type=content_type)
