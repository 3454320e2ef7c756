"""For load balancers and containers: is the process alive, can it do its work. Open to everyone, so it tells little."""

from __future__ import annotations

from flask import Blueprint, Flask, Response, jsonify, request

from dashapp.health.checks import checks_of
from dashapp.health.probe import Finding, Probe
from dashapp.security.guard import public
from dashapp.settings.values import READY_CHECKS

ENDING = "ending"
"""The extension that says whether this process was told to end; there is none where that takes no time."""


def init_health(app: Flask) -> None:
    """Routes /healthz and /readyz."""
    bp = Blueprint("health", __name__)
    checks = checks_of(app)
    probes = {name: Probe(name, *checks[name]) for name in READY_CHECKS}
    bp.add_url_rule("/healthz", "healthz", public(healthz), methods=["GET"])
    bp.add_url_rule("/readyz", "readyz", public(lambda: readyz(app, probes)), methods=["GET"])
    app.register_blueprint(bp)


def healthz() -> Response:
    """The process answers. Asks nobody else."""
    return jsonify(status="ok")


def readyz(app: Flask, probes: dict[str, Probe]) -> Response:
    """Whether requests had better be sent here. With `?verbose` what each check found."""
    needed = app.extensions["settings"].ready_needs
    for probe in probes.values():
        probe.begin()  # all of them before waiting for one
    found = {name: probe.finding() for name, probe in probes.items()}
    failed = {name: found[name] for name in found if name in needed and not found[name].works}
    ending = app.extensions.get(ENDING, bool)()
    told: dict[str, object] = {
        "status": "not ready" if failed or ending else "ready",
        "checks": {name: "ok" if found[name].works else "failed" for name in found if name in needed},
    }
    if failed or ending:
        sentences = [finding.sentence for finding in failed.values()]
        told["reason"] = "; ".join([*(["this process is about to end"] if ending else []), *sentences])
    if "verbose" in request.args:
        told["details"] = [_detail(name, finding, name in needed) for name, finding in found.items()]
    answer = jsonify(told)
    answer.status_code = 503 if failed or ending else 200
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _detail(name: str, finding: Finding, needed: bool) -> dict[str, object]:
    return {
        "check": name,
        "state": "ok" if finding.works else "failed",
        "sentence": finding.sentence,
        "seconds_ago": round(finding.seconds_ago, 1),
        "needed": needed,
    }
