"""`/embed/<id>`: open to whoever has the link. No cookie is read or set, and nothing leads to the login page."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable
from typing import TypeVar, cast
from urllib.parse import urlsplit

from flask import (
    Blueprint,
    Flask,
    Response,
    abort,
    copy_current_request_context,
    current_app,
    jsonify,
    make_response,
    render_template,
    request,
    send_from_directory,
)

from callbacks.asking import default_selection, known_revisions
from dashapp.accounts import current_accounts
from dashapp.accounts.database import now as current_time
from dashapp.addresses import ASSETS
from dashapp.downloads.formats import FORMATS, Options
from dashapp.downloads.page import file_name, page_zip
from dashapp.downloads.proof_file import MIMETYPE, SUFFIX, proof_alone
from dashapp.downloads.sources import chart_table
from dashapp.embeds import answering, keeping, stills
from dashapp.embeds.answering import FRESH_SECONDS, Refused, file_href, notice, with_headers, with_picture_headers
from dashapp.embeds.model import Embed
from dashapp.embeds.page import body
from dashapp.embeds.showing import USUAL_WIDTH, WIDTHS, View, show, themes_of, view
from dashapp.embeds.signing import genuine
from dashapp.lastgood import Kept, LastGood
from dashapp.security.guard import public
from layouts.charts import Theme
from layouts.formats import moment
from layouts.panel import measurements_of
from metricstore.errors import InvalidQuestion, NotAllowed, StoreError, UnknownName
from metricstore.selection import settled_now
from metricstore.store import Store

log = logging.getLogger(__name__)
bp = Blueprint("embed", __name__, url_prefix="/embed")

LAST_GOOD = "embed_last_good"
_PRIVATE = "private, no-cache"
T = TypeVar("T")


def init_embeds(app: Flask) -> None:
    folder = "embeds-demo" if app.extensions["demo"] else "embeds"
    app.extensions[LAST_GOOD] = LastGood(app.extensions["settings"].data_dir / folder)
    app.register_blueprint(bp)


@bp.errorhandler(Refused)
def refused(refusal: Refused) -> Response:
    return notice(refusal.why)


@bp.get("/<id>")
@public
def frame(id: str) -> Response:
    """The page for a frame."""
    embed = _embed(id)
    seen = _view(embed)
    width = _width()
    inside, older = _lasting(_key(embed, "page"), lambda: body(seen, width), patient=False)
    keeping.used(current_accounts(), embed, _using_page())
    answer = make_response(
        render_template(
            "embed/frame.html", embed=embed, body=inside, older=_older(seen, older) if older else "",
            css=answering.css(), script=file_href("embed/embed.js"), plotly=file_href(answering.PLOTLY),
        )
    )  # fmt: skip
    return with_headers(answer, embed, _PRIVATE)


@bp.get("/<id>.json")
@public
def figures(id: str) -> Response:
    """The same pictures as figures, for those who point at them."""
    embed = _embed(id)
    seen, theme = _view(embed), _theme(embed)
    found = {chart.id: _asked(lambda chart=chart: show(seen, chart, (theme,))) for chart in seen.charts}  # type: ignore[misc]
    answer = jsonify({name: one.figures[theme].to_plotly_json() for name, one in found.items() if one.figures})
    return with_headers(answer, embed, _PRIVATE)


@bp.get("/<id>.svg")
@public
def svg(id: str) -> Response:
    return _still(id, "image/svg+xml", lambda drawn, _scale: drawn.encode())


@bp.get("/<id>.png")
@public
def png(id: str) -> Response:
    return _still(id, "image/png", stills.rastered)


@bp.get("/<id>.csv")
@public
def csv(id: str) -> Response:
    """A chart's numbers, where the embed lets them be taken away; with `proof=file` what proves them."""
    embed = _may_download(id, "chart")
    seen, options = _view(embed), _asked(lambda: Options.read(request.args))
    table = _asked(lambda: chart_table(seen.store, seen.charts[0], seen.selection, seen.now, request.url))
    form = options.applied(FORMATS["csv"])
    if options.proof == "beside":
        proof = Response(b"".join(proof_alone(form, table)), mimetype=MIMETYPE)
        return _attached(proof, embed, f"{table.name}.csv{SUFFIX}")
    return _attached(Response(b"".join(form.stream(table)), mimetype="text/csv"), embed, f"{table.name}.csv")


@bp.get("/<id>.zip")
@public
def zipped(id: str) -> Response:
    """A page's numbers: a file for each chart and table."""
    embed = _may_download(id, "page")
    seen, name = _view(embed), embed.wanted.name
    form = _asked(lambda: Options.read(request.args)).in_zip(FORMATS["csv"])
    pieces = _asked(lambda: list(page_zip(seen.store, name, form, seen.selection, seen.now, request.url)))
    answer = Response(b"".join(pieces), mimetype="application/zip")
    return _attached(answer, embed, file_name(name, seen.selection, seen.now))


@bp.get("/assets/<path:filename>")
@public
def assets(filename: str) -> Response:
    """The few files embeds need, for frames whose origin is opaque."""
    if filename not in answering.FILES:
        abort(404)
    answer = send_from_directory(ASSETS, filename)
    answer.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    return answering.open_to_all(answer)


def _embed(id: str) -> Embed:
    if not genuine(id, request.args.get("sig", "")):
        raise Refused("wrong")
    embed = keeping.get(current_accounts(), id)
    if embed is None or embed.revoked:
        raise Refused("gone")
    if embed.expired(current_time()):
        raise Refused("over")
    return embed


