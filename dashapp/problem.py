"""An error as an RFC 9457 problem document."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus

import orjson
from flask import Response, request


class Problem(Exception):
    """An error that knows how it is to be told. `parameter` names the query parameter or path part at fault."""

    def __init__(
        self, status: int, detail: str, *, parameter: str | None = None, headers: Mapping[str, str] | None = None,
        **more: object,
    ) -> None:  # fmt: skip
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.parameter = parameter
        self.headers = dict(headers or {})
        self.more = more

    def response(self) -> Response:
        title = HTTPStatus(self.status).phrase
        document = {
            "type": "about:blank",
            "title": title,
            "status": self.status,
            "detail": self.detail,
            "instance": request.full_path.rstrip("?"),
            **({"parameter": self.parameter} if self.parameter is not None else {}),
            **self.more,
        }
        answer = Response(orjson.dumps(document), self.status, mimetype="application/problem+json")
        answer.headers.update(self.headers)
        answer.headers["Cache-Control"] = "no-store"
        return answer
