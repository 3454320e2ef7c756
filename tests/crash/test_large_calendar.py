"""A calendar of thousands of items that people edit, collected by a process that is killed: it ends exactly true."""

from __future__ import annotations

import contextlib
import json
import os
from collections import Counter
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from metricstore.query import Filter, Query
from tests.crash.test_crash import EPOCH, FUTURE, Place, Places, collect, difference, places  # noqa: F401

ITEMS = 5_000
FIRST = date(2026, 1, 5)
KILLS = (("before write", 4), ("after write", 7))


def item(number: int) -> dict[str, Any]:
    return {
        "post_number": number, "topic": f"Topic {number % 40}", "platform": ("linkedin", "twitter")[number % 2],
        "content": f"The {number}th thing that we have to say about topic {number % 40} #news",
        "date": (FIRST + timedelta(days=number // 20)).isoformat(), "status": "draft",
    }  # fmt: skip


def edited(items: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Most approved, some moved by a week, some dropped, some new."""
    kept = [one for one in items if one["post_number"] % 25]
    for one in kept:
        if one["post_number"] % 5:
            one["status"] = "scheduled"
        if one["post_number"] % 50 == 7:
            one["date"] = (date.fromisoformat(one["date"]) + timedelta(days=7)).isoformat()
    return [*kept, *(item(number) for number in range(ITEMS + 1, ITEMS + 201))]


def write(path: Path, items: list[dict[str, Any]], moment: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(items))
    os.utime(path, (moment, moment))


def current(place: Place) -> Counter[tuple[str, str]]:
    """Posts by platform and status, as the store counts them."""
    query = Query(
        "post", "count", EPOCH, FUTURE, by=("platform", "status"), where=(Filter("presence", "any", ("current",)),)
    )
    with contextlib.closing(place.open()) as store:
        frame = store.ask(query)
    return Counter({(row.platform, row.status): int(row.value) for row in frame.itertuples() if row.value})


@pytest.mark.slow
def test_a_calendar_of_5000_items_edited_and_twice_killed_is_stored_exactly(
    places: Places,  # noqa: F811
    tmp_path: Path,
) -> None:
    calendar = tmp_path / "source" / "outputs" / "content_calendar.json"
    items = [item(number) for number in range(1, ITEMS + 1)]
    write(calendar, items, 1_780_000_000)
    calm, killed = places.fresh(), places.fresh()
    commands = [
        {
            "source": str(tmp_path / "source"),
            "timezone": "Europe/Berlin",
            "only": ["calendars"],
            "data": str(one.data),
            "store": one.store,
        }
        for one in (calm, killed)
    ]
    for command in commands:
        assert collect(command).code == 0
    assert sum(current(killed).values()) == ITEMS

    items = edited(items)
    write(calendar, items, 1_780_010_000)
    for moment in KILLS:
        assert collect({**commands[1], "die_at": moment}).killed
    for command in commands:
        assert collect(command).code == 0
    assert current(killed) == Counter((one["platform"], one["status"]) for one in items)
    assert difference(killed.content(), calm.content()) == ""
