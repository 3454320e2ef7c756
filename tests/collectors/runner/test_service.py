"""Collecting all the time: by interval, by changed files, after others; stopping and taking over."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from collectors.base import Batch, Checkpoint
from collectors.runner import Runner, first_runs
from collectors.runner.retry import Backoff
from metricstore.errors import StoreUnreachable
from metricstore.store import Store
from tests.collectors.runner.troubles import FailingCollector, LineCollector, TroubledStore, eventually

QUICK = Backoff(attempts=1)


class Service:
    """Runners that are stopped after the test."""

    def __init__(self, folder: Path) -> None:
        self.memory = TroubledStore()
        self.data = folder / "data"
        self.lines = folder / "source" / "app.log"
        self.lines.parent.mkdir()
        self.lines.write_text("one\n")
        self.runners: list[Runner] = []

    def start(self, *collectors: LineCollector, watch_files: bool = True) -> Runner:
        runner = Runner(collectors, self.memory, self.data, backoff=QUICK, watch_files=watch_files)  # type: ignore[arg-type]
        self.runners.append(runner)
        runner.start()
        return runner

    def append(self, text: str) -> None:
        with self.lines.open("a") as file:
            file.write(text)

    def has(self, *texts: str) -> bool:
        return eventually(lambda: self.memory.messages() == list(texts))


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    found = Service(tmp_path)
    yield found
    for runner in found.runners:
        runner.stop()


def test_everything_runs_once_right_after_the_start(service: Service) -> None:
    runner = service.start(LineCollector(service.lines))
    assert service.has("one")
    assert eventually(lambda: runner.states()[0].last_success is not None)
    (state,) = runner.states()
    assert (state.name, state.last_outcome, state.last_error, state.lag_seconds) == ("lines", "ok", None, 0.0)
    assert state.next_run is not None and state.checkpoint_age_seconds is not None


def test_an_appended_line_is_in_the_store_within_two_seconds(service: Service) -> None:
    service.start(LineCollector(service.lines))
    assert service.has("one")
    time.sleep(0.5)
    for number in range(3):
        service.append(f"line {number}\n")
        began = time.monotonic()
        assert eventually(lambda n=number: f"line {n}" in service.memory.messages())  # type: ignore[misc]
        assert time.monotonic() - began < 2.0


def test_a_file_that_vanishes_with_its_folder_is_found_again(service: Service) -> None:
    service.start(LineCollector(service.lines))
    assert service.has("one")
    service.lines.unlink()
    service.lines.parent.rmdir()
    time.sleep(2.5)
    service.lines.parent.mkdir()
    service.lines.write_text("one\ntwo\n")
    assert service.has("one", "two")


def test_runs_set_off_by_files_never_overlap_and_miss_nothing(service: Service) -> None:
    collector = LineCollector(service.lines)
    collector.before_batch = lambda number: time.sleep(0.15)
    runner = service.start(collector)
    for number in range(20):
        service.append(f"{number}\n")
        runner.wake("lines")
        time.sleep(0.03)
    assert service.has("one", *map(str, range(20)))
    assert collector.most_at_once == 1


def test_runs_that_find_nothing_do_not_fill_the_store(service: Service) -> None:
    collector = LineCollector(service.lines)
    runner = service.start(collector, watch_files=False)
    assert service.has("one")
    for _ in range(20):
        before = collector.runs
        runner.wake("lines")
        assert eventually(lambda n=before: collector.runs > n)  # type: ignore[misc]
    assert len(service.memory.rows("collector_run")) <= 2


def test_while_nobody_waits_for_news_the_clock_starts_nothing_again(service: Service) -> None:
    collector, nobody = LineCollector(service.lines), threading.Event()
    ticks: list[int] = []
    collector.interval_seconds = 0.05

    def unhurried() -> bool:
        ticks.append(collector.runs)
        return nobody.is_set()

    runner = Runner([collector], service.memory, service.data, watch_files=False, unhurried=unhurried)  # type: ignore[list-item, arg-type]
    service.runners.append(runner)
    runner.start()
    assert eventually(lambda: collector.runs > 3)
    nobody.set()
    before = len(ticks)
    assert eventually(lambda: len(ticks) > before + 5)
    assert ticks[-1] == ticks[-3], "the clock goes on, the collector rests"
    runner.wake("lines")
    assert eventually(lambda: collector.runs > ticks[-1] or ticks[-1] > ticks[before + 1])
    nobody.clear()
    resting = collector.runs
    assert eventually(lambda: collector.runs > resting + 3)


def test_a_follower_runs_after_another_brought_news(service: Service) -> None:
    class Outcomes(LineCollector):
        def watched(self) -> list[Path]:
            return []

    outcomes = Outcomes(service.lines.with_name("none"), "outcomes")
    service.start(LineCollector(service.lines, "app_log"), outcomes)
    assert eventually(lambda: outcomes.runs >= 2)
    before = outcomes.runs
    service.append("two\n")
    assert eventually(lambda: outcomes.runs > before)


def test_files_are_first_read_one_after_the_other_and_put_together_last(service: Service) -> None:
    """All at once would need the memory of all of them."""
    spans: dict[str, tuple[float, float]] = {}

    class Slow(LineCollector):
        def collect(self, checkpoint: Checkpoint, store: Store) -> Iterator[Batch]:
            began = time.monotonic()
            time.sleep(0.3)
            yield from super().collect(checkpoint, store)
            spans.setdefault(self.name, (began, time.monotonic()))

    class Following(Slow):
        def watched(self) -> list[Path]:
            return []

    following = Following(service.lines.with_name("none"), "outcomes")
    service.start(following, Slow(service.lines, "calendars"), Slow(service.lines, "app_log"), watch_files=False)
    assert eventually(lambda: len(spans) == 3)
    first, second, last = sorted(spans, key=lambda name: spans[name])
    assert {first, second} == {"calendars", "app_log"} and last == "outcomes"
    assert spans[first][1] <= spans[second][0] and spans[second][1] <= spans[last][0]


def test_one_whose_first_run_hangs_holds_the_others_up_for_a_while_only(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(first_runs, "_PATIENCE_SECONDS", 0.5)
    held = threading.Event()
    hanging = LineCollector(service.lines.with_name("other"), "calendars")
    hanging.path.write_text("there\n")
    hanging.before_batch = lambda number: held.wait(30) and None
    try:
        service.start(hanging, LineCollector(service.lines, "app_log"))
        assert service.has("one")
    finally:
        held.set()


def test_a_store_that_is_away_for_a_while_gets_everything_when_it_is_back(service: Service) -> None:
    service.memory.trouble = StoreUnreachable("store is away")
    runner = service.start(LineCollector(service.lines))
    assert eventually(lambda: runner.states()[0].consecutive_failures >= 2)
    service.append("two\n")
    state = runner.states()[0]
    assert (state.last_outcome, state.last_error) == ("failed", "store is away")
    assert state.lag_seconds > 0
    service.memory.trouble = None
    assert service.has("one", "two")
    assert eventually(lambda: len(service.memory.rows("collector_run")) >= 3), "the failed runs are told later"


def test_a_failing_collector_is_tried_again_soon_and_disturbs_no_other(service: Service) -> None:
    failing = FailingCollector(service.lines.with_name("other"), [ValueError("first"), ValueError("second")])
    runner = service.start(failing, LineCollector(service.lines))
    assert service.has("one")
    assert eventually(lambda: runner.states()[0].last_outcome == "ok")
    assert failing.runs == 3


def test_stopping_lets_the_running_batch_finish_and_be_remembered(service: Service) -> None:
    service.append("two\nthree\n")
    inside, go_on = threading.Event(), threading.Event()

    def wait(number: int) -> None:
        inside.set()
        go_on.wait(30)

    collector = LineCollector(service.lines, per_batch=1)
    collector.before_batch = wait
    runner = service.start(collector)
    assert inside.wait(10)
    threading.Timer(0.3, go_on.set).start()
    assert runner.stop()
    assert service.memory.messages() == ["one"]
    again = LineCollector(service.lines)
    service.start(again)
    assert service.has("one", "two", "three")
    assert eventually(lambda: [row["records"] for row in service.memory.rows("collector_run")][:2] == [1, 2])


def test_a_batch_that_takes_long_is_left_when_it_is_to_stop_and_made_again_at_the_next_start(service: Service) -> None:
    service.append("two\n")
    inside, go_on = threading.Event(), threading.Event()

    def hang(number: int) -> None:
        if number == 1:
            inside.set()
            go_on.wait(60)

    collector = LineCollector(service.lines, per_batch=1)
    collector.before_batch = hang
    runner = service.start(collector)
    assert inside.wait(10)
    assert not runner.stop(5), "its thread is still at work"
    assert not runner.states()[0].running
    again = LineCollector(service.lines)
    service.start(again)
    assert service.has("one", "two")
    go_on.set()
    assert service.has("one", "two")


def test_a_second_runner_stands_by_and_takes_over(service: Service) -> None:
    first = service.start(LineCollector(service.lines))
    waiting = LineCollector(service.lines)
    second = service.start(waiting)
    assert first.active and not second.active
    assert first.alive and second.alive
    assert service.has("one")
    assert waiting.runs == 0
    first.stop()
    assert not first.alive
    assert eventually(lambda: second.active and waiting.runs > 0)
