"""What happened to alerts is in the metric store: each event once, also when the store was down."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from dashapp.accounts import Accounts
from dashapp.alerts.history import History
from dashapp.alerts.states import States
from metricstore.errors import StoreUnreachable
from metricstore.query import RecordQuery
from metricstore.store import Store
from tests.alerts.conftest import BEGIN, RULES, Scene, at, requests
from tests.alerts.test_records import RECEIVER
from tests.alerts.test_spending import BURN


def events(scene: Scene, hour: float) -> list[dict[str, Any]]:
    """As they are in the store after what waits was written, the oldest first."""
    History(scene.database, scene.store).write(at(hour))
    asked = RecordQuery("alert_event", BEGIN, BEGIN + timedelta(days=60), descending=False)
    return scene.store.records(asked).frame.to_dict("records")  # type: ignore[return-value]


def test_each_event_is_a_point_with_its_figures_and_whom_it_was_sent_to(scene: Scene) -> None:
    assert scene.step(3.1) == ["fired"]
    scene.store.write(requests(3, "b", 2, 8))
    assert scene.step(4.1) == ["raised"]
    assert States(scene.database).acknowledge("ai-errors", ("b",), 1, "ada", "I look")
    scene.store.write(requests(4, "b", 10, 0))
    assert scene.step(5.1) == ["resolved"]
    found = {event["event"]: event for event in events(scene, 5.1)}
    assert set(found) == {"fired", "raised", "acknowledged", "resolved"}
    fired = found["fired"]
    assert (fired["rule"], fired["severity"], fired["labels"]) == ("ai-errors", "ticket", "provider b")
    assert (fired["value"], fired["limit"], fired["notified"]) == (30.0, 20.0, "ops")
    assert fired["time"].floor("s").to_pydatetime() == at(3)
    assert "AI request error rate: 30.0 %" in fired["sentence"]
    assert (found["raised"]["severity"], found["raised"]["limit"]) == ("page", 50.0)
    assert (found["acknowledged"]["by"], found["acknowledged"]["reason"]) == ("ada", "I look")
    assert len({event["episode"] for event in found.values()}) == 1


def test_writing_again_changes_nothing(scene: Scene) -> None:
    scene.step(3.1)
    before = events(scene, 3.1)
    again = History(scene.database, scene.store)
    with scene.database.connection() as connection:
        connection.exec_driver_sql("UPDATE alert_events SET stored = ''")
    assert again.write(at(3.2)) == len(before) == 1
    assert events(scene, 3.3) == before


def test_what_nobody_was_written_to_is_in_it_too_and_the_later_message_is_added(scene: Scene) -> None:
    scene.silences.add("ai-errors", ("b",), at(4), "known", "ada", at(3))
    assert scene.step(3.1) == []
    (quiet,) = events(scene, 3.1)
    assert (quiet["reason"], str(quiet["notified"])) == ("silenced by ada: known", "nan")
    assert scene.step(4.1) == ["fired"]
    (told,) = events(scene, 4.1)
    assert (told["_id"], told["notified"]) == (quiet["_id"], "ops")


def test_events_of_a_time_without_a_store_are_written_when_it_is_back(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    def down(_points: object) -> None:
        raise StoreUnreachable("connection refused")

    scene.step(3.1)
    with monkeypatch.context() as broken:
        broken.setattr(scene.store, "write", down)
        with pytest.raises(StoreUnreachable):
            History(scene.database, scene.store).write(at(3.1))
    assert [event["event"] for event in events(scene, 3.2)] == ["fired"]


def test_a_correction_and_the_end_by_a_removed_rule_are_events(scene: Scene) -> None:
    scene.step(3.1)
    scene.store.write(requests(2, "b", 50, 0)[10:])
    assert scene.step(3.2) == ["corrected"]
    assert [event["event"] for event in events(scene, 3.2)] == ["fired", "corrected"]
    scene.rulebook.apply(RULES, "rules.toml", "test")
    scene.store.write(requests(3, "b", 2, 8))
    assert scene.step(4.1) == ["fired"]
    scene.rulebook.remove("rules.toml", "test")
    scene.step(4.2)
    assert [event["event"] for event in events(scene, 4.3)][-1] == "gone"


def test_a_figure_stands_on_the_scale_of_its_limit(scene: Scene) -> None:
    scene.rulebook.apply(BURN + RECEIVER, "rules.toml", "test")
    scene.store.write(requests(2, "c", 0, 6))
    assert scene.step(3.1) == ["fired"]
    (fired,) = events(scene, 3.1)
    assert (fired["value"], fired["limit"]) == (45, 40), "nine of twenty, in percent"


def test_what_ended_without_windows_is_still_known(scene: Scene) -> None:
    """A source that was late, and records that were reported."""
    late = '[[rule]]\nid = "late"\nkind = "late"\nnotify = ["ops"]\n'
    each = '[[rule]]\nid = "refused"\nkind = "each"\nmetric = "ai_requests"\nwhere = "http_status=500"\nback = "2h"\nnotify = ["ops"]\n'
    scene.rulebook.apply(late + each + RECEIVER, "rules.toml", "test")
    assert scene.step(3) == ["fired"]
    scene.round(at(4.5))
    for hour in (5, 5.3):
        scene.read_until(at(hour))
        scene.round(at(hour))
    ended = {group.rule: [alert.how for alert in group.memory.alerts] for group in scene.states.all()}
    assert ended == {"late": ["resolved"], "refused": ["resolved"]}


@pytest.mark.influx
def test_events_are_in_influxdb_once_too(influx_store: Store, tmp_path: Path) -> None:
    accounts = Accounts.open(f"sqlite:///{tmp_path / 'accounts.sqlite'}")
    scene = Scene(influx_store, accounts.database)
    scene.store.write([*requests(0, "b", 10, 0), *requests(1, "b", 10, 0), *requests(2, "b", 7, 3)])
    scene.rulebook.apply(RULES, "rules.toml", "test")
    assert scene.step(3.1) == ["fired"]
    for _ in range(2):
        with accounts.database.connection() as connection:
            connection.exec_driver_sql("UPDATE alert_events SET stored = ''")
        (fired,) = events(scene, 3.1)
        assert (fired["event"], fired["value"], fired["notified"]) == ("fired", 30, "ops")
    accounts.close()
