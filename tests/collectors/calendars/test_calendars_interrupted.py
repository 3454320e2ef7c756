"""However runs are interrupted, the store ends as if nothing had happened."""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from collectors.calendars.collector import CalendarsCollector
from collectors.source import Source
from tests.collectors.memory import Crash, Driver, MemoryStore

VOLATILE = {"first_seen"}

items = st.builds(
    lambda slot, text, status, day: {
        "post_number": slot, "topic": f"T{slot % 2}", "platform": "twitter" if slot == 3 else "linkedin",
        "content": text, "publish_date": f"2025-10-{day}", "status": status,
    },
    st.integers(1, 3),
    st.sampled_from(["alpha", "beta 🚀", None, "", "Error: Could not generate content for prompt: x"]),
    st.sampled_from(["draft", "scheduled", "completed"]),
    st.integers(27, 28),
)  # fmt: skip
calendars = st.lists(items, max_size=4)
edits = st.tuples(st.sampled_from(["content_calendar.json", "todays_posts.json"]), calendars)
crashes = st.one_of(st.none(), st.integers(0, 12), st.just("before remembering"))


def _content(store: MemoryStore) -> list[Any]:
    return sorted(
        (
            p.measurement,
            p.time,
            sorted(p.tags.items()),
            sorted((k, v) for k, v in p.fields.items() if k not in VOLATILE),
        )
        for p in store.points.values()
    )


def _replay(root: Path, steps: list[Any], *, crashing: bool) -> list[Any]:
    store = MemoryStore()
    driver = Driver(CalendarsCollector(Source(root, "Europe/Berlin")), store)
    for number, ((name, calendar), crash) in enumerate(steps):
        path = root / "outputs" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(calendar, indent=2))
        os.utime(path, (1_750_000_000 + number * 100,) * 2)
        if crashing and crash == "before remembering":
            driver.run(keep_checkpoint=False)
        elif crashing and crash is not None:
            try:
                driver.run(keep_points=crash)
            except Crash:
                driver.run()
        else:
            driver.run()
    driver.run()
    assert driver.run() == 0
    return _content(store)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(edits, crashes), min_size=1, max_size=6))
def test_interrupted_runs_end_in_the_same_store(steps: list[Any]) -> None:
    with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as other:
        assert _replay(Path(one), steps, crashing=True) == _replay(Path(other), steps, crashing=False)


@settings(max_examples=150, deadline=None)
@given(st.lists(edits, min_size=1, max_size=6))
def test_every_item_on_disk_is_one_current_post(steps: list[Any]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        store = MemoryStore()
        driver = Driver(CalendarsCollector(Source(root, "Europe/Berlin")), store)
        on_disk: dict[str, Any] = {}
        for number, (name, calendar) in enumerate(steps):
            path = root / "outputs" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(json.dumps(calendar))
            os.utime(path, (1_750_000_000 + number * 100,) * 2)
            on_disk[name] = calendar
            driver.run()
            rows = store.rows("post")
            assert len({row["post_id"] for row in rows}) == len(rows)
            current = sum(row["presence"] == "current" for row in rows)
            assert max(map(len, on_disk.values())) <= current <= sum(map(len, on_disk.values()))
            changes = store.rows("post_transition")
            assert len({(row["post_id"], row["ordinal"]) for row in changes}) == len(changes)
