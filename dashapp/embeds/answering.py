"""How embeds answer: headers that ask nothing of the browser, and notices in place of what can't be shown."""

from __future__ import annotations

from functools import cache

from flask import Response, current_app, make_response, render_template

from dashapp.addresses import ASSETS, asset_href, public_origin
from dashapp.embeds.model import Embed
from dashapp.errors import RETRY_AFTER_SECONDS
from metricstore.errors import InvalidQuestion, UnknownName

FRESH_SECONDS = 60
PLOTLY = "vendor/plotly-4.1.1-scatter-bar-heatmap.min.js"
FONTS = {"100 550": "fonts/inter-regular.woff2", "551 900": "fonts/inter-semibold.woff2"}
"""The product's own, by weight: 23 kB each, fetched when a text wants it, once for all frames, and kept by the browser."""
FILES = (PLOTLY, "embed/embed.js", "embed/embed.css", *FONTS.values())
_DOWN = "down: "
_ASKED = "asked: "
_TELL = {
    "gone": (410, "No longer shared", "Whoever shared this has ended it."),
    "over": (410, "No longer shared", "The time this was shared for is over."),
    "wrong": (403, "Not available", "This link is not complete or not valid."),
    "beyond": (403, "Not available", "More is asked for than this link shows."),
}


class Refused(Exception):
    """What is shown instead: a small notice, without any data. `why` is a key of _TELL, or made by `down` or `mistaken`."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


def reason(error: Exception) -> str:
    """Why the store's answer is missing, for people who can't mend it."""
    return "drawing takes too long" if isinstance(error, TimeoutError) else "the data can't be reached just now"


def down(error: Exception) -> str:
    return f"{_DOWN}{reason(error)}"


def mistaken(error: InvalidQuestion | UnknownName) -> str:
    """Why a mistake in the words that narrow an embed keeps it from being shown."""
    return f"{_ASKED}{error.sentence if isinstance(error, UnknownName) else error}"


def told(why: str) -> tuple[int, str, str]:
    """(status, title, sentence)."""
    if why.startswith(_ASKED):
        text = why.removeprefix(_ASKED)
        return 400, "Not possible like this", f"{text.rstrip('.')}."
    if why.startswith(_DOWN):
        text = why.removeprefix(_DOWN)
        return 503, "Not available just now", f"{text[0].upper()}{text[1:]}. It will be back by itself."
    return _TELL[why]


def notice(why: str) -> Response:
    """Neutral and small. Any page may frame it: it shows nothing."""
    status, title, text = told(why)
    answer = make_response(render_template("embed/notice.html", title=title, text=text, css=css()))
    answer.status_code = status
    if status == 503:
        answer.headers["Retry-After"] = str(RETRY_AFTER_SECONDS)
    return with_headers(answer, None, "no-store")


def with_headers(answer: Response, embed: Embed | None, caching: str) -> Response:
    origin = public_origin()
    # Named besides 'self': in a sandbox the page's own origin is opaque.
    answer.headers["Content-Security-Policy"] = (
        f"default-src 'none'; script-src 'self' {origin}; style-src 'unsafe-inline'; img-src 'self' data:; "
        f"connect-src 'self' {origin}; font-src 'self' {origin}; base-uri 'none'; form-action 'none'; frame-ancestors {ancestors(embed)}"
    )
    answer.headers["Cache-Control"] = caching
    return open_to_all(answer)


def ancestors(embed: Embed | None) -> str:
    """Who may frame it: our own pages, and those it names or else the settings."""
    if embed is None:
        return "*"
    return " ".join(("'self'", *(embed.wanted.ancestors or current_app.extensions["settings"].embed_ancestors)))


def with_picture_headers(answer: Response, tag: str) -> Response:
    """`tag`: the ETag; "" for what must not be kept. All who have the link see the same, so shared caches may keep it."""
    answer.headers["Cache-Control"] = f"public, max-age={FRESH_SECONDS}" if tag else "no-store"
    answer.headers["Content-Security-Policy"] = (
        "default-src 'none'; style-src 'unsafe-inline'; sandbox; frame-ancestors *"
    )
    if tag:
        answer.set_etag(tag)
    return open_to_all(answer)


def open_to_all(answer: Response) -> Response:
    """Readable from opaque origins. The link is the key; no cookie plays a part."""
    answer.headers["Access-Control-Allow-Origin"] = "*"
    answer.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    answer.headers["Cross-Origin-Opener-Policy"] = "unsafe-none"
    answer.headers["Referrer-Policy"] = "no-referrer"
    return answer


def css() -> str:
    """The frame's style sheet. A text waits for no font: until it is there, the reader's own is shown."""
    fonts = "".join(
        f'@font-face{{font-family:Inter;font-weight:{weight};font-display:swap;src:url("{file_href(name)}") format("woff2")}}'
        for weight, name in FONTS.items()
    )
    return fonts + _rules()


@cache
def _rules() -> str:
    return (ASSETS / "embed" / "embed.css").read_text(encoding="utf-8")


def file_href(name: str) -> str:
    """A file of `assets/` at the address that lets opaque origins have it."""
    return asset_href(name).replace("/assets/", "/embed/assets/", 1)
