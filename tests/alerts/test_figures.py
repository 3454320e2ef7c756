"""What /metrics says of alerts."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

from dashapp.accounts import EXTENSION
from dashapp.alerts.leases import Lease
from dashapp.alerts.states import States
from dashapp.monitoring.alerting import alert_figures
from tests.alerts.conftest import Scene, at


def test_open_alerts_messages_and_the_last_evaluation_are_told(scene: Scene) -> None:
    app = SimpleNamespace(extensions={EXTENSION: SimpleNamespace(database=scene.database)})
    ask = alert_figures(cast(Any, app))

    def figures() -> dict[tuple[str, ...], float]:
        return {(each.family.name, *each.labels): each.value for each in ask()}

    assert figures()["dashapp_alerts", "ticket", "open"] == 0
    assert ("dashapp_alert_evaluation_timestamp_seconds",) not in figures()
    assert Lease(scene.database, "alerts").hold(at(3.1)) == 1
    scene.read_until(at(3.1))
    scene.round(at(3.1))
    found = figures()
    assert found["dashapp_alerts", "ticket", "open"] == 1
    assert found["dashapp_alert_messages", "waiting"] == 1
    assert found["dashapp_alert_message_oldest_seconds",] > 0
    assert found["dashapp_alert_evaluation_timestamp_seconds",] == at(3.1).timestamp()
    States(scene.database).acknowledge("ai-errors", ("b",), 1, "ada", "")
    assert figures()["dashapp_alerts", "ticket", "taken"] == 1
