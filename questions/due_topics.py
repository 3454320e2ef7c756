"""What posts at the scheduling service are about: services keep texts, not topics, but every post's way is known by its topic."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from layouts.tables import dicts
from metricstore.errors import NotAllowed
from metricstore.query import Filter, RecordQuery, has
from metricstore.store import Store

_AROUND = timedelta(days=2)
"""How far the date a post is meant for may lie from when the service is to send it."""
_MOST = 50
Named = tuple[str, str]
"""(source, the service's id of the post)."""


def topics(source: Store, posts: Sequence[Named], start: datetime, stop: datetime) -> dict[Named, str]:
    """The topic of each of the posts that is known, due in [start, stop). Empty where the viewer may not see such records."""
    if not posts:
        return {}
    wanted = {f"{one}:{identity}": (one, identity) for one, identity in posts}
    where = (Filter("service_post_ids", "contains", tuple(wanted)), has("topic"))
    asked = RecordQuery(
        "post_journey", start - _AROUND, stop + _AROUND, where, ("topic", "service_post_ids"), limit=_MOST
    )
    try:
        rows = dicts(source.records(asked).frame)
    except NotAllowed:
        return {}
    return {
        wanted[name]: str(row["topic"])
        for row in rows
        for name in str(row["service_post_ids"]).split("|")
        if name in wanted
    }
