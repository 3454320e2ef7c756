"""Answers that say when they are still the same: ETag from the store's revision and the question."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime

from flask import Response, request

from dashapp.api.auth import viewer
from dashapp.api.encoding import dumps
from dashapp.api.formats import JSON, wanted_format, written_as
from dashapp.downloads.formats import FORMATS
from dashapp.downloads.proof_file import MIMETYPE, proof_alone, require_proof_beside
from dashapp.downloads.table import Table
from metricstore import gaps
from metricstore.metrics import Metric
from metricstore.questions import questions
from metricstore.restriction import access
from metricstore.selection import Selection
from metricstore.store import Store


def answer_if_changed(
    store: Store,
    measurements: Iterable[str],
    question: Iterable[object],
    make: Callable[[], object],
    table: Callable[[], Table] | None = None,
) -> Response:
    """304 when the caller's ETag still holds, else `make()` as JSON. `question` is all that decides the answer
    beside what is stored: resolved range, filters, address. `table` makes the same answer for formats other than JSON."""
    revisions = [f"{name}={store.revision(name)}" for name in sorted(set(measurements))]
    form = wanted_format(others=table is not None)
    if table is not None:
        written_as()  # a bad word is an error in JSON, too
    parts = [form, request.path, *sorted(request.args.items(multi=True)), viewer().segments, *revisions, *question]
    tag = hashlib.blake2b("\x00".join(map(str, parts)).encode(), digest_size=12).hexdigest()
    if request.if_none_match.contains_weak(tag):
        return _marked(Response(status=304), tag)
    if form == JSON or table is None:
        return _marked(plain(make()), tag)
    return _marked(as_file(table(), form), tag)


def known_windows(
    store: Store, metrics: Iterable[Metric], selection: Selection, now: datetime
) -> Iterator[tuple[datetime | None, ...]]:
    """What is collected of a question's windows, as a part of `question`: an answer changes when a gap closes."""
    for metric in metrics:
        yield gaps.covered(store, metric, access(store).narrowed(questions(metric, selection, now=now)[0]))


def as_file(table: Table, form: str) -> Response:
    """A small table, whole; with `proof=file` what proves it."""
    options = written_as()
    chosen = options.applied(FORMATS[form])
    if options.proof == "beside":
        require_proof_beside(chosen)
        return Response(b"".join(proof_alone(chosen, table)), mimetype=MIMETYPE)
    return Response(b"".join(chosen.stream(table)), mimetype=chosen.mimetype)


def plain(document: object) -> Response:
    """JSON that is no one else's business and is asked anew each time."""
    response = Response(dumps(document), mimetype="application/json")
    response.headers["Cache-Control"] = "private, no-cache"
    return response


def _marked(response: Response, tag: str) -> Response:
    # Weak, because compression may change the bytes behind it.
    response.set_etag(tag, weak=True)
    response.headers["Cache-Control"] = "private, no-cache"
    response.headers.add("Vary", "Accept, Authorization, Cookie")
    return response
