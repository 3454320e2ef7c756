"""Records beyond one page: every one of a question as a stream, and a page in formats other than JSON."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime

import orjson
from flask import Response

from dashapp.api import encoding
from dashapp.api.emptiness import of_page
from dashapp.api.formats import JSON, MIMETYPES, wanted_format, written_as
from dashapp.api.parameters import RecordsRequest
from dashapp.downloads.formats import FORMATS
from dashapp.downloads.proof_file import MIMETYPE, proof_alone, require_proof_beside
from dashapp.downloads.sources import Asked, heading, records_table
from dashapp.downloads.streaming import streamed
from dashapp.downloads.table import Table
from metricstore.catalogue import Measurement
from metricstore.dates import DATED
from metricstore.paging import identities
from metricstore.query import RecordQuery
from metricstore.selection import Selection
from metricstore.store import Store

_AT_ONCE = 5_000
"""Rows spelled at once."""


def everything(
    seen: Store, source: Measurement, asked: RecordsRequest, query: RecordQuery, now: datetime, about: Mapping[str, object]
) -> Response:  # fmt: skip
    """`about` begins the document. In constant memory; no end mark is written when it breaks off halfway, so that a cut answer is seen to be cut."""
    form, mimetype = wanted_format(others=True), ""
    options = written_as()
    if form == JSON:
        total = seen.records(replace(query, limit=1), count=True).total if asked.total else None

        def begin() -> Iterator[bytes]:
            return _document(seen, query, asked.selection, total, about)
    else:
        table, chosen = _table(seen, asked, now), options.applied(FORMATS[form])
        if options.proof == "beside":
            require_proof_beside(chosen)
            mimetype = MIMETYPE

        def begin() -> Iterator[bytes]:
            return proof_alone(chosen, table) if options.proof == "beside" else chosen.stream(table)

    answer = streamed(begin, source.name, mimetype or MIMETYPES[form], attached=False)
    answer.headers["Cache-Control"] = "private, no-cache"
    return answer


def page_table(seen: Store, asked: RecordsRequest, query: RecordQuery, now: datetime, following: list[str]) -> Table:
    """One page; the next one's cursor is added to `following`."""
    page = seen.records(query)
    if page.next_cursor:
        following.append(page.next_cursor)
    return replace(_table(seen, asked, now), frames=lambda: iter([page.frame]), lines=None, rows=len(page.frame))


def _table(seen: Store, asked: RecordsRequest, now: datetime) -> Table:
    name = asked.source
    listed = asked.table
    own = Asked(name, asked.columns, asked.order, asked.descending, table=listed.id if listed else None)
    title = listed.title if listed else heading(name)
    return records_table(seen, own, asked.selection, now, title=title, name=listed.id if listed else name)


def _document(
    seen: Store, query: RecordQuery, selection: Selection, total: int | None, about: Mapping[str, object]
) -> Iterator[bytes]:  # fmt: skip
    source, zone = query.source, selection.timezone
    head = {**about, "start": encoding.moment(query.start, zone), "stop": encoding.moment(query.stop, zone),
            "timezone": zone, "next_cursor": None}  # fmt: skip
    told = head if total is None else head | {"total": total}
    names = query.columns or source.columns
    pieces = seen.stream(replace(query, columns=tuple(dict.fromkeys((*source.tag_names, *names)))))
    begin = orjson.dumps(told)[:-1] + b',"data":['
    for piece in pieces:
        for first in range(0, len(piece), _AT_ONCE):
            frame = piece.iloc[first : first + _AT_ONCE]
            shown = [name for name in ("time", DATED, *names) if name in frame]
            rows = encoding.records(frame[shown].assign(_id=identities(source, frame)), source, zone)
            yield begin + b",".join(encoding.dumps(row) for row in rows)
            begin = b","
    empty = None if begin == b"," else of_page(seen, query, selection)
    yield (begin if begin != b"," else b"") + b'],"empty":' + encoding.dumps(empty) + b"}\n"
