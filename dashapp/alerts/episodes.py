"""Episodes of alerts in the accounts database, for charts."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import func, or_, select

from alerting.alert import CORRECTED
from dashapp.accounts.alert_rows import AlertEpisodeRow, table_of
from dashapp.accounts.database import Database
from dashapp.alerts.times import precise
from metricstore.episode import Episode
from metricstore.errors import StoreError
from metricstore.segment import Segment

_T = table_of(AlertEpisodeRow)
_REVISION = select(func.count(), func.max(_T.c.changed))


def _covers(written: str) -> Mapping[str, str]:
    """What can't be read any more, as that of a column that is gone, counts as about all data: who sees a part does not see it."""
    found: dict[str, str] = json.loads(written)
    try:
        Segment.from_params(found)
    except StoreError:
        return {}
    return found


class EpisodeBook:
    """Of all rules; who may see which is `metricstore.episode.seen`'s."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def within(self, metrics: Collection[str], start: datetime, stop: datetime) -> list[Episode]:
        """What was corrected was no alert, and is left out."""
        wanted = (
            select(_T)
            .where(_T.c.metric.in_(list(metrics)), _T.c.how != CORRECTED, _T.c.started < precise(stop))
            .where(or_(_T.c.ended == "", _T.c.ended > precise(start)))
            .order_by(_T.c.started)
        )
        with self._database.connection() as connection:
            rows = connection.execute(wanted).all()
        return [
            Episode(
                row.metric, row.title, row.labels, datetime.fromisoformat(row.started),
                datetime.fromisoformat(row.ended) if row.ended else None, _covers(row.covers),
            )
            for row in rows
        ]  # fmt: skip

    def revision(self) -> str:
        with self._database.connection() as connection:
            return " ".join(map(str, connection.execute(_REVISION).one()))
