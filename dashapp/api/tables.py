"""`/tables`: the tables of records that pages show, with the very rows, columns and order they have there."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from flask import Response

from dashapp.api.asking import store
from dashapp.api.closed_sets import COLUMN_KIND, MEASUREMENT, PAGE, TABLE
from dashapp.api.conditional import plain
from dashapp.api.emptiness import EMPTY
from dashapp.api.endpoints import START, STOP, TZ, Endpoint, endpoint, params
from dashapp.api.formats import OTHERS
from dashapp.api.metrics import BAD, WRITTEN
from dashapp.api.parameters import RecordsRequest
from dashapp.api.problems import not_found
from dashapp.api.records import COLUMNS, CURSOR, LIMIT, ORDER, ROW, TOTAL, paged
from dashapp.api.schemas import TEXT, TRUTH, WHEN, data_of, maybe, record, some
from layouts.formats import column_name
from layouts.pages import TABLES
from metricstore.spelling import kind_of

if TYPE_CHECKING:
    from layouts.tables import Table

_PAGES = {listed.id: page for page, tables in TABLES.items() for listed in tables}
_TABLES = {listed.id: listed for tables in TABLES.values() for listed in tables}
_COLUMN = record("TableColumn", name=TEXT, title=TEXT, type=COLUMN_KIND, unit=maybe(TEXT), meaning=TEXT)


@endpoint(Endpoint(
    "/tables", "All tables of the pages",
    "`{data: [{id, title, page, measurement, order, ahead, note, columns: [{name, title, type, unit, meaning}]}]}`",
    example="/api/v1/tables",
    schema=data_of(record("Table", id=TABLE, title=TEXT, page=PAGE, measurement=MEASUREMENT, order=TEXT, ahead=TRUTH, note=maybe(TEXT),
                   columns=some(_COLUMN))),
))  # fmt: skip
def tables() -> Response:
    return plain({"data": [_described(listed) for listed in _TABLES.values()]})


@endpoint(Endpoint(
    "/tables/<name>/data", "The rows of a table, by the words of its page's address",
    "as `/records/<measurement>`, with `table` before it; one that is `ahead` shows what is to come, whatever the range",
    (START, STOP, replace(ORDER, default="the table's own"), LIMIT, CURSOR, replace(COLUMNS, default="the table's own"),
     TOTAL, TZ, *WRITTEN),
    filters=True, errors=BAD, places={"name": TABLE}, formats=OTHERS,
    schema={**record("TableRowList", table=TABLE, measurement=MEASUREMENT, start=WHEN, stop=WHEN, timezone=TEXT, data=some(ROW), next_cursor=maybe(TEXT), empty=EMPTY),
            "description": "`limit=all` has no next_cursor"},
    example="/api/v1/tables/failed_posts/data?start=-30d&platform=linkedin&format=csv",
))  # fmt: skip
def table_data(name: str) -> Response:
    if name not in _TABLES:
        raise not_found("table", name, tuple(_TABLES))
    listed = _TABLES[name]
    asked = RecordsRequest.read(listed.source, params(), store, listed)
    return paged(listed.source, asked, {"table": listed.id, "measurement": listed.measurement})


def _described(listed: Table) -> dict[str, object]:
    return {
        "id": listed.id,
        "title": listed.title,
        "page": _PAGES[listed.id],
        "measurement": listed.measurement,
        "order": f"{'-' if listed.descending else ''}{listed.order}",
        "ahead": listed.ahead,
        "note": listed.note or None,
        "columns": [_column(listed, name) for name in listed.columns],
    }


def _column(listed: Table, name: str) -> dict[str, object]:
    source = listed.source
    about: dict[str, object] = {"name": name, "title": column_name(name), "type": kind_of(source, name)}
    if name == "time":
        return about | {"unit": None, "meaning": source.time}
    if not source.has_field(name):
        return about | {"unit": None, "meaning": next(tag.meaning for tag in source.tags if tag.name == name)}
    return about | {"unit": source.field(name).unit or None, "meaning": source.field(name).meaning}
