"""A sent post's points: its latest figures with its traits, and its growth. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

from collectors.performance.course import HOUR, SETTLED, Course, exposed_by, interactions
from collectors.performance.posts import Sent, Told
from collectors.performance.texts import Written
from collectors.social.post import SECOND, named_time
from metricstore.catalogue import FieldValue
from metricstore.catalogue.performance import TRAITS
from metricstore.point import Point

_EXPECTED = ("impressions", "reactions", "comments", "reposts", "clicks", "saves")
_TOPIC = 60
_ID = 4


def points_of(told: Told, course: Course, written: Written | None, zone: ZoneInfo) -> Iterator[Point]:
    """`written` is the calendar's text it was made from, where one is known."""
    post = told.post
    tags = {"source": post.source, "platform": post.platform}
    about: dict[str, FieldValue] = {
        "service_post_id": post.post_id, "post": label(post, written, zone), "channel_id": post.channel_id,
    }  # fmt: skip
    if written is not None:
        about |= {"topic": written.topic, "prompt_type": written.prompt_type}
    whole = about | _figures(course) | _traits(written)
    if told.others:
        whole["also_told_by"] = ",".join(told.others)
    yield Point("post_performance", named_time(post.sent, post.post_id), tags, _given(whole))
    by = exposed_by(course.figures) or ""
    for step, reading in course.steps.items():
        if by not in reading.figures:
            continue  # there is nothing to draw of it
        grown: dict[str, FieldValue | None] = {
            **about, "age_step": step, "age_hours": (reading.age or 0) / HOUR, "exposures": reading.figures[by],
            "impressions": reading.figures.get("impressions"), "interactions": interactions(reading.figures),
        }  # fmt: skip
        yield Point("post_growth", named_time(post.sent, f"{post.post_id}|{step}"), tags, _given(grown))


def label(post: Sent, written: Written | None, zone: ZoneInfo) -> str:
    """What people call a post: `2026-11-03 09:02 Meetings That Became Dashboards #3f2a`."""
    local = datetime.fromtimestamp(post.sent // SECOND, zone)
    topic = " ".join((written.topic if written else "").split())[:_TOPIC].rstrip()
    return " ".join(filter(None, (f"{local:%Y-%m-%d %H:%M}", topic, f"#{post.post_id[-_ID:]}")))


def _figures(course: Course) -> dict[str, FieldValue | None]:
    figures = course.figures
    found: dict[str, FieldValue | None] = {**figures, "snapshots": course.readings}
    newest = course.newest
    if newest is None:
        return found
    found["age_seconds"] = newest.age
    found["not_reported"] = ",".join(name for name in _EXPECTED if name not in figures)
    by, acted = exposed_by(figures), interactions(figures)
    found["interactions"] = acted
    if by is None or acted is None:
        return found
    seen = figures[by]
    found |= {
        "exposures": seen, "rated_interactions": acted, "interactions_squared": float(acted) ** 2,
        "exposures_squared": float(seen) ** 2, "exposed_interactions": float(seen) * acted,
    }  # fmt: skip
    if seen > 0:
        found["rate"] = 100 * acted / seen
    return found | _first_day(course, by, seen)


def _first_day(course: Course, by: str, seen: int) -> dict[str, FieldValue | None]:
    """What part of a post's readers came within a day; only of posts old enough to know."""
    day, newest = course.first_day, course.newest
    if (
        day is None
        or newest is None
        or newest.age is None
        or newest.age < SETTLED
        or by not in day.figures
        or seen <= 0
    ):
        return {}
    early = day.figures[by]
    return {"first_day_exposures": early, "later_exposures": seen, "first_day_share": 100 * early / seen,
            "first_day_age_seconds": day.age}  # fmt: skip


def _traits(written: Written | None) -> dict[str, FieldValue]:
    if written is None:
        return {}
    steps = {name: trait.step(written.counts[trait.field]) for name, trait in TRAITS.items() if trait.field in written.counts}  # fmt: skip
    return {"post_id": written.post_id, **written.counts, **steps}


def _given(fields: dict[str, FieldValue | None]) -> dict[str, FieldValue]:
    return {name: value for name, value in fields.items() if value is not None and value != ""}
