"""The page "Alerts": what is open, one alert, rules made by a form. What they show is read from the accounts database.

`desk` is what all of them use, `guards` says who may, `showing` and `lists` turn things into words; `overview`, `one_alert`, `changes`,
`rules`, `shipped` and `by_link` are the addresses. A rule goes from `rule_form` by `rule_text` to `tried` and `course_picture`.
"""

from __future__ import annotations

from flask import Blueprint, Flask

from dashapp.accounts import current_accounts
from dashapp.alerts.episodes import EpisodeBook
from dashapp.alerts.pages import by_link, changes, one_alert, overview, rules, shipped
from dashapp.alerts.pages.desk import EXTENSION, Desk
from layouts.panel import EPISODES


def init_alert_pages(app: Flask) -> None:
    """Routes below /alerts."""
    with app.app_context():
        app.extensions[EXTENSION] = Desk.over(current_accounts().database)
        app.extensions[EPISODES] = EpisodeBook(current_accounts().database)
    bp = Blueprint("alerts", __name__)
    for module in (overview, one_alert, changes, rules, shipped, by_link):
        module.register(bp)
    app.register_blueprint(bp)


__all__ = ["init_alert_pages"]
