"""How an answer is written: by `format`, else by `Accept`, else as JSON."""

from __future__ import annotations

from flask import request

from dashapp.downloads.formats import Options
from dashapp.problem import Problem

JSON = "json"
MIMETYPES = {
    JSON: "application/json",
    "csv": "text/csv",
    "ndjson": "application/x-ndjson",
    "arrow": "application/vnd.apache.arrow.stream",
    "parquet": "application/vnd.apache.parquet",
}
PROOF_MIMETYPE = "application/vnd.content-metrics.proof+json"
"""Of what `proof=file` answers: not the document that the same address gives as JSON."""
HOW = ("proof", "guard")
"""Parameters that say how an answer is written, not what it is."""
OTHERS = tuple(name for name in MIMETYPES if name != JSON)


def wanted_format(*, others: bool) -> str:
    """One of MIMETYPES. Problem 400 for an unknown `format`, 406 when nothing of what is accepted can be had."""
    known = tuple(MIMETYPES) if others else (JSON,)
    given = request.args.get("format")
    if given is not None:
        if given not in known:
            raise Problem(400, f"format {given!r}; say {' or '.join(known)}", parameter="format", known=list(known))
        return given
    if not request.accept_mimetypes:
        return JSON
    found = request.accept_mimetypes.best_match([MIMETYPES[name] for name in known])
    if found is None:
        if request.accept_mimetypes.accept_html:
            return JSON  # a browser that was pointed here
        raise Problem(406, f"this can be had as {', '.join(MIMETYPES[name] for name in known)}")
    return next(name for name in known if MIMETYPES[name] == found)


def written_as() -> Options:
    """How formats other than JSON are written: without a guard unless it is asked for, since programs read them."""
    return Options.read({name: request.args[name] for name in HOW if name in request.args}, guard=False)
