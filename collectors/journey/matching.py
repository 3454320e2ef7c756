"""Records of all sources to posts, by rules in the order of how far they can be trusted. Pure.

Every record ends in exactly one trail. A rule applies only where it leaves a single post to choose; where it leaves
several, the record stays by itself and says `ambiguous`. The order in which records are given does not matter.
"""

from __future__ import annotations

from operator import attrgetter

from collectors.journey.copies import match_copies
from collectors.journey.planned import match_planned
from collectors.journey.records import Figures, Imported, Records
from collectors.journey.trails import Names, Trail, Trails, index

_TOPIC = 200
"""What imported rows keep of a topic."""


def matched(records: Records) -> list[Trail]:
    """Every record in one trail, sorted by the trails' keys."""
    trails = Trails(records.items)
    _match_named(records, trails)
    _match_imported(records.imported, trails)
    return sorted(trails, key=attrgetter("key"))


def _match_named(records: Records, trails: Trails) -> None:
    """What has ids. By what each step looks posts up goes when it is done."""
    names = Names()
    match_planned(records, trails, names)
    match_copies(records.remotes, trails, names)
    _match_figures(records.figures, trails, names)


def _match_figures(figures: list[Figures], trails: Trails, names: Names) -> None:
    """By the source's own id, else by the platform's."""
    for one in sorted(figures, key=lambda one: (one.source, one.post_id, one.platform)):
        trail, rule = names.remote[one.source, one.platform].get(one.post_id), "service_id"
        if trail is None:
            trail, rule = names.platform[one.platform].get(one.post_id), "platform_id"
        if trail is None:
            name = f"platform {one.platform} {one.post_id}"
            trail, rule = trails.own(name, one.platform, "platform", "figures", "no_such_post"), "own"
        trail.figures += (one,)
        trail.note("figures", rule)


def _match_imported(imported: list[Imported], trails: Trails) -> None:
    """By number, topic and day; where rows or items have no numbers by topic and day."""
    topics = index(trails.items, lambda item: (item.platform, item.topic[:_TOPIC]))
    for one in sorted(imported, key=lambda one: (one.time, one.row_id)):
        near = [item for item in topics.get((one.platform, one.topic), ()) if abs((item.day - one.day).days) <= 1] if one.topic else []  # fmt: skip
        numbered = one.number is not None and any(item.number is not None for item in near)
        if numbered:
            near = [item for item in near if item.number == one.number]
        found = [item for item in near if item.day == one.day] or near
        if len(found) == 1:
            trail, rule = trails.of(found[0]), "number_topic_day" if numbered else "topic_day"
        else:
            why = "ambiguous" if found else "no_calendar_item"
            name = f"import {one.platform} {one.row_id}"
            trail, rule = trails.own(name, one.platform, "import", "figures", why), "own"
        trail.imported += (one,)
        trail.note("figures", rule)
