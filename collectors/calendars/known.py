"""What the store says of a post. Pure."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from collectors.calendars.recognition import Post
from collectors.platforms import identity_name
from collectors.recall import Known
from collectors.time_kinds import local_second


def holders_of(row: Known) -> dict[str, str]:
    """Files that hold a stored post, each with the revision it came in."""
    parts = (part.rpartition("@") for part in row.text("held_by").split("|") if part)
    return {file: revision for file, _, revision in parts}


def line(platform: str, time_kind: str) -> str:
    """Posts that may not share a timestamp."""
    return f"{platform} {time_kind}"


def remembered(name: str, row: Known, zone: ZoneInfo) -> Post:
    """A stored post as items are compared with."""
    number = row.values.get("post_number") or -int(row.values.get("position", 0))
    return Post(
        name, identity_name(row.text("platform")), local_second(row, zone), row.text("topic"), row.text("content_hash"),
        row.text("content_state"), int(number), row.text("method"),
    )  # fmt: skip