def _view(embed: Embed) -> View:
    store = cast(Store, current_app.extensions["metricstore"])
    limits = keeping.limits_of(current_accounts(), embed)
    return _asked(lambda: view(embed, limits, store, request.args, default_selection(), settled_now()))


def _asked(ask: Callable[[], T]) -> T:
    """The answer, or the notice that stands for it."""
    try:
        return ask()
    except NotAllowed:
        raise Refused("beyond") from None
    except (InvalidQuestion, UnknownName) as error:
        raise Refused(answering.mistaken(error)) from None
    except StoreError as error:
        raise Refused(answering.down(error)) from error


def _lasting(key: str, make: Callable[[], str], *, patient: bool = True) -> tuple[str, tuple[Kept, str] | None]:
    """What `make` makes, kept; when the store can't, the last good one and why it is that. Who is not `patient` gets
    it when `make` takes too long, too: a store that hangs answers later than anybody looks."""
    kept: LastGood = current_app.extensions[LAST_GOOD]
    if not patient and kept.get(key) is not None:
        drawing = copy_current_request_context(make)
        make = lambda: stills.bounded(drawing, threads=stills.FRAMES)  # noqa: E731
    try:
        text = make()
    except (NotAllowed, InvalidQuestion, UnknownName) as error:
        raise Refused("beyond" if isinstance(error, NotAllowed) else answering.mistaken(error)) from None
    except (StoreError, TimeoutError, OSError) as error:
        log.warning("an embed can't be drawn: %s", error)
        old = kept.get(key)
        if old is None:
            raise Refused(answering.down(error)) from None
        return old.text, (old, answering.reason(error))
    kept.keep(key, text)
    return text, None


def _still(id: str, mimetype: str, form: Callable[[str, float], bytes]) -> Response:
    try:
        embed = _embed(id)
        seen = _view(embed)
        width, theme, height = _width(), _theme(embed), _number("height", 0, 120, 4000)
        scale = float(_number("scale", 2, 1, 4)) if mimetype == "image/png" else 1.0
        tag = _told_in_time(lambda: _etag(seen, mimetype, width, height, theme, scale))
        if tag and tag in request.if_none_match:
            return with_picture_headers(Response(status=304), tag)
        key = _key(embed, f"{width} {height} {theme} still")
        drawn, older = _lasting(key, lambda: stills.bounded(lambda: stills.still(seen, width, height, theme)))
    except Refused as refusal:
        status, title, text = answering.told(refusal.why)
        told = stills.notice(title, text, _width(), 160, "light")
        return with_picture_headers(Response(form(told, 2.0), status, mimetype=mimetype), "")
    if older:
        drawn, tag = stills.dated(drawn, _older(seen, older)), ""
    keeping.used(current_accounts(), embed, _using_page())
    return with_picture_headers(Response(form(drawn, scale), mimetype=mimetype), tag)


def _told_in_time(tell: Callable[[], str]) -> str:
    """ "" where the store hangs: the picture has a time limit of its own."""
    try:
        return stills.bounded(tell, 0.5, stills.FRAMES)
    except TimeoutError:
        return ""


def _etag(seen: View, *parts: object) -> str:
    """Changes with the data, the minute where the range moves, and what is asked; "" when the store can't say."""
    names = {name for chart in seen.charts for name in measurements_of(chart)}
    revisions = known_revisions(seen.store, names)
    if not revisions:
        return ""
    start, stop = seen.selection.range(seen.now)
    moving = int(seen.now.timestamp() // FRESH_SECONDS) if stop == seen.now else 0
    told = repr((seen.embed.id, sorted(revisions.items()), moving or (start, stop), seen.chosen, parts))
    return hashlib.sha256(told.encode()).hexdigest()[:24]


def _may_download(id: str, kind: str) -> Embed:
    embed = _embed(id)
    if not embed.wanted.download or embed.wanted.kind != kind:
        raise Refused("beyond")
    return embed


def _attached(answer: Response, embed: Embed, name: str) -> Response:
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return with_headers(answer, embed, _PRIVATE)


def _key(embed: Embed, what: str) -> str:
    chosen = {name: request.args[name] for name in (*embed.wanted.narrow, "start", "stop") if request.args.get(name)}
    return f"{embed.id} {what} {sorted(chosen.items())}"


def _older(seen: View, older: tuple[Kept, str]) -> str:
    kept, why = older
    return f"As of {moment(kept.at, seen.selection.timezone, seconds=False)}: {why}."


def _theme(embed: Embed) -> Theme:
    return themes_of(embed, request.args.get("theme", ""))[0]


def _width() -> int:
    return _number("width", USUAL_WIDTH, *WIDTHS)


def _number(name: str, usual: int, least: int, most: int) -> int:
    """How large it is drawn. Nonsense gets the usual: a wiki's template must not break a picture."""
    text = request.args.get(name, "")
    return min(max(int(text), least), most) if text.isdecimal() and len(text) < 7 else usual


def _using_page() -> str:
    """The page that shows it, without its query, as far as the browser tells."""
    found = urlsplit(request.headers.get("Referer", ""))
    if found.scheme not in ("http", "https") or found.netloc == request.host:
        return ""
    return f"{found.scheme}://{found.netloc}{found.path}"
