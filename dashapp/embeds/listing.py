"""An embed as a document: for lists, commands and the API."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from dashapp.embeds.model import Embed


def document(embed: Embed, now: datetime, url: str) -> dict[str, Any]:
    wanted = embed.wanted
    return {
        "id": embed.id,
        "url": url,
        "kind": wanted.kind,
        "name": wanted.name,
        "title": embed.title,
        "where": dict(wanted.words),
        "narrow": list(wanted.narrow),
        "theme": wanted.theme,
        "refresh_seconds": wanted.refresh_seconds,
        "height": wanted.height,
        "ancestors": list(wanted.ancestors),
        "download": wanted.download,
        "owner": embed.owner or None,
        "state": embed.state(now),
        "created": embed.created,
        "expires": wanted.expires.isoformat() if wanted.expires else None,
        "last_used": embed.last_used,
        "uses": embed.uses,
        "used_on": embed.used_on or None,
    }
