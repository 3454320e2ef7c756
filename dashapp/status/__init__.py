"""`/status`: whether each source is read, and since when not. For people who wonder whether it is them; no number of the data is on it."""

from __future__ import annotations

from flask import Blueprint, Flask, Response, jsonify, make_response, render_template

from dashapp.security import public
from dashapp.settings import Settings
from dashapp.status.reading import Reading, Status


def init_status(app: Flask, settings: Settings) -> None:
    """Routes /status and /status.json; open to everyone where the settings say so."""
    reading = Reading(app, settings.timezone)
    bp = Blueprint("status", __name__)

    def page() -> Response:
        return make_response(render_template("status.html", status=reading.now()))

    def twin() -> Response:
        return jsonify(_as_json(reading.now()))

    for path, view in (("/status", page), ("/status.json", twin)):
        bp.add_url_rule(path, view.__name__, public(view) if settings.status_public else view, methods=["GET"])
    app.register_blueprint(bp)


def _as_json(status: Status) -> dict[str, object]:
    return {
        "state": status.state,
        "sentence": status.sentence,
        "at": status.at,
        "sources": [
            {"name": source.name, "state": source.state, "sentence": source.sentence, "last_good": source.last_good}
            for source in status.sources
        ],
    }
