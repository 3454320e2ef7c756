"""`/download/...`: files over plain HTTP, streamed. What can't be answered is told before the first byte."""

from __future__ import annotations

import logging
import threading
from dataclasses import replace
from urllib.parse import urlencode

from flask import Blueprint, Flask, Response, request
from flask_login import current_user

from dashapp.addresses import public_base, root
from dashapp.api.problems import not_found
from dashapp.downloads.answering import install
from dashapp.downloads.formats import FILES, FORMATS, Format, Options, check_size
from dashapp.downloads.formats.options import WORDS
from dashapp.downloads.page import file_name, page_zip
from dashapp.downloads.proof_file import MIMETYPE, SUFFIX, proof_alone, require_proof_beside
from dashapp.downloads.sources import Asked, chart_table, heading, records_table
from dashapp.downloads.streaming import PLACES, streamed
from dashapp.downloads.table import Table
from dashapp.problem import Problem
from layouts.pages import CHARTS, PAGES, TABLES, TILES
from metricstore import vocabulary
from metricstore.catalogue import MEASUREMENTS
from metricstore.selection import Selection, settled_now
from viewer.request_context import default_selection, store

log = logging.getLogger(__name__)
bp = Blueprint("download", __name__, url_prefix="/download")
install(bp)

_KINDS = ("chart/<name>.<format>", "page/<name>.zip", "records/<name>.<format>", "table/<name>.<format>")
_FIND = "_find."
OPTIONS = frozenset({*WORDS, "format"})
"""Words of a download's address that say how its file is written."""


def init_downloads(app: Flask, threads: int) -> None:
    """Half of the threads may be busy with downloads; the others go on serving pages."""
    app.extensions[PLACES] = threading.BoundedSemaphore(max(1, threads // 2))
    app.register_blueprint(bp)


@bp.before_request
def demand_scope() -> None:
    if not current_user.is_authenticated:
        raise Problem(401, "log in first", headers={"WWW-Authenticate": 'Bearer realm="download"'})
    if not current_user.has_scope("export"):
        raise Problem(403, "this token is not made for downloads: it needs the scope export")


@bp.get("/chart/<name>.<kind>")
def chart(name: str, kind: str) -> Response:
    if name not in CHARTS:
        raise not_found("chart", name, tuple(CHARTS))
    declared, wanted, selection = CHARTS[name], _format(kind), _selection()
    return _file(wanted, chart_table(store(), declared, selection, settled_now(), _view(declared.page)))


@bp.get("/table/<name>.<kind>")
def table(name: str, kind: str) -> Response:
    known = {found.id: (page, found) for page, tables in TABLES.items() for found in tables}
    if name not in known:
        raise not_found("table", name, tuple(known))
    page, listed = known[name]
    wanted, selection = _format(kind), _selection()
    asked = replace(_asked(listed.measurement, listed.columns, listed.order, descending=listed.descending), table=name)
    return _file(wanted, records_table(store(), asked, selection, settled_now(), title=listed.title, name=listed.id,
                                     view=_view(page)))  # fmt: skip


@bp.get("/records/<name>.<kind>")
def records(name: str, kind: str) -> Response:
    """All records of a measurement, or those behind a mark (`_records`, `_value`, `_at`, as in a page's address)."""
    if name not in MEASUREMENTS:
        raise not_found("measurement", name, tuple(MEASUREMENTS))
    wanted, selection = _format(kind), _selection()
    mark = request.args.get("_records")
    if mark is not None and mark not in CHARTS:
        raise not_found("chart", mark, tuple(CHARTS), parameter="_records")
    asked = _asked(name, (), "time", descending=True)
    title = CHARTS[mark].title if mark else heading(name)
    page = CHARTS[mark].page if mark else "events"
    return _file(wanted, records_table(store(), asked, selection, settled_now(), title=f"{title}: records", name=name,
                                     view=_view(page)))  # fmt: skip


@bp.get("/page/<page>.zip")
def whole_page(page: str) -> Response:
    """Every chart and table of a page, each a file in the format `format` says, with a manifest."""
    if page not in TILES:
        raise not_found("page", page, tuple(TILES))
    (form, options), selection, now = _format(request.args.get("format", "csv")), _selection(), settled_now()
    name = file_name(page, selection, now)
    return streamed(
        lambda: page_zip(store(), page, options.in_zip(form), selection, now, _view(page)), name, "application/zip"
    )


@bp.get("/", defaults={"rest": ""})
@bp.get("/<path:rest>")
def unknown(rest: str) -> Response:
    """Without this, Dash's own catch-all would answer with a page."""
    raise not_found("download", rest, _KINDS)


def _format(kind: str) -> tuple[Format, Options]:
    """What is asked for, and how it is to be written."""
    if kind not in FILES:
        raise Problem(404, f"there is no format {kind!r}", parameter="format", known=list(FILES))
    return FORMATS[kind], Options.read(request.args)


def _selection() -> Selection:
    """Of the words that are not the download's own."""
    words = {key: text for key, text in request.args.items() if key not in OPTIONS and not key.startswith("_")}
    return vocabulary.asked(words, store, default_selection())


def _asked(name: str, columns: tuple[str, ...], order: str, *, descending: bool) -> Asked:
    """The table's own state: `_order=-time`, `_columns=all`, `_find.level=error`."""
    words = request.args
    source = MEASUREMENTS[name]
    chosen = words.get("_columns", "")
    if chosen == "all":
        columns = ()
    elif chosen:
        columns = tuple(source.require_column(column) for column in chosen.split(","))
    if "_order" in words:
        order, descending = words["_order"].removeprefix("-"), words["_order"].startswith("-")
    found = {key.removeprefix(_FIND): text for key, text in words.items() if key.startswith(_FIND)}
    for column in found:
        source.require_column(column)
    return Asked(name, columns, source.require_column(order), descending, found,
                 words.get("_records"), words.get("_value"), words.get("_at"))  # fmt: skip


def _view(page: str) -> str:
    """The address of the page that shows the same."""
    kept = [(key, text) for key, text in request.args.items(multi=True)
            if key not in OPTIONS and not key.startswith((_FIND, "_order", "_columns"))]  # fmt: skip
    path = PAGES[page].path if page in PAGES else "/"
    return f"{public_base()}{path}" + (f"?{urlencode(kept)}" if kept else "")


def _file(wanted: tuple[Format, Options], found: Table) -> Response:
    plain, options = wanted
    form, name = options.applied(plain), f"{found.name}.{plain.name}"
    check_size(form, found)
    if options.proof == "beside":
        require_proof_beside(form)
        return streamed(lambda: proof_alone(form, found), f"{name}{SUFFIX}", MIMETYPE)
    answer = streamed(lambda: form.stream(found), name, form.mimetype)
    answer.headers["Link"] = f'<{_proof_address(found)}>; rel="describedby"; type="{MIMETYPE}"'
    return answer


def _proof_address(found: Table) -> str:
    """Where the proof of the very same question is: its range nailed down, since "now" moves on."""
    facts = found.facts
    words = {**request.args, "start": facts.start.isoformat(), "stop": facts.stop.isoformat(), "proof": "file"}
    return f"{root()}{request.path}?{urlencode(words)}"
