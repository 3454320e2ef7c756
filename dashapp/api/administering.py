"""What the administration's endpoints share."""

from __future__ import annotations

from typing import Any

from flask import Response

from dashapp.accounts.rights import why_not
from dashapp.api.auth import viewer
from dashapp.api.conditional import plain
from dashapp.api.endpoints import Endpoint
from dashapp.problem import Problem

REFUSED = ((400, "a bad or unknown member"), (403, "not an administrator with an unlimited view"))


def administration(path: str, title: str, answer: str, *errors: tuple[int, str], **more: Any) -> Endpoint:
    """An endpoint for administrators."""
    return Endpoint(
        path, title, answer, errors=(*REFUSED, *errors), scope="admin", role="admin", unlimited=True, **more
    )


def demand_administrator() -> None:
    if (reason := why_not(viewer())) is not None:
        raise Problem(403, reason)


def told(document: object, status: int = 200) -> Response:
    """JSON that no one keeps: it may hold a secret that is shown once."""
    response = plain(document)
    response.status_code = status
    response.headers["Cache-Control"] = "no-store"
    return response
