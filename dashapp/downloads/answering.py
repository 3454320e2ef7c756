"""Errors of downloads: a page for people who clicked, a problem document for programs."""

from __future__ import annotations

from flask import Blueprint, Response, make_response, render_template, request
from werkzeug.exceptions import HTTPException

from dashapp.api.problems import of_http, of_store, unexpected
from dashapp.problem import Problem
from metricstore.errors import StoreError

_TITLES = {400: "Not possible like this", 403: "Not allowed", 404: "No such download", 503: "Not available just now"}


def install(bp: Blueprint) -> None:
    @bp.errorhandler(Exception)
    def tell(error: Exception) -> Response:
        if isinstance(error, Problem):
            problem = error
        elif isinstance(error, StoreError):
            problem = of_store(error)
        else:
            problem = of_http(error) if isinstance(error, HTTPException) else unexpected(error)
        return page_or_document(problem)


def page_or_document(problem: Problem) -> Response:
    if not wants_page():
        return problem.response()
    text = f"{problem.detail[:1].upper()}{problem.detail[1:].rstrip('.')}."
    if problem.status == 400 and problem.parameter is not None and problem.parameter not in text:
        text = f"{problem.parameter}: {text}"
    title = _TITLES.get(problem.status, "This can't be downloaded")
    error_id = str(problem.more.get("id", ""))
    answer = make_response(render_template("error.html", title=title, text=text, error_id=error_id), problem.status)
    answer.headers.update(problem.headers)
    return answer


def wants_page() -> bool:
    """Browsers say that they take HTML; programs that they take anything."""
    return "text/html" in request.headers.get("Accept", "")
