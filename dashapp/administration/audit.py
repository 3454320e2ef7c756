"""Administrators: who did what."""

from __future__ import annotations

from flask import Blueprint

from dashapp.accounts import current_accounts
from dashapp.administration.sections import administrators_only, page

MOST = 300


def register(bp: Blueprint) -> None:
    bp.add_url_rule("/admin/audit", "audit", audit)


@administrators_only
def audit() -> str:
    return page("audit.html", entries=current_accounts().audit(MOST), most=MOST)
