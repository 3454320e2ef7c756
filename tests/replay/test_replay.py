"""The recorded runs give exactly the numbers their servers counted."""

from __future__ import annotations

import contextlib
import json
import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from collectors.app_log.collector import AppLogCollector
from collectors.base import Collector
from collectors.calendars.collector import CalendarsCollector
from collectors.journey.collector import JourneyCollector
from collectors.outcomes.collector import OutcomesCollector
from collectors.recall import recall
from collectors.scheduler_state.collector import SchedulerStateCollector
from collectors.source import Source
from metricstore.duck import DuckStore
from metricstore.influx import InfluxStore
from tests.collectors.outcomes.remembering import RevisedMemoryStore
from tests.replay.recording import Recording
from tests.stores import fresh_name

Rows = list[dict[str, Any]]


@pytest.fixture(scope="session")
def recording(shared_data: Path) -> Recording:
    return Recording(shared_data / "recorded" / "dev")


STORES = ["memory", "duck", pytest.param("influx", marks=pytest.mark.influx)]


@pytest.fixture(params=STORES)
def anywhere(request: pytest.FixtureRequest) -> Any:
    """Each store, and plain memory."""
    return RevisedMemoryStore() if request.param == "memory" else request.getfixturevalue(f"{request.param}_store")


@pytest.fixture(scope="module", params=STORES)
def opened(request: pytest.FixtureRequest) -> Iterator[Callable[[], Any]]:
    """As `anywhere`, as often as it is called and for all tests of the file."""
    kind, stack = request.param, contextlib.ExitStack()

    def made() -> Any:
        if kind == "memory":
            return RevisedMemoryStore()
        if kind == "duck":
            return stack.enter_context(contextlib.closing(DuckStore(None)))
        server, bucket = request.getfixturevalue("influxd"), fresh_name()
        stack.callback(server.delete_bucket, bucket)
        return stack.enter_context(contextlib.closing(InfluxStore(server.url, server.token, server.org, bucket)))

    with stack:
        yield made


class Site:
    """A source folder and what is collected from it, as a fresh process would each time."""

    def __init__(self, folder: Path, store: Any, zone: str) -> None:
        self.source = Source(folder, zone)
        self.store = store
        self.checkpoints: dict[str, Any] = {}
        self.letters = 0

    def collect(self) -> None:
        for collector in self._collectors():
            for batch in collector.collect(self.checkpoints.get(collector.name, {}), self.store):
                assert len(batch.points) <= 5000
                if batch.deleted:
                    self.store.delete(batch.deleted)
                if batch.points:
                    result = self.store.write(batch.points)
                    assert result.rejected == ()
                if collector.name == "app_log":
                    self.letters += len(batch.dead_letters)
                self.checkpoints[collector.name] = json.loads(json.dumps(batch.checkpoint))

    def _collectors(self) -> Iterator[Collector]:
        yield AppLogCollector(self.source)
        yield CalendarsCollector(self.source)
        yield OutcomesCollector(self.source)

    def rows(self, name: str) -> Rows:
        return [{"time": known.time, **known.values} for known in recall(self.store, name)]


@pytest.fixture(scope="module")
def played(recording: Recording, opened: Callable[[], Any], tmp_path_factory: pytest.TempPathFactory) -> Site:
    """Collected after every step."""
    site = Site(tmp_path_factory.mktemp("played") / "site", opened(), recording.truth["timezone"])
    for _ in recording.play(site.source.root):
        site.collect()
    return site


@pytest.fixture(scope="module")
def at_end(recording: Recording, opened: Callable[[], Any], tmp_path_factory: pytest.TempPathFactory) -> Site:
    """Collected once, when all was over."""
    site = Site(tmp_path_factory.mktemp("end") / "site", opened(), recording.truth["timezone"])
    recording.finish(site.source.root)
    site.collect()
    return site


def _counted(rows: Rows, *names: str) -> Counter[Any]:
    return Counter(tuple(row[name] for name in names) if len(names) > 1 else row[names[0]] for row in rows)


