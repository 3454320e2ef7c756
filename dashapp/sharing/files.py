"""`/share/<kind>/<name>`: every format of what is on screen, and the same as link, curl, Python and command."""

from __future__ import annotations

from flask import Blueprint, abort, current_app, request
from flask_login import current_user

from dashapp.addresses import public_base, root
from dashapp.administration.sections import page
from dashapp.downloads.export import names
from dashapp.downloads.formats import FILES, FORMATS
from dashapp.downloads.sources import heading
from dashapp.sharing.recipes import address, recipes
from layouts.formats import filter_text, span
from layouts.pages import CHARTS, PAGES, TABLES
from metricstore.errors import StoreError
from metricstore.selection import settled_now
from questions.selections import KNOWN
from viewer.request_context import read_selection

bp = Blueprint("share", __name__)
_EXCEL: tuple[tuple[str, dict[str, str]], ...] = (
    ("CSV for spreadsheets", {}),
    ("CSV for spreadsheets with decimal commas", {"decimal": "comma"}),
)


@bp.get("/share/<kind>/<name>")
def share(kind: str, name: str) -> str:
    if name not in names().get(kind, ()):
        abort(404)
    words = shared_words()
    form = request.args.get("_format", "csv")
    form = form if form in FILES else "csv"
    asked = {key: text for key, text in request.args.items() if key.startswith("_") and key not in ("_format",)}
    written = {"proof": "1"} if request.args.get("proof") == "1" and kind != "page" else {}
    base, view = public_base(), {**words, **asked}
    return page(
        "share.html", kind=kind, name=name, title=title_of(kind, name), sentence=sentence(words),
        formats=[(key, FORMATS[key].title, address(root(), kind, name, key, {**view, **_only(key, written)})) for key in FILES],
        excel=[(text, address(root(), kind, name, "csv", {**view, **written, "excel": "1", **more})) for text, more in _EXCEL],
        proof=None if kind == "page" else address(root(), kind, name, "csv", {**view, "proof": "file"}), proven=bool(written),
        chosen=form, words=view,
        recipes=recipes(base, kind, name, form, view, timed=_timed(kind, name, words), options=_only(form, written)),
        embeds=kind in ("chart", "page") and current_user.has_role("analyst"),
    )  # fmt: skip


def _only(form: str, options: dict[str, str]) -> dict[str, str]:
    """Those that mean something to a format: all but rows of text hold their proof themselves."""
    return options if form in ("csv", "ndjson") else {}


def _timed(kind: str, name: str, words: dict[str, str]) -> bool:
    """Whether the rows of a file have a time."""
    return kind != "chart" or (CHARTS[name].every != "none" and words.get("every") != "none")


def shared_words() -> dict[str, str]:
    """The view's own words of the address, its zone always named: who reads it elsewhere may have another."""
    words = {key: text for key, text in request.args.items() if key in KNOWN and text}
    return {"tz": str(current_app.extensions["settings"].timezone), **words}


def title_of(kind: str, name: str) -> str:
    if kind == "chart":
        return CHARTS[name].title
    if kind == "page":
        return PAGES[name].title
    if kind == "table":
        return next(found.title for listed in TABLES.values() for found in listed if found.id == name)
    return f"{heading(name)}: records"


def sentence(words: dict[str, str]) -> str:
    """Range, zone and filters for people; what is wrong with them otherwise."""
    try:
        selection = read_selection(words)
        start, stop = selection.range(settled_now())
    except StoreError as error:
        return str(error)
    filters = [filter_text(column, values) for column, values in selection.where.items()]
    return " · ".join([f"{span(start, stop, selection.timezone)}, {selection.timezone}", *filters])
