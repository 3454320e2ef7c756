"""The right to collect where the database that machines agree by hangs, is away, or is asked from two threads at once."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

import collectors.runner.right as right
import collectors.runner.service as service
from collectors.base import Checkpoint, TemporaryFailure
from collectors.runner import Runner, RunnerBusy
from collectors.runner.backfill import Span
from collectors.runner.checkpoints import Checkpoints, LeaseLost
from collectors.runner.retry import Backoff
from collectors.runner.right import Right
from tests.collectors.runner.troubles import LineCollector, TroubledStore, eventually

WORDS = "another machine has taken over collecting; it reads this again"
SPAN = Span(datetime(1970, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC))


class Agreement:
    """A lease that nobody else wants, whose database behaves as it is made to."""

    def __init__(self) -> None:
        self.before_take: Callable[[], object] = lambda: None
        self.before_release: Callable[[], object] = lambda: None
        self.takes = self.releases = 0
        self.checkpoints: Callable[[Path, str], Checkpoints] = Checkpoints

    def take(self) -> bool:
        self.takes += 1
        self.before_take()
        return True

    def renew(self) -> bool:
        self.before_take()
        return True

    def release(self) -> None:
        self.before_release()
        self.releases += 1

    def owner(self) -> str:
        return "process 7 on another machine"


def away() -> None:
    raise TemporaryFailure("the accounts database does not answer: no route to host")


@pytest.fixture(autouse=True)
def hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(right, "RENEW_SECONDS", 0.05)
    monkeypatch.setattr(right, "_GIVE_BACK_SECONDS", 0.2)
    monkeypatch.setattr(service, "_STANDBY_SECONDS", 0.02)


def runner_of(tmp_path: Path, lease: Agreement) -> Runner:
    lines = tmp_path / "lines.txt"
    lines.write_text("one\ntwo\n")
    return Runner([LineCollector(lines)], TroubledStore(), tmp_path / "data", backoff=Backoff(attempts=1), lease=lease)  # type: ignore[list-item]


def test_a_database_that_is_away_is_named_once_and_so_is_its_return(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, right.__name__)
    lease = Agreement()
    lease.before_take = away
    runner = runner_of(tmp_path, lease)
    assert not runner.start()
    assert eventually(lambda: lease.takes > 5)
    with pytest.raises(
        RunnerBusy, match="can't agree on which of them collects: the accounts database does not answer: no route"
    ) as refused:
        runner.run_once()
    assert "process" not in str(refused.value), "nobody is collecting"
    lease.before_take = lambda: None
    assert eventually(lambda: runner.active)
    lease.before_take = away  # and again, while it is renewed
    assert eventually(lambda: caplog.text.count("no route to host") == 2)
    time.sleep(0.2)
    assert runner.active
    lease.before_take = lambda: None
    assert eventually(lambda: caplog.text.count("answers again") == 2)
    runner.stop()
    assert caplog.text.count("no route to host") == 2
    assert "process" not in caplog.text


def test_a_database_that_hangs_does_not_keep_a_runner_from_ending(tmp_path: Path) -> None:
    lease, answers = Agreement(), threading.Event()
    runner = runner_of(tmp_path, lease)
    assert runner.start()
    lease.before_release = answers.wait
    started = time.monotonic()
    assert runner.stop()
    assert time.monotonic() - started < 5
    answers.set()
    assert eventually(lambda: lease.releases == 1)
    assert Right(tmp_path / "data").acquire() is None, "this machine's lock is free"


def test_a_right_that_comes_after_the_end_is_given_back(tmp_path: Path) -> None:
    lease, answers = Agreement(), threading.Event()
    lease.before_take = away
    runner = runner_of(tmp_path, lease)
    assert not runner.start()
    lease.before_take = answers.wait
    takes = lease.takes
    assert eventually(lambda: lease.takes > takes)
    started = time.monotonic()
    assert runner.stop(timeout_seconds=0.2)
    assert time.monotonic() - started < 5
    lease.before_take = lambda: None
    answers.set()
    assert eventually(lambda: lease.releases == 1)
    assert not runner.active


def test_two_threads_of_a_process_do_not_take_it_both(tmp_path: Path) -> None:
    lease, answers, anew = Agreement(), threading.Event(), []
    one = Right(tmp_path, lease)
    lease.before_take = answers.wait

    def borrow() -> None:
        with one.borrowed(lambda: anew.append("anew")):
            assert lease.releases == 0

    threads = [threading.Thread(target=work) for work in (one.acquire, borrow, borrow)]
    threads[0].start()
    assert eventually(lambda: lease.takes == 1)
    for thread in threads[1:]:
        thread.start()
    answers.set()
    for thread in threads:
        thread.join(10)
    assert (lease.takes, lease.releases, anew) == (1, 0, [])
    one.release()
    with one.borrowed(lambda: None):
        with one.borrowed(lambda: None):
            pass
        assert lease.releases == 1 and one.acquire() is not None, "the other single run goes on"
    assert (lease.takes, lease.releases) == (2, 2)
    assert one.acquire() is None
    one.release()


class Broken(Checkpoints):
    """Of a database that fails where marks of a backfill are kept."""

    failure: Exception
    fails_at = ""

    def load(self, name: str) -> Checkpoint:
        self._fail("load", name)
        return super().load(name)

    def drop(self, name: str) -> None:
        self._fail("drop", name)
        super().drop(name)

    def save(self, name: str, checkpoint: Checkpoint) -> None:
        self._fail("save", name)
        super().save(name, checkpoint)

    def _fail(self, act: str, name: str) -> None:
        if act == self.fails_at and name.startswith("backfill-"):
            raise self.failure


@pytest.mark.parametrize("act", ["load", "save", "drop"])
@pytest.mark.parametrize("failure", [LeaseLost(WORDS), TemporaryFailure("the accounts database does not answer: gone")])
def test_a_backfill_whose_marks_can_not_be_kept_is_a_failed_run_in_plain_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, act: str, failure: Exception
) -> None:
    monkeypatch.setattr(Broken, "failure", failure, raising=False)
    monkeypatch.setattr(Broken, "fails_at", act)
    lease = Agreement()
    lease.checkpoints = Broken
    report = runner_of(tmp_path, lease).backfill("lines", SPAN)
    assert (report.outcome, report.error) == ("failed", str(failure))
    assert report.points == (2 if act == "drop" else 0)
    assert lease.releases == 1
