"""Names of networks, however people and programs spell them: the one table that every collector uses."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Mapping
from functools import lru_cache
from pathlib import PurePosixPath
from typing import Any

from metricstore.catalogue import PLATFORMS
from metricstore.validation import tag_text

_NETWORKS: dict[str, tuple[str, ...]] = {
    "linkedin": ("li", "lnkd", "linkedin newsletter"),
    "twitter": ("x", "tw", "twtr", "tweet", "tweets", "x.com"),
    "instagram": ("ig", "insta", "instagramm"),
    "facebook": ("fb",),
    "threads": (),
    "tiktok": ("tt",),
    "youtube": ("yt",),
    "bluesky": ("bsky", "bsky.app", "bsky.social"),
    "mastodon": (),
    "pinterest": (),
    "reddit": (),
    "telegram": ("tg",),
    "whatsapp": ("wa",),
    "snapchat": (),
    "discord": (),
    "medium": (),
    "substack": (),
    "tumblr": (),
    "twitch": (),
    "quora": (),
    "xing": (),
    "googlebusiness": ("gmb", "gbp", "google my business", "google business profile"),
    "startpage": (),
}
"""A network's own name, and its other names. A word belongs here only when it means one network and nothing else."""

_DETAILS = frozenset(
    [
        "account",
        "app",
        "article",
        "articles",
        "business",
        "carousel",
        "channel",
        "com",
        "company",
        "creator",
        "ex",
        "feed",
        "formerly",
        "group",
        "known",
        "aka",
        "as",
        "net",
        "official",
        "org",
        "organisation",
        "organization",
        "page",
        "pages",
        "personal",
        "post",
        "posts",
        "premium",
        "pro",
        "profile",
        "reel",
        "reels",
        "short",
        "shorts",
        "story",
        "stories",
        "the",
        "thread",
        "video",
        "videos",
        "www",
    ]
)
"""Words beside a network's name that do not change which network it is: `LinkedIn Company`, `Instagram Reels`."""

_CONNECTIVES = frozenset({"and", "or", "und", "oder", "et", "ou", "y", "e", "o", "plus"})
_OBSERVED = {"content": "linkedin"}
"""What the observed system calls a calendar that is not named after its network: `outputs/content` is LinkedIn's."""
_LONGEST = 64
_MOST_SENTENCES = 20


def _compact(text: str) -> str:
    return re.sub(r"[\W_]+", "", text)


_NAMES = {_compact(name): network for network, others in _NETWORKS.items() for name in (network, *others)}


def platform_named(word: Any) -> str | None:
    """The network a word stands for: `LinkedIn Company`, `x (Twitter)`, `IG`, `outputs/content` (LinkedIn's calendar).

    A word that stands for none or for several (`LinkedIn & X`) is kept as it is written; None for what isn't a word.
    """
    return _named(word[:1_000]) or None if isinstance(word, str) else None


def network_named(word: Any) -> str | None:
    """The network a word names in a column of channels: as `platform_named`, but nothing else, and no path."""
    return _network(" ".join(tag_text(word[:1_000]).split())) if isinstance(word, str) else None


def unresolved(platform: str) -> str | None:
    """Why a name that `platform_named` gave isn't a network's own, for people; None when it is one."""
    if platform in _NETWORKS:
        return None
    several = sorted(_networks_in(platform))
    if len(several) > 1:
        return f"names {len(several)} networks ({', '.join(several)})"
    return "isn't the name of a network known here"


def unresolved_platforms(by_file: Mapping[str, Mapping[str, int]], what: str = "item") -> list[str]:
    """A sentence for each platform that isn't a known network, the most used first."""
    totals: Counter[str] = Counter()
    files: dict[str, list[str]] = {}
    for name, counts in sorted(by_file.items()):
        totals.update(counts)
        for platform in counts:
            files.setdefault(platform, []).append(name)
    found = []
    for platform, count in sorted(totals.items(), key=lambda one: (-one[1], one[0])):
        names = files[platform]
        where = names[0] if len(names) == 1 else f"{names[0]} and {len(names) - 1} more"
        items = f"{count} {what}{'s are' if count != 1 else ' is'}"
        found.append(
            f"{where}: {items} for the platform {platform!r}, which {unresolved(platform)}; it is kept as written"
        )
    return (
        found
        if len(found) <= _MOST_SENTENCES
        else [*found[:_MOST_SENTENCES], f"{len(found) - _MOST_SENTENCES} more platforms aren't known networks"]
    )


def identity_name(platform: str) -> str:
    """What stands for a platform where records are recognised: the same whatever the case of an unknown name.

    It is what the versions before 2026-12 stored as the platform, so that their records are found again.
    """
    if platform in _NETWORKS:
        return platform
    name = PurePosixPath(platform.lower().replace("\\", "/")).name.removesuffix(".json").removesuffix("_calendar")
    return {"x": "twitter", "tweet": "twitter", "insta": "instagram", **_OBSERVED}.get(name, name)[:_LONGEST]


def platform_of_file(name: str) -> str | None:
    """The network a file's name mentions; `content_calendar.json` is LinkedIn's."""
    stem = PurePosixPath(name.replace("\\", "/")).name.lower().removesuffix(".json")
    found = next((platform for platform in PLATFORMS if platform in stem), None)
    if found or stem.startswith("content_calendar"):
        return found or "linkedin"
    several = _networks_in(stem)
    return several.pop() if len(several) == 1 else None


@lru_cache(maxsize=1024)
def _named(written: str) -> str:
    text = " ".join(tag_text(written).split())
    return _network(text) or _network_of_path(text) or tag_text(text[:_LONGEST]).strip()


def _network(text: str) -> str | None:
    """The one network that all words of a text are about."""
    plain = unicodedata.normalize("NFKC", text).casefold().removeprefix("https://").removeprefix("http://")
    compact = _compact(plain)
    if compact in _NAMES:
        return _NAMES[compact]
    for network in _NETWORKS:  # LinkedInPage, InstagramReels
        if compact.startswith(network) and compact.removeprefix(network) in _DETAILS:
            return network
    words = set(_words(plain)) - _DETAILS - _CONNECTIVES
    networks = {_NAMES.get(word) for word in words}
    return networks.pop() if len(networks) == 1 else None


def _network_of_path(text: str) -> str | None:
    """`outputs/twitter`, `outputs/fast_linkedin_calendar.json`: the observed system puts a calendar's path there."""
    parts = re.split(r"[/\\]", text.casefold())
    name = parts.pop().removesuffix(".json").removesuffix("_calendar")
    is_path = " " not in text and (bool(parts) or "_calendar" in text.casefold())
    if not is_path and name not in _OBSERVED:
        return None
    found = _OBSERVED.get(name) or _network(name) or platform_of_file(name)
    others = {other for part in parts for other in _networks_in(part)}
    return found if others <= {found} else None


def _networks_in(text: str) -> set[str]:
    return {_NAMES[word] for word in _words(unicodedata.normalize("NFKC", text).casefold()) if word in _NAMES}


def _words(plain: str) -> list[str]:
    return [word for word in re.split(r"[\W_]+", plain) if word]
