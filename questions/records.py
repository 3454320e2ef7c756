"""One record, and the log around it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pandas as pd

from layouts.tables import dicts
from metricstore.query import Filter, RecordQuery
from metricstore.store import Store

AROUND = 12
"""Log records shown before and after the one asked for, in lines of the file."""


_NEAR = timedelta(days=2)
"""After a rotation another file has the same name and lines: only records of about the same time belong together."""


def one_record(source: Store, name: str, time: pd.Timestamp, identity: str) -> dict[str, Any] | None:
    """The record with that identity, which begins with the time it is stored at: that narrows the search to a microsecond."""
    stored = identity.partition(",")[0]
    time = pd.Timestamp(int(stored), tz="UTC") if stored.isdecimal() and len(stored) < 20 else time
    start = time.floor("us").to_pydatetime(warn=False)
    frame = source.records(RecordQuery(name, start, start + timedelta(microseconds=1), limit=1000)).frame
    own = frame[frame["_id"] == identity]
    return None if own.empty else dicts(own)[0]


def around(source: Store, file: str, line: int, time: datetime) -> pd.DataFrame:
    """Log records of the same file and about the same time, in the file's order."""
    where = (
        Filter("file", "any", (file,)),
        Filter("line", "min", (line - AROUND,)),
        Filter("line", "max", (line + AROUND,)),
    )
    columns = ("level", "event", "message", "file", "line")
    return source.records(
        RecordQuery("log_record", time - _NEAR, time + _NEAR, where, columns, "line", descending=False, limit=200)
    ).frame
