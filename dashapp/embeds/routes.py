"""`/embed/<id>`: open to whoever has the link. No cookie is read or set, and nothing leads to the login page."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable

from flask import (
    Blueprint,
    Flask,
    Response,
    abort,
    jsonify,
    make_response,
    render_template,
    request,
    send_from_directory,
)

from dashapp.accounts import current_accounts
from dashapp.addresses import ASSETS, public_url
from dashapp.downloads.formats import FORMATS, Options
from dashapp.downloads.page import file_name, page_zip
from dashapp.downloads.proof_file import MIMETYPE, SUFFIX, proof_alone
from dashapp.downloads.sources import chart_table
from dashapp.embeds import answering, keeping, stills
from dashapp.embeds.answering import FRESH_SECONDS, Refused, file_href, notice, with_headers, with_picture_headers
from dashapp.embeds.asked import (
    LAST_GOOD,
    as_of,
    asked,
    embed_of,
    key_of,
    lasting,
    number,
    scale,
    theme,
    using_page,
    view_of,
    width,
)
from dashapp.embeds.model import Embed
from dashapp.embeds.page import body
from dashapp.embeds.showing import USUAL_WIDTH, View, show
from dashapp.errors import RETRY_AFTER_SECONDS
from dashapp.lastgood import LastGood
from dashapp.picture_queue import QueueFull
from dashapp.security.guard import public
from layouts.pictures.raster import TooManyPixels
from questions.revisions import known_revisions

log = logging.getLogger(__name__)
bp = Blueprint("embed", __name__, url_prefix="/embed")

_PRIVATE = "private, no-cache"
_STRANGERS = ""
"""The owner of what is shown without a valid link."""
Form = Callable[[str, str, str, float | None], bytes]
"""From owner, subject, SVG and scale to a file."""


def init_embeds(app: Flask) -> None:
    folder = "embeds-demo" if app.extensions["demo"] else "embeds"
    app.extensions[LAST_GOOD] = LastGood(app.extensions["settings"].data_dir / folder)
    app.register_blueprint(bp)


@bp.errorhandler(Refused)
def refused(refusal: Refused) -> Response:
    return notice(refusal.why)


@bp.errorhandler(QueueFull)
def busy(_: QueueFull) -> Response:
    """In words: a picture that says so would have to wait as well."""
    answer = Response("Too many pictures are being made just now. Try again in a moment.\n", 503, mimetype="text/plain")
    answer.headers["Retry-After"] = str(RETRY_AFTER_SECONDS)
    return with_picture_headers(answer, "")


@bp.errorhandler(TooManyPixels)
def too_large(error: TooManyPixels) -> Response:
    return with_picture_headers(Response(f"{error}\n", 400, mimetype="text/plain"), "")


@bp.get("/<id>")
@public
def frame(id: str) -> Response:
    """The page for a frame."""
    embed = embed_of(id)
    seen = view_of(embed)
    inside, older = lasting(embed, key_of(embed, "page"), lambda: body(seen), patient=False)
    keeping.used(current_accounts(), embed, using_page())
    answer = make_response(
        render_template(
            "embed/frame.html", embed=embed, body=inside, older=as_of(seen, older) if older else "",
            css=answering.css(), script=file_href("embed/embed.js"), plotly=file_href(answering.PLOTLY),
        )
    )  # fmt: skip
    return with_headers(answer, embed, _PRIVATE)


@bp.get("/<id>.json")
@public
def figures(id: str) -> Response:
    """The same pictures as figures, for those who point at them."""
    embed = embed_of(id)
    seen, look = view_of(embed), theme(embed)
    found = {chart.id: asked(lambda chart=chart: show(seen, chart, (look,))) for chart in seen.charts}  # type: ignore[misc]
    answer = jsonify({name: one.figures[look].to_plotly_json() for name, one in found.items() if one.figures})
    return with_headers(answer, embed, _PRIVATE)


@bp.get("/<id>.svg")
@public
def svg(id: str) -> Response:
    return _still(id, "image/svg+xml", lambda _owner, _subject, drawn, _scale: drawn.encode())


@bp.get("/<id>.png")
@public
def png(id: str) -> Response:
    return _still(id, "image/png", stills.rastered)


@bp.get("/<id>.csv")
@public
def csv(id: str) -> Response:
    """A chart's numbers, where the embed lets them be taken away; with `proof=file` what proves them."""
    embed = _may_download(id, "chart")
    seen, options = view_of(embed), asked(lambda: Options.read(request.args))
    table = asked(lambda: chart_table(seen.store, seen.charts[0], seen.selection, seen.now, public_url()))
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
    seen, name = view_of(embed), embed.wanted.name
    form = asked(lambda: Options.read(request.args)).in_zip(FORMATS["csv"])
    pieces = asked(lambda: list(page_zip(seen.store, name, form, seen.selection, seen.now, public_url())))
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


