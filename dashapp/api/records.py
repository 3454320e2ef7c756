"""`/measurements`, `/records` and `/values`: what is stored, and single records of it."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlencode

from flask import Response, request

from dashapp.addresses import root
from dashapp.api import encoding
from dashapp.api.asking import store
from dashapp.api.closed_sets import COLUMN, DIMENSION, FIELD_TYPE, MEASUREMENT, TRUTH_WORD
from dashapp.api.conditional import answer_if_changed, plain
from dashapp.api.emptiness import EMPTY, of_page
from dashapp.api.endpoints import START, STOP, TZ, Endpoint, Parameter, endpoint, params
from dashapp.api.everything import everything, page_table
from dashapp.api.formats import OTHERS
from dashapp.api.metrics import BAD, WRITTEN
from dashapp.api.parameters import MOST_RECORDS, RecordsRequest, range_and_filters
from dashapp.api.problems import not_found
from dashapp.api.schemas import TEXT, TEXTS, TRUTH, WHEN, data_of, listed, matching, maybe, record, some
from metricstore.catalogue import MEASUREMENTS, Measurement
from metricstore.query import RecordQuery
from metricstore.selection import settled_now

_COLUMNS = sorted({name for source in MEASUREMENTS.values() for name in source.columns})
ORDER = Parameter("order", "column to sort by; a leading `-` means descending", "`-time`",
                  matching(rf"^-?({'|'.join(dict.fromkeys(['time', *_COLUMNS]))})$", "-time"))  # fmt: skip
LIMIT = Parameter("limit", f"records a page, at most {MOST_RECORDS}; `all` streams every one", "`100`",
                  matching(r"^(all|[1-9][0-9]{0,3})$", "50", "all"))  # fmt: skip
CURSOR = Parameter("cursor", "`next_cursor` of the page before; leave all other parameters as they were")
COLUMNS = Parameter("columns", "columns wanted, separated by commas", "all", listed(COLUMN))
TOTAL = Parameter("total", "`true` also counts all records of the question", "`false`", TRUTH_WORD)

_TIME = {"type": "string", "description": "ISO 8601 with offset; a date alone where its source gives no time of day"}
ROW = record("Record", time=_TIME, id=TEXT)


@endpoint(Endpoint("/measurements", "Everything that is stored: tags, fields, types, units, meanings",
                   "`{data: [{name, title, time, tags: [{name, meaning, values}], "
                   "fields: [{name, type, unit, meaning, dimension, values}]}]}`",
                   example="/api/v1/measurements",
                   schema=data_of(record("Measurement", name=MEASUREMENT, title=TEXT, time=TEXT,
                                         tags=some(record("Tag", name=TEXT, meaning=TEXT, values=TEXTS)),
                                         fields=some(record("Field", name=TEXT, type=FIELD_TYPE, unit=maybe(TEXT), meaning=TEXT,
                                                            dimension=TRUTH, values=TEXTS))))))  # fmt: skip
def measurements() -> Response:
    return plain({"data": [_described(source) for source in MEASUREMENTS.values()]})


@endpoint(Endpoint(
    "/records/<measurement>", "Single records, page by page",
    "`{measurement, start, stop, timezone, data: [{time, id, <columns>}], next_cursor, total?, empty}`; `empty`: why there are none, as in `/metrics/<name>`; "
    "the next page is also in the `Link` header",
    (START, STOP, ORDER, LIMIT, CURSOR, COLUMNS, TOTAL, TZ, *WRITTEN), filters=True, errors=BAD,
    places={"measurement": MEASUREMENT}, formats=OTHERS,
    schema={**record("RecordList", measurement=MEASUREMENT, start=WHEN, stop=WHEN, timezone=TEXT, data=some(ROW), next_cursor=maybe(TEXT), empty=EMPTY),
            "description": "`limit=all` has no next_cursor"},
    example="/api/v1/records/log_record?start=-24h&level=ERROR&message=~timeout&limit=50",
))  # fmt: skip
def records(measurement: str) -> Response:
    source = _source(measurement)
    return paged(source, RecordsRequest.read(source, params(), store), {"measurement": source.name})


def paged(source: Measurement, asked: RecordsRequest, about: Mapping[str, object]) -> Response:
    """A page of what is asked for, or all of it as a stream; `about` begins the document."""
    now = settled_now()
    query = asked.query(source, now)
    seen = store()
    if asked.all:
        return everything(seen, source, asked, query, now, about)
    zone = asked.selection.timezone
    following: list[str] = []

    def make() -> object:
        page = seen.records(query, count=asked.total)
        if page.next_cursor:
            following.append(page.next_cursor)
        document = {
            **about,
            "start": encoding.moment(query.start, zone),
            "stop": encoding.moment(query.stop, zone),
            "timezone": zone,
            "data": encoding.records(page.frame, source, zone),
            "next_cursor": page.next_cursor,
            "empty": of_page(seen, query, asked.selection) if page.frame.empty and not query.cursor else None,
        }
        return document | ({"total": page.total} if asked.total else {})

    response = answer_if_changed(
        seen, [source.name], (query.start, query.stop), make, lambda: page_table(seen, asked, query, now, following)
    )
    for cursor in following:
        response.headers["Link"] = f'<{_next_page(query, cursor)}>; rel="next"'
    return response


@endpoint(Endpoint(
    "/values/<measurement>/<dimension>", "The different values of a tag or dimension, sorted",
    "`{measurement, dimension, data: [value]}`", (START, STOP, TZ), filters=True, errors=BAD,
    places={"measurement": MEASUREMENT, "dimension": DIMENSION},
    schema=record("ValueList", measurement=MEASUREMENT, dimension=DIMENSION, data=TEXTS),
    example="/api/v1/values/log_record/event?start=-7d",
))  # fmt: skip
def values(measurement: str, dimension: str) -> Response:
    source = _source(measurement)
    if dimension not in source.dimensions:
        raise not_found("dimension", dimension, source.dimensions, parameter="dimension")
    selection = range_and_filters(source, params(), store)
    start, stop = selection.range(settled_now())
    seen = store()

    def make() -> object:
        found = seen.values(source.name, dimension, start, stop, selection.filters(source.columns), selection.timezone)
        return {"measurement": source.name, "dimension": dimension, "data": found}

    return answer_if_changed(seen, [source.name], (start, stop), make)


def _source(name: str) -> Measurement:
    if name not in MEASUREMENTS:
        raise not_found("measurement", name, tuple(MEASUREMENTS), parameter="measurement")
    return MEASUREMENTS[name]


def _next_page(query: RecordQuery, cursor: str) -> str:
    """The same address with the cursor, its range nailed down so that pages fit together."""
    kept = [(key, text) for key, text in request.args.items(multi=True) if key not in ("cursor", "start", "stop")]
    nailed = [("start", query.start.isoformat()), ("stop", query.stop.isoformat()), ("cursor", cursor)]
    return f"{root()}{request.path}?{urlencode([*kept, *nailed])}"


def _described(source: Measurement) -> dict[str, object]:
    return {
        "name": source.name,
        "title": source.title,
        "time": source.time,
        "tags": [{"name": tag.name, "meaning": tag.meaning, "values": list(tag.values)} for tag in source.tags],
        "fields": [
            {
                "name": field.name,
                "type": field.type,
                "unit": field.unit or None,
                "meaning": field.meaning,
                "dimension": field.dimension,
                "values": list(field.values),
            }
            for field in source.fields
        ],
    }
