"""What of a post's text is kept: how it begins, and a hash by which other sources' copies of it are found. Pure."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

from collectors.reading import short_hash
from collectors.redaction import redact
from metricstore.validation import field_text

EXCERPT = 140
"""Letters of a text that are kept of how it begins."""
_LINK = re.compile(r"(?:https?://|www\.)\S+", re.I)
_NOISE = re.compile(r"[^\w#@]+")
_PLATFORM_IDS = (
    re.compile(r"/status(?:es)?/(\d+)"),
    re.compile(r"(urn:li:[a-zA-Z]+:\d+)"),
    re.compile(r"instagram\.com/(?:p|reel|tv)/([\w-]+)"),
    re.compile(r"facebook\.com/(?:[^?]*/)?(?:posts|videos|reel)/([\w.-]+)"),
    re.compile(r"threads\.(?:net|com)/[^/]+/post/([\w-]+)"),
    re.compile(r"bsky\.app/profile/[^/]+/post/(\w+)"),
    re.compile(r"(?:youtu\.be/|[?&]v=|youtube\.com/shorts/)([\w-]+)"),
    re.compile(r"tiktok\.com/[^?]*/video/(\d+)"),
)


def word(value: Any) -> str:
    """A text or a number as text; empty for anything else, such as an object where a text should be."""
    return str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""


def text_hash(text: str) -> str:
    """Hash of a text, links, spaces, punctuation, emoji and case aside: services shorten links and tidy spaces.

    Secrets are masked first, as in stored calendars, so that both sides give the same. Empty for a text without words.
    """
    plain = _NOISE.sub("", _LINK.sub("", unicodedata.normalize("NFKC", redact(text)))).casefold()
    return short_hash(plain) if plain else ""


def excerpt(text: str) -> str:
    """How a text begins, on one line, secrets masked: by that people know a post of which no topic is known."""
    # Masked before it is cut: of half a secret nobody could tell that it is one.
    words = " ".join(field_text(redact(text)).split())
    return words if len(words) <= EXCERPT else f"{words[:EXCERPT]}…"


def platform_id(link: str) -> str:
    """The platform's own id of a post from its address; empty when the address shows none."""
    for pattern in _PLATFORM_IDS:
        if found := pattern.search(link.replace("%3A", ":")):
            return found[1]
    return ""
