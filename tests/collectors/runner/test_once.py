"""Running collectors once: isolation, retries, counts, what is remembered."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
import threading
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from collectors.base import ASKED, Batch, Checkpoint, Refused, TemporaryFailure
from collectors.runner import Runner, RunnerBusy
from collectors.runner.retry import Backoff
from metricstore.errors import StoreFull, StoreUnreachable, UnknownName
from metricstore.point import Point, WriteResult
from metricstore.store import Store
from tests.collectors.runner.troubles import FailingCollector, LineCollector, TroubledStore

QUICK = Backoff(first=0.01, longest=0.2)


@pytest.fixture
def lines(tmp_path: Path) -> Path:
    path = tmp_path / "source" / "lines.txt"
    path.parent.mkdir()
    path.write_text("one\ntwo\nthree\n")
    return path


@pytest.fixture
def memory() -> TroubledStore:
    return TroubledStore()


def runner_of(memory: TroubledStore, tmp_path: Path, *collectors: LineCollector, **words: object) -> Runner:
    return Runner(collectors, memory, tmp_path / "data", backoff=QUICK, **words)  # type: ignore[arg-type]


def test_a_run_counts_records_points_and_rejected(memory: TroubledStore, lines: Path, tmp_path: Path) -> None:
    lines.write_text("one\nbad\nthree\n")
    (report,) = runner_of(memory, tmp_path, LineCollector(lines)).run_once()
    assert (report.name, report.outcome, report.records, report.points, report.rejected) == ("lines", "ok", 3, 2, 1)
    assert memory.messages() == ["one", "three"]
    (letter,) = memory.rows("dead_letter")
    assert (letter["file"], letter["line"], letter["reason"]) == ("lines.txt", 2, "bad line")
    (run,) = memory.rows("collector_run")
    assert (run["collector"], run["outcome"], run["records"], run["points"], run["rejected"]) == (
        "lines",
        "ok",
        3,
        2,
        1,
    )


def test_a_second_run_reads_only_what_is_new(memory: TroubledStore, lines: Path, tmp_path: Path) -> None:
    runner_of(memory, tmp_path, LineCollector(lines)).run_once()
    with lines.open("a") as file:
        file.write("four\n")
    (report,) = runner_of(memory, tmp_path, LineCollector(lines)).run_once()
    assert report.records == 1
    assert memory.messages() == ["one", "two", "three", "four"]


def test_every_run_from_the_command_line_writes_its_point_even_when_nothing_is_new(
    memory: TroubledStore, lines: Path, tmp_path: Path
) -> None:
    runner = runner_of(memory, tmp_path, LineCollector(lines))
    for _ in range(3):
        runner.run_once()
    assert [row["points"] for row in memory.rows("collector_run")] == [3, 0, 0]


def test_one_collector_failing_does_not_stop_the_others(memory: TroubledStore, lines: Path, tmp_path: Path) -> None:
    broken = FailingCollector(lines, [RuntimeError("token=tok-123 is no good"), RuntimeError("again")])
    reports = runner_of(memory, tmp_path, broken, LineCollector(lines)).run_once()
    assert [report.outcome for report in reports] == ["failed", "ok"]
    assert reports[0].error is not None and reports[0].error.startswith("RuntimeError: ")
    assert "tok-123" not in reports[0].error
    assert memory.messages() == ["one", "two", "three"]
    assert {row["outcome"] for row in memory.rows("collector_run")} == {"failed", "ok"}


def test_a_collector_that_hangs_is_given_up_and_the_others_go_on(
    memory: TroubledStore, lines: Path, tmp_path: Path
) -> None:
    hanging, release = LineCollector(lines, "hanging"), threading.Event()
    hanging.before_batch = lambda number: None if number == 0 else release.wait(30) and None
    runner = runner_of(memory, tmp_path, hanging, LineCollector(lines), timeout_seconds=0.3)
    reports = runner.run_once()
    assert [report.outcome for report in reports] == ["timeout", "ok"]
    assert reports[0].points == 2, "what came before it hung is kept"
    assert [report.outcome for report in runner.run_once()] == ["timeout", "ok"], "no second run beside one that hangs"
    assert hanging.most_at_once == 1
    release.set()


def test_a_temporary_failure_is_tried_again_and_counted(memory: TroubledStore, lines: Path, tmp_path: Path) -> None:
    collector = FailingCollector(lines, [TemporaryFailure("busy"), TemporaryFailure("still busy", retry_after=0.05)])
    (report,) = runner_of(memory, tmp_path, collector).run_once()
    assert (report.outcome, report.attempts, report.points) == ("ok", 3, 3)


def test_a_source_that_asks_for_long_patience_is_left_alone_until_a_later_run(
    memory: TroubledStore, lines: Path, tmp_path: Path
) -> None:
    collector = FailingCollector(lines, [TemporaryFailure("quota used up", retry_after=3600)])
    (report,) = runner_of(memory, tmp_path, collector).run_once()
    assert (report.outcome, report.attempts, report.error) == ("failed", 1, "quota used up")
    assert report.retry_after == 3600


@pytest.mark.parametrize("trouble", [StoreUnreachable("store is away"), StoreFull("disk is full")])
def test_what_the_store_refused_is_written_once_it_is_back(
    memory: TroubledStore, lines: Path, tmp_path: Path, trouble: StoreUnreachable
) -> None:
    runner = runner_of(memory, tmp_path, LineCollector(lines))
    memory.trouble = trouble
    (report,) = runner.run_once()
    assert (report.outcome, report.error, report.points) == ("failed", str(trouble), 0)
    memory.trouble = None
    (report,) = runner.run_once()
    assert (report.outcome, report.points) == ("ok", 3)
    assert memory.messages() == ["one", "two", "three"]
    assert [row["outcome"] for row in memory.rows("collector_run")] == ["failed", "ok"], "the failed run is told later"


def test_a_corrupt_checkpoint_is_set_aside_and_reading_starts_over(
    memory: TroubledStore, lines: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    runner_of(memory, tmp_path, LineCollector(lines)).run_once()
    (path,) = (tmp_path / "data" / "checkpoints").glob("*/lines.json")
    for rubbish in (b"", b'{"checkpoint": {"li', b'{"checkpoint": []}', b"\xff\xfe"):
        path.write_bytes(rubbish)
        (report,) = runner_of(memory, tmp_path, LineCollector(lines)).run_once()
        assert (report.outcome, report.records) == ("ok", 3)
    assert memory.messages() == ["one", "two", "three"]
    assert len(list(path.parent.glob("lines.json.corrupt-*"))) == 4
    assert "checkpoint of lines is corrupt" in caplog.text


def test_an_emptied_store_is_filled_again_and_another_store_has_its_own_checkpoints(
    memory: TroubledStore, lines: Path, tmp_path: Path
) -> None:
    runner_of(memory, tmp_path, LineCollector(lines)).run_once()
    memory.points.clear()
    (report,) = runner_of(memory, tmp_path, LineCollector(lines)).run_once()
    assert report.points == 3


def test_since_writes_again_only_what_is_dated_later(memory: TroubledStore, lines: Path, tmp_path: Path) -> None:
    runner = runner_of(memory, tmp_path, LineCollector(lines))
    runner.run_once()
    before = dict(memory.points)
    (report,) = runner.run_once(since=datetime.fromtimestamp(0, UTC).replace(microsecond=1001))
    assert (report.records, report.points) == (3, 2)
    assert {k: v for k, v in memory.points.items() if k[0] != "collector_run"} == {
        k: v for k, v in before.items() if k[0] != "collector_run"
    }


def test_points_a_store_refuses_are_set_aside_with_its_reason(
    memory: TroubledStore, lines: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wrong = Point("log_record", 5, {"level": "INFO", "event": "other"}, {"message": "m", "line": "seven"})
    monkeypatch.setattr("tests.collectors.runner.troubles.line_point", lambda place, text: wrong)
    (report,) = runner_of(memory, tmp_path, LineCollector(lines, per_batch=1)).run_once()
    assert (report.outcome, report.points, report.rejected) == ("ok", 0, 3)
    (letter,) = memory.rows("dead_letter")
    assert "log_record" in str(letter["excerpt"])


def test_a_full_disk_under_the_checkpoints_loses_nothing(
    memory: TroubledStore, lines: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as broken:
        broken.setattr(os, "fsync", full)
        (report,) = runner_of(memory, tmp_path, LineCollector(lines)).run_once()
        assert report.outcome == "failed"
        assert report.error is not None and "No space left" in report.error
    (report,) = runner_of(memory, tmp_path, LineCollector(lines)).run_once()
    assert report.outcome == "ok"
    assert memory.messages() == ["one", "two", "three"]


def test_names_choose_collectors_and_an_unknown_one_is_refused(
    memory: TroubledStore, lines: Path, tmp_path: Path
) -> None:
    runner = runner_of(memory, tmp_path, LineCollector(lines, "first"), LineCollector(lines, "second"))
    assert [report.name for report in runner.run_once(["second"])] == ["second"]
    with pytest.raises(UnknownName, match="unknown collector 'third'; known: first, second"):
        runner.run_once(["third"])


def test_progress_is_told_after_every_stored_batch(memory: TroubledStore, lines: Path, tmp_path: Path) -> None:
    told = []
    runner_of(memory, tmp_path, LineCollector(lines)).run_once(
        progress=lambda name, progress, records: told.append((name, progress and progress.done, records))
    )
    assert told == [("lines", 2, 2), ("lines", 3, 3)]


HOLD = textwrap.dedent("""
    import sys, time
    from pathlib import Path
    from collectors.runner.lock import RunnerLock
    lock = RunnerLock(Path(sys.argv[1]))
    assert lock.acquire()
    print("held", flush=True)
    sys.stdin.read()
