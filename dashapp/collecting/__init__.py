"""Which of several machines collects: a lease and the checkpoints that all of them share, both in the accounts database.

`agreement` says whether settings make machines agree, `lease` is who may collect, `place` what a data folder is known by, `checkpoints` how
far it has got, `holder` who it is for those who look, `replacing` what a restore does to all of it.
"""

# Imports inside functions: commands that show no pages load nothing of them.

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask

    from dashapp.settings import Settings


def init_collecting(app: Flask, settings: Settings) -> None:
    """Data health says who collects."""
    from sqlalchemy.exc import SQLAlchemyError

    from dashapp.accounts import EXTENSION
    from dashapp.collecting.agreement import agrees, prefix
    from dashapp.collecting.holder import standing
    from viewer.request_context import COLLECTING

    if not agrees(settings):
        return
    database, names = app.extensions[EXTENSION].database, prefix(settings)

    def sentence() -> str:
        try:
            return standing(database, names).sentence
        except SQLAlchemyError:
            return ""  # the page is about the store, which may well answer

    app.extensions[COLLECTING] = sentence