def check_log_facts(site: Site, recording: Recording) -> None:
    """All that the log alone tells."""
    totals = recording.truth["totals_in_site_logs"]
    everything = recording.truth["totals"]
    for platform in ("linkedin", "twitter"):
        assert _counted(site.rows("generation"), "platform")[platform] == totals[f"main.{platform}.posts_finished"]
        started, completed = (totals[f"main.{platform}.batches_{how}"] for how in ("started", "completed"))
        batches = _counted(site.rows("batch"), "platform", "outcome")
        assert batches[platform, "completed"] == completed
        assert batches[platform, "abandoned"] == started - completed
    # Refused and cut connections (status 0) and what an interrupted process still got are in no log.
    answered = {key.rsplit(".", 1)[1]: n for key, n in totals.items() if key.startswith("main.http_status.")}
    answered.pop("0")
    answered["200"] -= totals["main.calls_aborted"]
    assert _counted(site.rows("ai_request"), "http_status") == answered
    # Servers that are down count no retries.
    unreached = sum(
        3 * run["generation"]["calls_failed"]
        for run in recording.generation_runs()
        if not run["generation"]["http_by_status"]
    )
    assert len(site.rows("ai_retry")) == totals["main.retries"] + unreached
    attempts = _counted(site.rows("scheduling_attempt"), "program", "outcome")
    for program in ("main", "service"):
        for outcome in ("ok", "failed"):
            assert attempts[program, outcome] == everything[f"buffer.{program}.creates_{outcome}"]


def _check_log_records(site: Site, recording: Recording) -> None:
    text = "".join((recording.folder / "logs" / name).read_text("utf-8") for name in ("app.log.1", "app.log"))
    levels = Counter(line.split(" - ", 2)[1] for line in text.split("\n") if line[:2] == "20" and " - " in line[23:26])
    assert _counted(site.rows("log_record"), "level") == levels
    assert "other" not in _counted(site.rows("log_record"), "event")
    assert site.letters == 0


def test_played_step_by_step_every_count_is_the_servers(played: Site, recording: Recording) -> None:
    check_log_facts(played, recording)
    _check_log_records(played, recording)
    totals = recording.truth["totals_in_site_logs"]
    outcomes = _counted(played.rows("generation"), "platform", "outcome")
    for platform in ("linkedin", "twitter"):
        assert outcomes[platform, "ok"] == totals[f"main.{platform}.posts_ok"]
        failures = outcomes[platform, "failed"] + outcomes[platform, "partial"]
        assert failures == totals[f"main.{platform}.posts_with_failure"]


def test_played_step_by_step_every_post_has_its_true_outcome(played: Site, recording: Recording) -> None:
    by_batch: dict[str, Rows] = {}
    for row in sorted(played.rows("generation"), key=lambda row: row["position"]):
        by_batch.setdefault(row["batch_id"], []).append(row)
    batches = sorted(played.rows("batch"), key=lambda row: row["time"])
    expected = {"ok": "ok", "failed": "failed", "partly_failed": "partial", "ok_null": "unknown", "ok_empty": "unknown"}
    runs = recording.generation_runs()
    assert len(batches) == len(runs)
    for batch, run in zip(batches, sorted(runs, key=lambda run: run["step"]), strict=True):
        truth = run["generation"]
        rows = by_batch[batch["batch_id"]]
        assert (batch["platform"], batch["requested"]) == (truth["platform"], truth["posts_requested"]), run["name"]
        assert batch["finished"] == truth["posts_finished"], run["name"]
        finished = [post for post in run["posts"] if post["n"] <= truth["posts_finished"]]
        if len(finished) == len(rows):
            assert [row["outcome"] for row in rows] == [expected[post["result"]] for post in finished], run["name"]


def test_post_times_are_the_servers_and_a_little(played: Site, recording: Recording) -> None:
    """A post takes what its requests took, and some time of the program's own."""
    took = {(row["batch_id"], row["position"]): row.get("duration_seconds") for row in played.rows("generation")}
    batches = sorted(played.rows("batch"), key=lambda row: row["time"])
    for batch, run in zip(batches, recording.generation_runs(), strict=True):
        for post in run["posts"][1:]:
            if (seconds := took.get((batch["batch_id"], post["n"]))) is not None and post["http_attempts"]:
                assert post["seconds"] - 0.1 <= seconds <= post["seconds"] + 1.5, (run["name"], post["n"])