""")


def test_of_two_processes_only_one_collects(memory: TroubledStore, lines: Path, tmp_path: Path) -> None:
    runner = runner_of(memory, tmp_path, LineCollector(lines))
    command = [sys.executable, "-c", HOLD, str(tmp_path / "data")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None and other.stdout.readline() == "held\n"
        with pytest.raises(RunnerBusy, match=f"process {other.pid} on .* is already collecting"):
            runner.run_once()
        other.kill()
    assert runner.run_once()[0].outcome == "ok", "a lock dies with its process"


class AskingCollector(LineCollector):
    """Counts what it asks of a service that always fails."""

    failure: Exception

    def collect(self, checkpoint: Checkpoint, store: Store) -> Iterator[Batch]:
        self.runs += 1
        yield Batch({ASKED: {"budget": checkpoint.get(ASKED, {}).get("budget", 0) + 1}}, bookkeeping=True)
        raise self.failure


def test_what_is_refused_is_not_tried_again_at_once(memory: TroubledStore, lines: Path, tmp_path: Path) -> None:
    collector = AskingCollector(lines)
    collector.failure = Refused("the credential was refused", retry_after=3600)
    (report,) = runner_of(memory, tmp_path, collector).run_once()
    assert (report.error, report.attempts, report.retry_after) == ("the credential was refused", 1, 3600)


def test_remembering_a_request_is_no_progress(memory: TroubledStore, lines: Path, tmp_path: Path) -> None:
    collector = AskingCollector(lines)
    collector.failure = TemporaryFailure("busy")
    (report,) = runner_of(memory, tmp_path, collector).run_once()
    assert (report.outcome, report.attempts, collector.runs) == ("failed", 3, 3)


def test_starting_over_does_not_forget_what_was_asked(memory: TroubledStore, lines: Path, tmp_path: Path) -> None:
    collector = AskingCollector(lines)
    collector.failure = Refused("no")
    runner = runner_of(memory, tmp_path, collector)
    runner.run_once()
    runner.run_once(since=datetime(2026, 1, 1, tzinfo=UTC))
    checkpoint = next((tmp_path / "data").rglob("lines.json")).read_text()
    assert '"budget":2' in checkpoint


class _AheadCollector(LineCollector):
    works_ahead = True


def test_a_collector_that_needs_no_store_makes_its_next_batch_while_the_last_is_stored(
    memory: TroubledStore, lines: Path, tmp_path: Path
) -> None:
    collector, made, seen = _AheadCollector(lines, per_batch=1), [threading.Event() for _ in range(3)], []
    collector.before_batch = lambda number: made[number].set()
    write = memory.write

    def slow_write(points: Iterable[Point]) -> WriteResult:
        found = list(points)
        if found[0].measurement == "log_record":
            place = int(found[0].time - 1_000_000) // 1_000
            seen.append(place == 2 or made[place + 1].wait(10))
        return write(found)

    memory.write = slow_write  # type: ignore[method-assign]
    runner_of(memory, tmp_path, collector).run_once()
    assert seen == [True, True, True]
    assert memory.messages() == ["one", "two", "three"]


def test_other_collectors_make_a_batch_only_when_the_last_is_stored(
    memory: TroubledStore, lines: Path, tmp_path: Path
) -> None:
    stored: list[int] = []
    collector = LineCollector(lines, per_batch=1)
    collector.before_batch = lambda number: stored.append(len(memory.messages()))
    runner_of(memory, tmp_path, collector).run_once()
    assert stored == [0, 1, 2]


def test_a_failing_store_keeps_nothing_of_what_was_made_ahead(
    memory: TroubledStore, lines: Path, tmp_path: Path
) -> None:
    memory.trouble = StoreFull("the disk is full")
    (report,) = runner_of(memory, tmp_path, _AheadCollector(lines, per_batch=1)).run_once()
    assert (report.outcome, report.points) == ("failed", 0)
    memory.trouble = None
    (report,) = runner_of(memory, tmp_path, _AheadCollector(lines, per_batch=1)).run_once()
    assert (report.outcome, memory.messages()) == ("ok", ["one", "two", "three"])
