"""What is left out at writing, and what is known of a time of which points were left out or deleted."""

from __future__ import annotations

import json
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

from collectors.runner.keeping import Keeping
from dashapp.retention.scheduled import ScheduledRetention
from dashapp.services import make_runner
from dashapp.settings import Settings
from metricstore.coverage import kept_from
from metricstore.duck import DuckStore
from metricstore.point import Point, nanoseconds
from metricstore.query import RecordQuery
from metricstore.retention import Retention, deletion
from tests.retention.looking import DAY, EVER, count, deletions, look, midnight, record


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