def test_collected_once_at_the_end_the_log_tells_the_same(at_end: Site, recording: Recording) -> None:
    check_log_facts(at_end, recording)
    _check_log_records(at_end, recording)


def test_what_the_log_calls_failed_did_fail(at_end: Site, recording: Recording) -> None:
    totals = recording.truth["totals_in_site_logs"]
    known = _counted(at_end.rows("generation"), "outcome")
    assert known["failed"] + known["partial"] <= sum(
        totals[f"main.{platform}.posts_with_failure"] for platform in ("linkedin", "twitter")
    )
    sure = sum(
        1
        for run in recording.generation_runs()
        for post in run["posts"]
        if post["failed_calls"] and not any(outcome.endswith("200") for outcome in post["outcomes"])
    )
    assert known["failed"] + known["partial"] >= sure


def test_collecting_again_from_nothing_changes_no_count(played: Site, recording: Recording) -> None:
    before = {
        name: played.rows(name) for name in ("log_record", "generation", "batch", "ai_request", "scheduling_attempt")
    }
    Site(played.source.root, played.store, recording.truth["timezone"]).collect()
    for name, rows in before.items():
        again = played.rows(name)
        assert len(again) == len(rows), name
        if "outcome" in rows[0]:
            assert _counted(again, "outcome") == _counted(rows, "outcome"), name


def test_a_log_in_the_windows_code_page_counts_the_post_whose_record_was_lost(
    recording: Recording, anywhere: Any, tmp_path: Path
) -> None:
    folder = tmp_path / "site"
    shutil.copytree(recording.folder / "cp1252", folder, copy_function=shutil.copyfile)
    site = Site(folder, anywhere, recording.truth["timezone"])
    site.collect()
    run = next(run for run in recording.runs if run.get("log_file") == "cp1252/app.log")
    rows = site.rows("generation")
    assert len(rows) == run["generation"]["posts_finished"]
    assert _counted(rows, "outcome")["ok"] == run["generation"]["posts_ok"]
    assert not any("\ufffd" in row.get("message", "") for row in site.rows("log_record"))


def test_every_recorded_post_is_in_exactly_one_step(recording: Recording, duck_store: Any, tmp_path: Path) -> None:
    site = Site(tmp_path / "site", duck_store, recording.truth["timezone"])
    for _ in recording.play(site.source.root):
        site.collect()
        for collector in (SchedulerStateCollector(site.source), JourneyCollector(site.source)):
            for batch in collector.collect(site.checkpoints.get(collector.name, {}), duck_store):
                duck_store.delete(batch.deleted)
                assert duck_store.write(batch.points).rejected == ()
                site.checkpoints[collector.name] = batch.checkpoint
    journeys = site.rows("post_journey")
    calendar = [row for row in journeys if row["anchor"] == "calendar"]
    assert sorted(row["post_id"] for row in calendar) == sorted(row["post_id"] for row in site.rows("post"))
    finished = [(row["file"], row["line"]) for row in journeys if "line" in row]
    assert sorted(finished) == sorted((row["file"], row["line"]) for row in site.rows("generation"))
    assert sum(row.get("tries", 0) for row in journeys) == len(site.rows("scheduling_attempt"))
    joined = {(row["file"], row["line"]) for row in calendar if "line" in row}
    assert joined == {(row["file"], row["line"]) for row in site.rows("generation") if "revision" in row}
    strange = {row["unmatched"] for row in journeys if row["anchor"] == "log"}
    assert strange <= {"calendar_not_seen", "no_queue_item"}, "each try is joined with the calendar it was made from"
    causes = {row.get("cause", "") for row in journeys}
    assert {
        "calendar_replaced",
        "generation_failed",
        "attempt_failed",
        "scheduler_gave_up",
        "batch_abandoned",
    } <= causes
    assert all(row["state"] == "untold" for row in journeys if row["step"] == "sent"), "nobody tells of figures here"
