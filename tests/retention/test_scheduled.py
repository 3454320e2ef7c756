"""The collector that deletes: announced, seen, interrupted, refused; and what is deleted stays deleted."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from collectors.runner import RunnerBusy
from collectors.runner.checkpoints import remembered
from dashapp.alerts.sources import Sources
from dashapp.doctor import examine
from dashapp.retention.scheduled import ScheduledRetention
from dashapp.services import make_runner, make_source
from dashapp.settings import Settings
from layouts.freshness import freshness_list, summary, warnings_notice
from metricstore.duck import DuckStore
from metricstore.grid import Grid
from metricstore.query import Query
from metricstore.retention import Retention
from metricstore.sql.questions import SqlQuestions
from questions.source_states import sources
from tests import forkserver
from tests.retention.looking import DAY, count, deletions, look, midnight, record

ROOT = Path(__file__).parents[2]


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


def test_reading_all_again_forgets_no_agreement(settings: Settings, opened: DuckStore) -> None:
    look(settings, opened)
    look(settings, opened, DAY)
    agreed = remembered(settings.data_dir, make_source(settings).root)["retention"][1]["kept"]
    assert agreed["log_record"]["days"] == 30
    opened.write([record(31)])
    report = make_runner(settings, opened).run_once(["retention"], midnight() - 10 * DAY)[0]
    assert (report.outcome, report.warnings, report.expired) == ("ok", (), 1)


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


def _of_nothing(answer: Grid) -> Grid:
    return answer.with_columns({"value": np.zeros(len(answer))})


def test_what_is_deleted_does_not_depend_on_rollups(opened: DuckStore, monkeypatch: pytest.MonkeyPatch) -> None:
    def wrong(_store: DuckStore, queries: Sequence[Query]) -> list[Grid]:
        return [_of_nothing(SqlQuestions.ask_all(opened, [query])[0]) for query in queries]

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
