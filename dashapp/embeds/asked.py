"""What a request for an embed asks for: which embed, what of it, how large; and its last good answer while it can't be had."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TypeVar, cast
from urllib.parse import urlsplit

from flask import copy_current_request_context, current_app, request

from dashapp.accounts import current_accounts
from dashapp.accounts.database import now as current_time
from dashapp.embeds import answering, keeping, stills
from dashapp.embeds.answering import Refused
from dashapp.embeds.model import Embed
from dashapp.embeds.showing import USUAL_WIDTH, WIDTHS, View, themes_of, view
from dashapp.embeds.signing import genuine
from dashapp.lastgood import Kept, LastGood
from layouts.charts import Theme
from layouts.formats import moment
from metricstore.errors import InvalidQuestion, NotAllowed, StoreError, UnknownName
from metricstore.selection import settled_now
from metricstore.store import Store
from viewer.request_context import default_selection, goals

log = logging.getLogger(__name__)

LAST_GOOD = "embed_last_good"
T = TypeVar("T")


def embed_of(id: str) -> Embed:
    if not genuine(id, request.args.get("sig", "")):
        raise Refused("wrong")
    embed = keeping.get(current_accounts(), id)
    if embed is None or embed.revoked:
        raise Refused("gone")
    if embed.expired(current_time()):
        raise Refused("over")
    return embed


def view_of(embed: Embed) -> View:
    store = cast(Store, current_app.extensions["metricstore"])
    limits = keeping.limits_of(current_accounts(), embed)
    return asked(lambda: view(embed, limits, store, request.args, default_selection(), settled_now(), goals(limits)))


def asked(ask: Callable[[], T]) -> T:
    """The answer, or the notice that stands for it."""
    try:
        return ask()
    except NotAllowed:
        raise Refused("beyond") from None
    except (InvalidQuestion, UnknownName) as error:
        raise Refused(answering.mistaken(error)) from None
    except StoreError as error:
        raise Refused(answering.down(error)) from error


def lasting(
    embed: Embed, key: str, make: Callable[[], str], *, patient: bool = True
) -> tuple[str, tuple[Kept, str] | None]:  # fmt: skip
    """What `make` makes, kept; when the store can't, the last good one and why it is that. Who is not `patient` gets
    it when `make` takes too long, too: a store that hangs answers later than anybody looks."""
    kept: LastGood = current_app.extensions[LAST_GOOD]
    if not patient and kept.get(key, embed.id) is not None:
        drawing = copy_current_request_context(make)
        make = lambda: stills.bounded(drawing)  # noqa: E731
    try:
        text = make()
    except (NotAllowed, InvalidQuestion, UnknownName) as error:
        raise Refused("beyond" if isinstance(error, NotAllowed) else answering.mistaken(error)) from None
    except (StoreError, TimeoutError, OSError) as error:
        log.warning("an embed can't be drawn: %s", error)
        old = kept.get(key, embed.id)
        if old is None:
            raise Refused(answering.down(error)) from None
        return old.text, (old, answering.reason(error))
    kept.keep(key, text, embed.id)
    return text, None


def key_of(embed: Embed, what: str) -> str:
    chosen = {name: request.args[name] for name in (*embed.wanted.narrow, "start", "stop") if request.args.get(name)}
    return f"{embed.id} {what} {sorted(chosen.items())}"


def as_of(seen: View, older: tuple[Kept, str]) -> str:
    kept, why = older
    return f"As of {moment(kept.at, seen.selection.timezone, seconds=False)}: {why}."


def theme(embed: Embed) -> Theme:
    return themes_of(embed, request.args.get("theme", ""))[0]


def width() -> int:
    return number("width", USUAL_WIDTH, *WIDTHS)


def scale() -> float | None:
    """None where nothing is asked for."""
    wanted = number("scale", 0, 1, 4)
    return float(wanted) if wanted else None


def number(name: str, usual: int, least: int, most: int) -> int:
    """How large it is drawn. Nonsense gets the usual: a wiki's template must not break a picture."""
    text = request.args.get(name, "")
    return min(max(int(text), least), most) if text.isdecimal() and len(text) < 7 else usual


def using_page() -> str:
    """The page that shows it, without its query, as far as the browser tells."""
    found = urlsplit(request.headers.get("Referer", ""))
    if found.scheme not in ("http", "https") or found.netloc == request.host:
        return ""
    return f"{found.scheme}://{found.netloc}{found.path}"
