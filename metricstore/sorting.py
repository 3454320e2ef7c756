"""Sorting more records than memory should hold: DuckDB does it in a file of its own that is thrown away."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import duckdb
import pandas as pd
from sqlglot import exp

from metricstore.dates import DATED
from metricstore.errors import StoreFailed
from metricstore.query import RecordQuery
from metricstore.streaming import ROWS

_MEMORY = "96MB"
_DIALECT = "duckdb"
_TIME = "time"


def by_time(query: RecordQuery) -> RecordQuery:
    """The question whose records, by time, `sorted_on_disk` puts into the order of `query`."""
    source = query.source
    fields = [name for name in query.wanted if source.has_field(name)]
    if source.has_field(query.order) and query.order not in fields:
        fields.append(query.order)
    return replace(query, order="time", columns=(*source.tag_names, *fields))


def sorted_on_disk(frames: Iterator[pd.DataFrame], query: RecordQuery) -> Iterator[pd.DataFrame]:
    """The rows of `frames` (`time`, all tags, the asked fields and the order's column) as `query` sorts them:
    by its column, then time, then tags; what lacks the column comes last."""
    try:
        yield from _sorted(frames, query)
    except duckdb.Error as error:
        raise StoreFailed("the records could not be sorted", error) from error


def _sorted(frames: Iterator[pd.DataFrame], query: RecordQuery) -> Iterator[pd.DataFrame]:
    with tempfile.TemporaryDirectory(prefix="sorting-") as folder:
        connection = duckdb.connect(str(Path(folder) / "rows.duckdb"), config={"threads": 2, "memory_limit": _MEMORY})
        try:
            types = _filled(connection, frames)
            if types is None:
                return
            connection.execute(_text(query))
            while len(frame := connection.fetch_df_chunk(ROWS // 8192)):
                frame[_TIME] = pd.DatetimeIndex(frame[_TIME].to_numpy(dtype="int64").view("M8[ns]")).tz_localize("UTC")
                yield frame.astype({name: kind for name, kind in types.items() if name in frame and name != _TIME})
        finally:
            connection.close()


def _filled(connection: duckdb.DuckDBPyConnection, frames: Iterator[pd.DataFrame]) -> dict[str, object] | None:
    """Times are kept as nanoseconds, which DuckDB's timestamps with a zone would cut."""
    types: dict[str, object] | None = None
    for frame in frames:
        plain = frame.assign(**{_TIME: frame[_TIME].astype("int64")})
        plain = plain.assign(
            **{name: plain[name].astype(object) for name in map(str, plain) if plain[name].dtype == "str"}
        )
        connection.register("piece", plain)
        if types is None:
            types = {str(name): kind for name, kind in frame.dtypes.items()}
            columns = ", ".join(f"{_quoted(name)} {_sql_type(kind)}" for name, kind in types.items())
            connection.execute(f"CREATE TABLE rows ({columns})")
        connection.execute("INSERT INTO rows BY NAME SELECT * FROM piece")
        connection.unregister("piece")
    return types


def _quoted(name: str) -> str:
    return exp.to_identifier(name, quoted=True).sql(dialect=_DIALECT)


def _sql_type(kind: object) -> str:
    text = str(kind)
    if text.startswith("datetime64") or text == "Int64":
        return "BIGINT"
    return "DOUBLE" if text == "float64" else "VARCHAR"


def _text(query: RecordQuery) -> str:
    tags = query.source.tag_names
    keys: list[exp.Expression] = [exp.column(query.order, quoted=True), exp.column(_TIME, quoted=True)]
    keys += [exp.func("coalesce", exp.column(name, quoted=True), exp.Literal.string("")) for name in tags]
    order = [exp.Ordered(this=key, desc=query.descending, nulls_first=False) for key in keys]
    dated = (DATED,) if query.source.dates else ()
    chosen = [exp.column(name, quoted=True) for name in (_TIME, *dated, *query.wanted)]
    return exp.select(*chosen).from_("rows").order_by(*order).sql(dialect=_DIALECT)
