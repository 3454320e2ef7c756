"""Which post a row is about, and ids that spreadsheet programs have cut. Pure.

A spreadsheet program takes a post's id for a number and keeps 15 digits of it: `1.978E+18`, `1978000000000000000`. Such an id is
that of many posts and names none.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from collectors.engagement.languages import plain_name
from collectors.platforms import network_named

KEPT_DIGITS = 15
"""How many digits of a number spreadsheet programs keep."""
_EXPONENT = re.compile(r"\d+(?:[.,]\d+)?\s*E\s*\+?\s*\d+", re.I)
_GUARDED = re.compile(r"""=?"(.*)"|'(.*)""", re.S)
"""`="1978"` and `'1978`: how texts are kept from being taken for numbers."""
_IN_LINK = re.compile(
    r"(?:/status(?:es)?/|urn:li:(?:activity|share|ugcpost):|[-_](?:activity|share|ugcpost)-)(\d{5,25})", re.I
)
_DOMAINS = (
    ("linkedin.com", "linkedin"), ("lnkd.in", "linkedin"), ("twitter.com", "twitter"), ("x.com", "twitter"),
    ("instagram.com", "instagram"), ("facebook.com", "facebook"), ("fb.watch", "facebook"), ("threads.net", "threads"),
    ("threads.com", "threads"), ("tiktok.com", "tiktok"), ("youtube.com", "youtube"), ("youtu.be", "youtube"),
    ("pinterest.com", "pinterest"), ("bsky.app", "bluesky"),
)  # fmt: skip
_HOST = re.compile(r"https?://(?:[^/@\s]*@)?([^/:?#\s]+)", re.I)
_WORDS = frozenset(("linkedin", "twitter", "instagram", "facebook", "threads", "tiktok", "youtube", "pinterest",
                    "mastodon", "bluesky", "x"))  # fmt: skip


def bare(cell: object) -> str:
    """An identity as its source gave it: without the guards spreadsheets need."""
    if isinstance(cell, float) and cell == cell // 1 and abs(cell) < 10**KEPT_DIGITS:
        return str(int(cell))
    text = str(cell).strip()
    guarded = _GUARDED.fullmatch(text)
    return (guarded[1] or guarded[2] or "").strip() if guarded else text


def are_cut(cells: Iterable[object]) -> bool:
    """Whether a spreadsheet program has cut the long numbers of a column, judged by all of them."""
    long: list[str] = []
    for cell in cells:
        if isinstance(cell, float) and abs(cell) >= 10**KEPT_DIGITS:
            return True
        text = bare(cell)
        if _EXPONENT.fullmatch(text):
            return True
        if text.isdecimal() and len(text) > KEPT_DIGITS:
            long.append(text)
    return bool(long) and all(not text[KEPT_DIGITS:].strip("0") for text in long)


def is_cut(cell: object) -> bool:
    """Whether this id of such a column names no post any more."""
    if isinstance(cell, float):
        return abs(cell) >= 10**KEPT_DIGITS
    text = bare(cell)
    if _EXPONENT.fullmatch(text):
        return True
    return text.isdecimal() and len(text) > KEPT_DIGITS and not text[KEPT_DIGITS:].strip("0")


def id_in_link(link: str) -> str | None:
    """The number by which LinkedIn or X know a post, where its address has it."""
    found = _IN_LINK.search(link)
    return found[1] if found else None


def network_of_link(cell: object) -> str | None:
    """The network an address leads to; None for another address or none."""
    found = _HOST.match(str(cell).strip()) if isinstance(cell, str) else None
    if found is None:
        return None
    host = found[1].lower()
    return next((name for domain, name in _DOMAINS if host == domain or host.endswith(f".{domain}")), None)


def network_in_words(cell: object) -> str | None:
    """The one network a text mentions: `Instagram: acme`, `X / Twitter`; None when it mentions none or two."""
    words = plain_name(cell).split() if isinstance(cell, str) else []
    found = {"twitter" if word == "x" else word for word in words if word in _WORDS}
    return found.pop() if len(found) == 1 else None


def network_of_channel(cell: object) -> str | None:
    """The network a column of channels names: in words, or by any of the names networks go by (`ig`, `FB Page`)."""
    return network_in_words(cell) or network_named(cell)
