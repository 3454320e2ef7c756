"""The scheduler's state file as it is on disk, and however often runs are interrupted."""

from __future__ import annotations

import json
import os
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collectors.scheduler_state.collector import SchedulerStateCollector
from collectors.scheduler_state.parse import parse_state
from collectors.source import Source
from tests.collectors.memory import Crash, Driver, MemoryStore

LONG_AGO = 1_760_000_000


def queued(name: str, due: str = "2025-10-29T09:00:00", status: str = "pending", retries: int = 0) -> dict[str, Any]:
    return {
        "id": name, "platform": "outputs/content", "content": "text", "scheduled_time": due, "retry_count": retries,
        "status": status, "post_metadata": {"topic": "T", "platform": "linkedin", "publish_date": "2025-10-29"},
    }  # fmt: skip


def state(*items: dict[str, Any], history: list[Any] | None = None) -> dict[str, Any]:
    return {"scheduled_posts": {i["id"]: i for i in items}, "post_history": history or [], "last_post_times": {}}


class Project:
    def __init__(self, root: Path) -> None:
        self.path = root / "outputs" / "scheduler_state.json"
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.store = MemoryStore()
        self.driver = Driver(SchedulerStateCollector(Source(root, "America/New_York")), self.store)
        self.clock = LONG_AGO

    def put(self, content: Any) -> None:
        self.path.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
        self.clock += 60
        os.utime(self.path, (self.clock, self.clock))


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path)


def test_a_cut_state_file_changes_nothing(project: Project) -> None:
    project.put(state(queued("a_1_1"), queued("b_2_1")))
    project.driver.run()
    known = dict(project.store.points)
    data = json.dumps(state(queued("a_1_1", status="posted"))).encode()
    for cut in range(len(data)):
        project.put(data[:cut])
        project.driver.run()
    assert project.store.points == known


def test_a_rescheduled_item_leaves_the_time_it_was_due_before(project: Project) -> None:
    project.put(state(queued("a_1_1")))
    project.driver.run()
    project.put(state(queued("a_1_1", "2025-10-29T10:00:06.375315", retries=1)))
    project.driver.run()
    [item] = project.store.rows("queue_item")
    assert item["retry_count"] == 1


def test_a_vanished_item_is_gone_unless_it_had_ended(project: Project) -> None:
    project.put(state(queued("a_1_1"), queued("b_2_1", status="posted")))
    project.driver.run()
    project.put(state(queued("c_1_2")))
    project.driver.run()
    statuses = {row["item_id"]: row["status"] for row in project.store.rows("queue_item")}
    assert statuses == {"a_1_1": "gone", "b_2_1": "posted", "c_1_2": "pending"}


def test_a_delivery_is_stored_once_however_the_history_grows(project: Project) -> None:
    history: list[Any] = []
    for minute in range(5):
        history.append({"post_id": "a_1_1", "posted_at": f"2025-10-29T09:0{minute}:00", "status": "success"})
        project.put(state(queued("a_1_1", status="posted"), history=history))
        project.driver.run()
    assert [row["late_seconds"] for row in project.store.rows("delivery")] == [0, 60, 120, 180, 240]


def test_the_hour_that_comes_twice_is_told_by_the_order_of_the_history() -> None:
    entries = [
        {"post_id": "linkedin_1_1", "posted_at": f"2025-11-02T{time}", "status": "success"}
        for time in ("01:30:00", "01:50:00", "01:10:00", "02:10:00")
    ]
    found = parse_state(json.dumps(state(history=entries)), ZoneInfo("America/New_York"))
    steps = [later.posted - earlier.posted for earlier, later in zip(found.history, found.history[1:], strict=False)]
    assert [step // 60_000_000_000 for step in steps] == [20, 20, 60]


def test_the_recorded_service_runs_come_out_right(shared_data: Path, project: Project) -> None:
    steps = shared_data / "recorded" / "dev" / "steps"
    project.put((steps / "27-service-stock" / "outputs" / "scheduler_state.json").read_bytes())
    project.driver.run()
    assert Counter((r["platform"], r["status"]) for r in project.store.rows("queue_item")) == {
        ("linkedin", "posted"): 1, ("linkedin", "pending"): 11,
        ("twitter", "posted"): 1, ("twitter", "failed"): 4, ("twitter", "pending"): 16,
    }  # fmt: skip
    project.put((steps / "28-service-class" / "svc-outputs" / "scheduler_state.json").read_bytes())
    project.driver.run()
    assert project.driver.run() == 0
    assert Counter((r["platform"], r["outcome"]) for r in project.store.rows("delivery")) == {
        ("linkedin", "ok"): 4, ("linkedin", "failed"): 1, ("twitter", "ok"): 4, ("twitter", "failed"): 9,
    }  # fmt: skip
    assert all(row["late_seconds"] > 0 for row in project.store.rows("delivery"))
    assert not project.driver.letters


queues = st.lists(
    st.builds(
        lambda number, hour, status: queued(f"x_{number}_1", f"2025-10-29T{hour:02}:00:00", status),
        st.integers(1, 3), st.integers(9, 11), st.sampled_from(["pending", "posted", "failed"]),
    ),
    max_size=3,
)  # fmt: skip
crashes = st.one_of(st.none(), st.integers(0, 8), st.just("before remembering"))


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(queues, crashes), min_size=1, max_size=5))
def test_interrupted_runs_end_in_the_same_store(steps: list[Any]) -> None:
    ends = []
    for crashing in (True, False):
        with tempfile.TemporaryDirectory() as folder:
            project = Project(Path(folder))
            history: list[Any] = []
            for number, (items, crash) in enumerate(steps):
                history.append({"post_id": "x_1_1", "posted_at": f"2025-10-29T09:00:0{number}", "status": "success"})
                project.put(state(*items, history=history))
                _run(project.driver, crash if crashing else None)
            project.driver.run()
            ends.append(project.store.points)
    assert ends[0].keys() == ends[1].keys()
    assert [_steady(p.fields) for p in ends[0].values()] != [] and {
        k: _steady(p.fields) for k, p in ends[0].items()
    } == {k: _steady(p.fields) for k, p in ends[1].items()}


def _steady(fields: Any) -> dict[str, Any]:
    return {
        name: value for name, value in fields.items() if name not in {"late_seconds", "retry_count", "topic", "line"}
    }


def _run(driver: Driver, crash: Any) -> None:
    if crash == "before remembering":
        driver.run(keep_checkpoint=False)
    elif crash is None:
        driver.run()
    else:
        try:
            driver.run(keep_points=crash)
        except Crash:
            driver.run()
