"""Pages that come without Dash: one's own account, annotations, and the administrators' area."""

from __future__ import annotations

from flask import Blueprint, Flask

from dashapp.accounts import current_accounts
from dashapp.accounts.annotations import EXTENSION as ANNOTATIONS
from dashapp.accounts.annotations import AnnotationBook
from dashapp.administration import account, annotating, audit, segments, tokens, users
from dashapp.administration.sections import ADMINISTRATION, Section, sections_for


def init_administration(app: Flask) -> None:
    """Routes below /account, /annotations and /admin."""
    with app.app_context():
        app.extensions[ANNOTATIONS] = AnnotationBook(current_accounts())
    bp = Blueprint("desk", __name__)
    for module in (account, annotating, users, tokens, segments, audit):
        module.register(bp)
    app.register_blueprint(bp)


__all__ = ["ADMINISTRATION", "Section", "init_administration", "sections_for"]
