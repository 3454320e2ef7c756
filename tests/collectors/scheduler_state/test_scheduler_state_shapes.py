"""State files that are wrapped, wrong in part or spelled otherwise: read as far as they go, and said."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from collectors.scheduler_state.collector import SchedulerStateCollector
from collectors.source import Source
from metricstore.point import Point
from tests.collectors.memory import Crash, Driver, MemoryStore

ITEM = {
    "id": "linkedin_1_1", "platform": "linkedin", "scheduled_time": "2025-10-29T09:00:00", "retry_count": 0, "status": "pending",
    "post_metadata": {"topic": "T", "platform": "linkedin", "post_number": 1},
}  # fmt: skip
ENTRY = {"post_id": "linkedin_1_1", "platform": "linkedin", "posted_at": "2025-10-29T09:00:05", "status": "success"}
STATE = {"scheduled_posts": {"linkedin_1_1": ITEM}, "post_history": [ENTRY]}


class Folder:
    def __init__(self, root: Path) -> None:
        self.path = root / "outputs" / "scheduler_state.json"
        self.path.parent.mkdir(exist_ok=True)
        self.store = MemoryStore()
        self.collector = SchedulerStateCollector(Source(root, "UTC"))
        self.driver = Driver(self.collector, self.store)

    def collected(self, content: Any) -> list[str]:
        """Collect this content; says the warnings."""
        self.path.write_text(content if isinstance(content, str) else json.dumps(content))
        self.driver.run()
        assert self.driver.run() == 0
        return list(self.driver.checkpoint.get("warnings", []))


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path)


@pytest.mark.parametrize(
    "content",
    [STATE, {"state": STATE, "version": 2}, {"data": {"scheduler": STATE}}, {**STATE, "scheduled_posts": [ITEM]}],
)
def test_a_wrapped_state_is_read(folder: Folder, content: Any) -> None:
    assert folder.collected(content) == []
    assert len(folder.store.rows("queue_item")) == len(folder.store.rows("delivery")) == 1


@pytest.mark.parametrize("content", [{}, {"posts": []}, [ITEM], "7", {"a": STATE, "b": STATE}])
def test_another_file_is_a_warning_also_of_doctor_and_changes_nothing(folder: Folder, content: Any) -> None:
    folder.collected(STATE)
    known = dict(folder.store.points)
    (warning,) = folder.collected(content)
    assert warning.startswith("outputs/scheduler_state.json yields nothing") and "scheduled_posts" in warning
    assert [problem.text for problem in folder.collector.validate()] == [warning]
    assert folder.store.points == known
    assert folder.collected(STATE) == []


@pytest.mark.parametrize(
    ("field", "value"),
    [("retry_count", "many"), ("retry_count", -1), ("retry_count", 2**70), ("status", None), ("status", ["x"])],
)
def test_an_optional_field_that_is_wrong_costs_itself_alone(folder: Folder, field: str, value: Any) -> None:
    folder.collected({**STATE, "scheduled_posts": {"linkedin_1_1": {**ITEM, field: value}}})
    (row,) = folder.store.rows("queue_item")
    assert row.get("status") == ("unknown" if field == "status" else "pending")
    (letter,) = folder.driver.letters.values()
    assert f"kept without its {field}" in letter.reason


def test_a_part_no_parser_takes_costs_no_other(folder: Folder) -> None:
    deep = json.dumps({**ITEM, "post_metadata": "HERE"}).replace('"HERE"', "[" * 50_000 + "]" * 50_000)
    text = f'{{"scheduled_posts": {{"linkedin_2_1": {deep}, "linkedin_1_1": {json.dumps(ITEM)}}}, "post_history": [{"9" * 5_000}]}}'
    warnings = folder.collected(text)
    assert len(folder.store.rows("queue_item")) == 2
    assert len(folder.driver.letters) == 1 and len(warnings) == 1


def test_half_of_the_items_unusable_is_a_warning(folder: Folder) -> None:
    items = {"linkedin_1_1": ITEM, "linkedin_2_1": {**ITEM, "scheduled_time": "soon"}}
    (warning,) = folder.collected({"scheduled_posts": items, "post_history": []})
    assert "1 of 2 entries (items and history) can't be used" in warning and "'soon' isn't a time" in warning


@pytest.mark.parametrize("killed_after", [None, 1, 2, 4, 6, 8])
def test_what_was_stored_under_a_made_up_network_moves_and_is_neither_doubled_nor_lost(
    folder: Folder, killed_after: int | None
) -> None:
    spelled = {**ITEM, "post_metadata": {"platform": "IG", "topic": "T"}}
    other = {**ITEM, "id": "b_1_1", "post_metadata": {"platform": "Instagram"}}
    folder.collected({"scheduled_posts": {"linkedin_1_1": spelled, "b_1_1": other}, "post_history": [ENTRY]})
    wanted = dict(folder.store.points)
    assert {point.tags["platform"] for point in wanted.values()} == {"instagram"}
    for point in list(folder.store.points.values()):
        if point.measurement == "queue_snapshot":
            parts = {"ig": 1, "instagram": 1} if point.fields["items"] == 2 else {"ig": 0, "instagram": 0}
            for platform, count in parts.items():
                folder.store.write(
                    [Point(point.measurement, point.time, {**point.tags, "platform": platform}, {"items": count})]
                )
        elif point.fields["item_id"] == "linkedin_1_1":
            del folder.store.points[point.identity]
            folder.store.write([Point(point.measurement, point.time, {**point.tags, "platform": "ig"}, point.fields)])
    before = {"files": folder.driver.checkpoint["files"]}
    folder.driver.checkpoint = before
    try:
        folder.driver.run(keep_points=killed_after)
    except Crash:
        folder.driver.checkpoint = before
        folder.driver.run()
    assert {k: p.fields for k, p in folder.store.points.items()} == {k: p.fields for k, p in wanted.items()}
