"""Pages that come without Dash: one's own account, annotations, goals, and the administrators' area."""

from __future__ import annotations

from flask import Blueprint, Flask

from dashapp.accounts import current_accounts
from dashapp.accounts.annotations import EXTENSION as ANNOTATIONS
from dashapp.accounts.annotations import AnnotationBook
from dashapp.accounts.goals import EXTENSION as GOALS
from dashapp.accounts.goals import GoalBook
from dashapp.administration import account, annotating, audit, goals, segments, tokens, users
from dashapp.administration.sections import ADMINISTRATION, Section, sections_for


def init_administration(app: Flask) -> None:
    """Routes below /account, /annotations, /goals and /admin."""
    with app.app_context():
        app.extensions[ANNOTATIONS] = AnnotationBook(current_accounts())
        app.extensions[GOALS] = GoalBook(current_accounts().database)
    bp = Blueprint("desk", __name__)
    for module in (account, annotating, goals, users, tokens, segments, audit):
        module.register(bp)
    app.register_blueprint(bp)


__all__ = ["ADMINISTRATION", "Section", "init_administration", "sections_for"]