def _still(id: str, mimetype: str, form: Form) -> Response:
    try:
        return _picture(id, mimetype, form)
    except Refused as refusal:
        status, title, text = answering.told(refusal.why)
        # Of one size: whoever has no valid link can't make the server draw many.
        said = stills.notice(title, text, USUAL_WIDTH, 160, "light")
        return with_picture_headers(Response(_formed(form, _STRANGERS, title, said), status, mimetype=mimetype), "")


def _picture(id: str, mimetype: str, form: Form) -> Response:
    embed = embed_of(id)
    seen = view_of(embed)
    wide, look, high = width(), theme(embed), number("height", 0, 120, 4000)
    enlarged = scale() if mimetype == "image/png" else None
    tag = _told_in_time(lambda: _etag(seen, mimetype, wide, high, look, enlarged))
    if tag and tag in request.if_none_match:
        return with_picture_headers(Response(status=304), tag)
    key = key_of(embed, f"{wide} {high} {look} still")
    draw = lambda: stills.still(seen, wide, high, look)  # noqa: E731
    drawn, older = lasting(embed, key, lambda: stills.drawn(embed.id, f"{key} {seen.now}", draw))
    if older:
        drawn, tag = stills.dated(drawn, as_of(seen, older)), ""
    keeping.used(current_accounts(), embed, using_page())
    return with_picture_headers(Response(_formed(form, embed.id, key, drawn, enlarged), mimetype=mimetype), tag)


def _formed(form: Form, owner: str, subject: str, drawn: str, scale: float | None = None) -> bytes:
    try:
        return form(owner, subject, drawn, scale)
    except (TimeoutError, OSError) as error:
        log.warning("a picture can't be made: %s", error)
        raise QueueFull from None


def _told_in_time(tell: Callable[[], str]) -> str:
    """ "" where the store hangs: the picture has a time limit of its own."""
    try:
        return stills.bounded(tell, 0.5)
    except TimeoutError:
        return ""


def _etag(seen: View, *parts: object) -> str:
    """Changes with the data, the minute where the range moves, and what is asked; "" when the store can't say."""
    names = {name for chart in seen.charts for name in chart.measurements}
    revisions = known_revisions(seen.store, names)
    if not revisions:
        return ""
    start, stop = seen.selection.range(seen.now)
    moving = int(seen.now.timestamp() // FRESH_SECONDS) if stop == seen.now else 0
    told = repr((seen.embed.id, sorted(revisions.items()), moving or (start, stop), seen.selection, seen.goals, parts))
    return hashlib.sha256(told.encode()).hexdigest()[:24]


def _may_download(id: str, kind: str) -> Embed:
    embed = embed_of(id)
    if not embed.wanted.download or embed.wanted.kind != kind:
        raise Refused("beyond")
    return embed


def _attached(answer: Response, embed: Embed, name: str) -> Response:
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return with_headers(answer, embed, _PRIVATE)
