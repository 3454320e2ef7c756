"""When posts are due or left on their channel's own clock, and how stored ones get it."""

from __future__ import annotations

from datetime import UTC, datetime

from tests.collectors.buffer.world import DAY, HOUR, NOON, World
from tests.collectors.memory import forget_clocks


def clocks(world: World) -> dict[str, tuple[str | None, str | None]]:
    return {name: (row.get("channel_weekday"), row.get("channel_hour")) for name, row in world.posts().items()}


MONDAY = datetime(2026, 3, 2, 3, 30, tzinfo=UTC).timestamp()
"""Sunday evening in New York, late morning in Tokyo."""


def two_channels(world: World) -> None:
    """Posts of a recent and of a long gone Monday on a channel in New York, one on a channel whose zone nobody knows."""
    world.clock.time = MONDAY + DAY
    world.account.channel("ny", "twitter", timezone="America/New_York")
    world.account.channel("odd", "facebook", timezone="Mars/Olympus")
    world.account.sent("recent", "ny", MONDAY - 5)
    world.account.sent("old", "ny", MONDAY - 5 - 70 * DAY)
    world.account.post("later", "ny", "scheduled", MONDAY + 2 * DAY)
    world.account.sent("odd", "odd", MONDAY)
    for batch in world.collector().backfill(MONDAY - 90 * DAY, MONDAY + DAY, {}, world.store):
        world.store.write(batch.points)


TOLD = {"recent": ("sun", "22"), "old": ("sun", "22"), "later": ("tue", "22"), "odd": (None, None)}


def test_posts_tell_weekday_and_hour_on_their_channels_clock(world: World) -> None:
    two_channels(world)
    world.driver.run()
    assert clocks(world) == TOLD


def test_posts_stored_by_an_older_version_get_their_clock_however_old_they_are(world: World) -> None:
    two_channels(world)
    world.driver.run()
    forget_clocks(world.driver)
    world.hour()
    assert clocks(world) == TOLD
    assert world.hour() == 3 + 3, "then only the queues and the quotas are new"


def test_a_channel_that_moves_takes_all_its_posts_along(world: World) -> None:
    two_channels(world)
    world.driver.run()
    world.account.channels["ny"]["timezone"] = "Asia/Tokyo"
    world.hour()
    moved = {"recent": ("mon", "12"), "old": ("mon", "12"), "later": ("wed", "12"), "odd": (None, None)}
    assert clocks(world) == moved
    world.account.channels["ny"]["timezone"] = None
    world.account.channels["odd"]["timezone"] = "UTC"
    world.hour()
    assert clocks(world) == moved | {"odd": ("mon", "03")}, "a zone that is not told for once is not forgotten"


def test_clocks_ask_nothing_of_the_store_for_a_single_post(world: World) -> None:
    asked = {}
    for count in (1, 60):
        for place in range(count):
            world.account.sent(f"p{place}", "page", NOON - HOUR - place * 60)
        world.hour(24)
        world.hour(24)
        before = world.store.asked
        world.hour(24)
        asked[count] = world.store.asked - before
    assert asked[1] == asked[60]
