"""The collector that deletes: announced, seen, interrupted, refused; and what is deleted stays deleted."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from collectors.runner import RunnerBusy, RunReport
from collectors.runner.keeping import Keeping
from dashapp.alerts.sources import Sources
from dashapp.doctor import examine
from dashapp.retention.scheduled import ScheduledRetention
from dashapp.services import make_runner
from dashapp.settings import Settings
from layouts.freshness import freshness_list, summary, warnings_notice
from metricstore.coverage import kept_from
from metricstore.duck import DuckStore
from metricstore.point import Point, nanoseconds
from metricstore.query import Query, RecordQuery
from metricstore.retention import Retention, deletion
from metricstore.sql.questions import SqlQuestions
from metricstore.store import Store
from questions.source_states import sources
from tests import forkserver

ROOT = Path(__file__).parents[2]
EVER = datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)
DAY = timedelta(days=1)


def midnight() -> datetime:
    return datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)


def record(days: float, level: str = "INFO") -> Point:
    """So many days before this one began."""
    time = nanoseconds(midnight()) - round(days * 86_400) * 10**9
    return Point("log_record", time, {"level": level, "event": "other"}, {"message": "something"})


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path / "var", retention=Retention.of({"log_record": 30}))


@pytest.fixture
def opened(settings: Settings, empty_duck_file: Path) -> Iterator[DuckStore]:
    settings.data_dir.mkdir()
    shutil.copy(empty_duck_file, settings.store_path)
    with closing(DuckStore(settings.store_path)) as store:
        store.write([record(days) for days in range(40)])
        yield store


def look(settings: Settings, store: Store, later: timedelta = timedelta(0)) -> RunReport:
    collector = ScheduledRetention(settings.retention, now=lambda: datetime.now(UTC) + later)
    return make_runner(settings, store).run_in_place(collector)


def count(store: Store, name: str = "log_record") -> int:
    return int(store.ask(Query(name, "count", *EVER))["value"].iloc[0])


def deletions(store: Store) -> list[dict[str, Any]]:
    frame = store.records(RecordQuery("deletion", *EVER, descending=False)).frame
    return frame[["measurement", "points", "days"]].to_dict("records")


def test_it_says_for_a_day_what_it_will_delete_and_then_does_so(
    settings: Settings, opened: DuckStore, caplog: pytest.LogCaptureFixture
) -> None:
    first = look(settings, opened)
    assert (first.outcome, first.expired, count(opened)) == ("ok", 0, 40)
    (sentence,) = first.warnings
    assert f"log_record: what is dated before {midnight() - 30 * DAY:%Y-%m-%d} (UTC) will be deleted from" in sentence
    assert f"{sentence} (9 of 40 points)" in caplog.text
    caplog.clear()
    assert look(settings, opened).warnings == first.warnings
    assert sentence not in caplog.text, "the log says it once"
    done = look(settings, opened, DAY)
    assert (done.outcome, done.warnings, done.expired) == ("ok", (), 10), "a day later one more is too old"
    assert count(opened) == 30
    (last,) = [one for one in deletions(opened) if one["points"]]
    assert last == {"measurement": "log_record", "points": 10, "days": 30}
    assert look(settings, opened, DAY).expired == 0


def test_data_health_and_doctor_show_what_is_announced(settings: Settings, opened: DuckStore) -> None:
    assert make_runner(settings, opened).run_once(["retention"])[0].outcome == "ok"
    now = datetime.now(UTC)
    (state,) = sources(opened, now, "UTC")
    assert (state.name, state.look(now), state.trouble(now)) == ("Retention", "warning", None)
    assert summary([state], now, "UTC").endswith(" · deletion pending")
    assert "deletion pending" in str(freshness_list([state], now, "UTC"))
    shown = str(warnings_notice({state.collector: state.warnings}))
    assert "Announced" in shown and "will be deleted from" in shown and "Not everything was understood" not in shown
    found = {(one.subject, one.level): one.text for one in examine(settings)}
    assert "log_record for 30 days; all else is kept for ever" in found["retention", "ok"]
    assert "will be deleted from" in found["retention", "warning"]
    assert Sources(opened).late(now) == {"retention": ""}, "nobody is woken for it"


def test_nothing_is_done_and_nothing_shown_where_all_is_kept(settings: Settings, opened: DuckStore) -> None:
    plain = settings.model_copy(update={"retention": Retention()})
    assert make_runner(plain, opened).run_once(["retention"])[0].outcome == "ok"
    assert count(opened) == 40 and deletions(opened) == []
    assert sources(opened, datetime.now(UTC), "UTC") == []


def test_a_policy_that_is_taken_back_in_time_deletes_nothing(settings: Settings, opened: DuckStore) -> None:
    look(settings, opened)
    longer = settings.model_copy(update={"retention": Retention.of({"log_record": 365})})
    assert look(longer, opened, 2 * DAY).warnings == ()
    none = settings.model_copy(update={"retention": Retention()})
    assert look(none, opened, 2 * DAY).warnings == ()
    assert count(opened) == 40
    assert not look(settings, opened, 3 * DAY).expired, "set again it is announced again"


def test_what_is_not_deleted_stays_known(settings: Settings, opened: DuckStore) -> None:
    """Neither a clock that was a year ahead for a moment nor a mistyped setting silences alerts."""
    short = settings.model_copy(update={"retention": Retention.of({"log_record": 7, "ai_retry": 7})})
    for later in (timedelta(0), 365 * DAY):
        look(short, opened, later)
    assert deletions(opened) == [] and kept_from(opened) == {}


def test_what_was_left_out_is_not_known_until_more_is_kept_again(settings: Settings, opened: DuckStore) -> None:
    Keeping("app_log", opened, settings.retention).written([record(0), record(50)])
    assert kept_from(opened) == {"log_record": midnight() - 30 * DAY}
    Keeping("app_log", opened, settings.retention).written([record(51)])
    assert len(deletions(opened)) == 1, "it is noted once"
    longer = settings.model_copy(update={"retention": Retention.of({"log_record": 60})})
    look(longer, opened)
    assert kept_from(opened) == {"log_record": midnight() - 60 * DAY}
    none = settings.model_copy(update={"retention": Retention()})
    for _ in range(2):
        look(none, opened)
        assert kept_from(opened) == {} and len(deletions(opened)) == 3


def test_what_was_deleted_is_not_known_under_a_longer_policy_either(settings: Settings, opened: DuckStore) -> None:
    make_runner(settings, opened).run_in_place(ScheduledRetention(settings.retention, by_hand=True))
    look(settings.model_copy(update={"retention": Retention()}), opened)
    assert kept_from(opened) == {"log_record": midnight() - 30 * DAY}


def test_notes_of_clocks_that_were_wrong_do_not_count(opened: DuckStore) -> None:
    now = datetime.now(UTC)
    opened.write([
        deletion("log_record", 30, now + 335 * DAY, 9, now + 365 * DAY),
        deletion("ai_retry", 30, now + DAY, 9, now),
        deletion("post", 400, now - 100 * DAY, 0, now + 300 * DAY),
    ])  # fmt: skip
    assert kept_from(opened) == {}


def test_a_clock_that_is_years_ahead_deletes_nothing(settings: Settings, opened: DuckStore) -> None:
    look(settings, opened)
    look(settings, opened, DAY)
    before = count(opened)
    for ahead in (10 * DAY, 60 * DAY, 4_000 * DAY):
        report = look(settings, opened, DAY + ahead)
        assert report.expired == 0 and len(report.warnings) == 1
    assert count(opened) == before


def test_the_clock_deletes_less_than_half_and_people_the_rest(settings: Settings, opened: DuckStore) -> None:
    opened.write([record(days + 100) for days in range(100)])
    look(settings, opened)
    assert "only by hand" in look(settings, opened, 2 * DAY).warnings[0]
    assert count(opened) == 140
    by_hand = ScheduledRetention(settings.retention, by_hand=True)
    assert make_runner(settings, opened).run_in_place(by_hand).expired == 109
    assert count(opened) == 31
    assert look(settings, opened, DAY).expired == 1, "what a person has agreed to goes on day by day"


def test_points_that_are_too_old_are_left_out_at_writing_and_counted(settings: Settings, tmp_path: Path) -> None:
    project = tmp_path / "project"
    project.mkdir()
    days = (400, 31, 29, 1)
    (project / "app.log").write_text(
        "".join(f"{midnight() - day * DAY:%Y-%m-%d} 12:00:00,000 - INFO - Scheduling complete.\n" for day in days)
    )
    given = settings.model_copy(update={"source_dir": project, "source_timezone": "UTC"})
    with closing(DuckStore(None)) as store:
        store.write([record(0)])
        for since in (None, datetime(2000, 1, 1, tzinfo=UTC)):  # a first reading, and one of all anew
            report = make_runner(given, store).run_once(["app_log"], since)[0]
            assert (report.outcome, report.older, report.rejected, report.error) == ("ok", 2, 0, None)
            assert count(store) == 3
        runs = store.records(RecordQuery("collector_run", *EVER, columns=("older",))).frame
        assert runs["older"].tolist() == [2, 2]


def test_a_clock_that_is_far_ahead_keeps_out_nothing_new(opened: DuckStore) -> None:
    ahead = nanoseconds(datetime.now(UTC) + 400 * DAY)
    keeping = Keeping("app_log", opened, Retention.of({"log_record": 30}), lambda: ahead)
    assert keeping.written([record(0), record(50)]) == [record(0), record(50)]
    in_time = Keeping("app_log", opened, Retention.of({"log_record": 30}))
    assert (in_time.written([record(0), record(50)]), in_time.older) == ([record(0)], 1)


def test_of_what_is_read_first_all_is_stored_and_deleted_stays_deleted(settings: Settings) -> None:
    """With nothing stored nothing shows whether the clock is right."""
    with closing(DuckStore(None)) as store:
        ahead = Keeping("app_log", store, settings.retention, lambda: nanoseconds(datetime.now(UTC) + 400 * DAY))
        assert ahead.written([record(0), record(50)]) == [record(0), record(50)]
        store.write([record(50)])
        assert (
            make_runner(settings, store).run_in_place(ScheduledRetention(settings.retention, by_hand=True)).expired == 1
        )
        again = Keeping("app_log", store, settings.retention)
        assert again.written([record(0), record(50)]) == [record(0)]


def test_a_calendar_with_old_posts_is_no_news_each_time_it_is_written(settings: Settings, tmp_path: Path) -> None:
    outputs = tmp_path / "project" / "outputs"
    outputs.mkdir(parents=True)
    calendar = outputs / "content_calendar.json"
    policy = Retention.of({"post": 150, "post_transition": 150})
    given = settings.model_copy(update={"source_dir": outputs.parent, "source_timezone": "UTC", "retention": policy})

    def wrote(topic: str, days: dict[int, int]) -> None:
        calendar.write_text(json.dumps([
            {"post_number": number, "topic": f"{topic} {number}", "content": f"Text of {topic} {number}", "status": "draft",
             "scheduled_time": f"{midnight() - day * DAY:%Y-%m-%dT10:00:00}", "platform": "linkedin"}
            for number, day in days.items()
        ]))  # fmt: skip

    with closing(DuckStore(None)) as store:
        for topic, posts in (("New", {2: 10}), *((topic, {1: 500, 2: 10}) for topic in ("First", "Second", "Third"))):
            wrote(topic, posts)
            report = make_runner(given, store).run_once(["calendars"])[0]
            assert report.outcome == "ok", report.error
        told = store.records(RecordQuery("post_transition", *EVER, columns=("topic",))).frame["topic"]
        assert all(topic.endswith(" 2") for topic in told), "the one that is too old has no statuses either"
        found = store.records(RecordQuery("post", *EVER, columns=("topic",))).frame["topic"]
        assert "Third 2" in found.tolist() and not any(topic.endswith(" 1") for topic in found)


def test_what_was_put_together_of_points_that_are_gone_stays(settings: Settings) -> None:
    policy = Retention.of({"post": 150, "generation": 150})
    given = settings.model_copy(update={"retention": policy})
    old, new = nanoseconds(midnight() - 200 * DAY), nanoseconds(midnight() - 2 * DAY)

    def journey(time: int, name: str) -> Point:
        tags = {"platform": "linkedin", "time_kind": "instant"}
        return Point("post_journey", time, tags, {"post_id": name, "step": "published"})

    with closing(DuckStore(None)) as store:
        store.write([journey(old, "a"), journey(new, "b")])
        assert make_runner(given, store).run_once(["journey"])[0].outcome == "ok"
        ends = store.bounds("post_journey")
        assert ends is not None and nanoseconds(ends[0]) == nanoseconds(ends[1]) == old, "only what is made anew may go"


def test_what_is_deleted_does_not_depend_on_rollups(opened: DuckStore, monkeypatch: pytest.MonkeyPatch) -> None:
    def wrong(_store: DuckStore, queries: Sequence[Query]) -> list[pd.DataFrame]:
        return [SqlQuestions.ask_all(opened, [query])[0].assign(value=0) for query in queries]

    with monkeypatch.context() as patched:
        patched.setattr(DuckStore, "ask_all", wrong)
        assert sum(opened.expire("log_record", midnight() - 30 * DAY)) == 9
    assert count(opened) == 31


def test_points_written_meanwhile_are_deleted_too(opened: DuckStore, monkeypatch: pytest.MonkeyPatch) -> None:
    limit, late, delete = midnight() - 30 * DAY, [record(38.5)], opened.delete_range

    def writing(*arguments: Any) -> None:
        delete(*arguments)
        opened.write(late)
        late.clear()

    monkeypatch.setattr(opened, "delete_range", writing)
    assert sum(opened.expire("log_record", limit)) == 10
    assert count(opened) == 31


def test_killed_in_the_middle_the_next_run_goes_on_by_itself(settings: Settings, opened: DuckStore) -> None:
    opened.write([record(40 + day + place / 100) for day in range(30) for place in range(10)])
    opened.close()
    command = {"settings": {}, "data": str(settings.data_dir), "kept": {"log_record": 30}, "stretches": 3}
    process = forkserver.start(
        "from tests.retention.killed import main; main()", [json.dumps(command)], env=forkserver.environment(), cwd=ROOT,
        stdout=sys.__stdout__, stderr=sys.__stderr__,
    )  # fmt: skip
    assert process.wait(60) == -9
    with closing(DuckStore(settings.store_path)) as store:
        assert 31 < count(store) < 340
        report = make_runner(settings, store).run_once(["retention"])[0]
        assert (report.outcome, report.warnings) == ("ok", ())
        assert count(store) == 31


def test_told_to_stop_it_ends_between_stretches_and_is_no_failure(
    settings: Settings, opened: DuckStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("metricstore.expiring.MOST_POINTS", 1)
    runner = make_runner(settings, opened)
    delete = opened.delete_range

    def stopping(*arguments: Any) -> None:
        delete(*arguments)
        runner._executing.halt.set()

    monkeypatch.setattr(opened, "delete_range", stopping)
    report = runner.run_in_place(ScheduledRetention(settings.retention, by_hand=True))
    assert (report.outcome, report.expired) == ("ok", 1)
    monkeypatch.undo()
    assert look(settings, opened).expired == 8


def test_only_the_machine_that_collects_deletes(settings: Settings, opened: DuckStore) -> None:
    code = (
        "import sys; from pathlib import Path; from collectors.runner.lock import RunnerLock; "
        "lock = RunnerLock(Path(sys.argv[1])); lock.require(1.0); print('held', flush=True); sys.stdin.readline()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, str(settings.data_dir)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    ) as process:
        assert process.stdout is not None and process.stdout.readline() == "held\n"
        with pytest.raises(RunnerBusy):
            make_runner(settings, opened).run_in_place(ScheduledRetention(settings.retention, by_hand=True))
        process.communicate("\n")
    assert count(opened) == 40
