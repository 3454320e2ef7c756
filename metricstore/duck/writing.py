"""Points into tables, a column at a time: a batch is one MERGE for each measurement."""

from __future__ import annotations

from functools import lru_cache

import duckdb
from sqlglot import exp

from metricstore.catalogue import Measurement, measurement
from metricstore.duck.dialect import DUCKDB
from metricstore.sql.batches import Batch
from metricstore.sql.trees import column, placeholder, table

_BATCH = "_incoming"  # never a measurement's name: it would hide that table


def merge(connection: duckdb.DuckDBPyConnection, batch: Batch) -> None:
    """Write a batch: fields replace those of the same name, other fields of the same identity stay."""
    connection.register(_BATCH, batch.columns)
    try:
        connection.execute(_merge_text(batch.measurement, batch.fields), [batch.first, batch.last])
    finally:
        connection.unregister(_BATCH)


def remove(connection: duckdb.DuckDBPyConnection, batch: Batch) -> None:
    """Delete the rows with the batch's identities."""
    connection.register(_BATCH, batch.columns)
    try:
        connection.execute(_delete_text(batch.measurement), [batch.first, batch.last])
    finally:
        connection.unregister(_BATCH)


def _own(name: str) -> exp.Column:
    return column(name, "stored")


def _new(name: str) -> exp.Column:
    return column(name, _BATCH)


def _same(source: Measurement) -> exp.Expression:
    """Equal identities. The batch's range of times lets DuckDB skip what can't match."""
    equal = [exp.EQ(this=_own(name), expression=_new(name)) for name in ("time", *source.tag_names)]
    within = exp.Between(this=_own("time"), low=placeholder(), high=placeholder())
    return exp.and_(*equal, within)


def _stored(name: str) -> exp.Table:
    return exp.Table(this=exp.to_identifier(name, quoted=True), alias=exp.TableAlias(this=exp.to_identifier("stored")))


@lru_cache(maxsize=256)
def _merge_text(name: str, fields: tuple[str, ...]) -> str:
    source = measurement(name)
    columns = ("time", *source.tag_names, *fields)
    changes = [
        exp.EQ(this=column(field), expression=exp.func("coalesce", _new(field), _own(field))) for field in fields
    ]
    update = exp.When(matched=True, then=exp.Update(expressions=changes))
    row = exp.Tuple(expressions=[column(one) for one in columns])
    values = exp.Tuple(expressions=[_new(one) for one in columns])
    insert = exp.When(matched=False, then=exp.Insert(this=row, expression=values))
    return DUCKDB.text(
        exp.Merge(
            this=_stored(name),
            using=table(_BATCH),
            on=_same(source),
            whens=exp.Whens(expressions=[update, insert]),
        )
    )


@lru_cache(maxsize=64)
def _delete_text(name: str) -> str:
    condition = _same(measurement(name))
    return DUCKDB.text(exp.Delete(this=_stored(name), using=[table(_BATCH)], where=exp.Where(this=condition)))
