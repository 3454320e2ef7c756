"""Which of several machines collects."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

from dashapp.accounts.database import HEAD, Database
from dashapp.collecting.agreement import agrees, prefix
from dashapp.collecting.holder import standing
from dashapp.doctor.finding import Finding
from dashapp.settings import Settings

_SUBJECT = "collecting"


def check(settings: Settings) -> Iterator[Finding]:
    """Nothing where machines have nothing to agree by: the store then belongs to one process, or is this machine's alone."""
    if not agrees(settings):
        return
    with closing(Database(settings.accounts_url)) as database:
        try:
            if database.version() != HEAD:
                return
            found = standing(database, prefix(settings))
        except Exception:
            return  # the check of the accounts says what is wrong with them
    sentence = found.sentence.rstrip(".")
    hint = (
        ""
        if found.works
        else "Start `dashapp collect` on one machine, or on several: one of them collects, the others stand by."
    )
    yield Finding(_SUBJECT, "ok" if found.works else "warning", f"{sentence[0].lower()}{sentence[1:]}", hint)
