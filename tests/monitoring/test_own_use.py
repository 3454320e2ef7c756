"""What of the dashboard is used becomes points: pages, charts and embeds, nobody's name, and no request waits for it."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask

from dashapp.monitoring import OWN_USE
from dashapp.monitoring.own_use import MOST, OwnUse
from dashapp.monitoring.request import Answered, Seen
from metricstore.errors import StoreDenied
from metricstore.evaluation import evaluate
from metricstore.metrics import METRICS
from metricstore.query import RecordQuery
from metricstore.selection import Selection
from metricstore.store import Store
from tests.stores import InfluxServer
from tests.web.conftest import entered


def chart(name: str, seconds: float = 0.5, status: int = 200) -> Answered:
    return Answered(Seen("/_dash-update-component", callback=("chart-answer.data", name)), "POST", status, seconds, 10)


def by_title(store: Store, metric: str) -> dict[str, float]:
    frame = evaluate(store, METRICS[metric], Selection(start="-1d", stop="now", every="none"), by=("title",),
                     now=datetime.now(UTC) + timedelta(minutes=1)).frame  # fmt: skip
    return dict(zip(frame["title"], frame["value"], strict=True))


def test_use_of_several_processes_adds_up_and_pages_nobody_opens_are_there(store: Store) -> None:
    for seconds in (0.5, 1.5):
        process = OwnUse(lambda: store)
        process.count(chart("slowest_charts", seconds))
        process.count(chart("slowest_charts", 9.0, status=503))
        process.count(Answered(Seen(page="health"), "POST", 200, 0.1, 10))
        process.count(Answered(Seen(embed="ab12"), "GET", 304, 0.1, 0))
        assert process.write() == 3
        assert process.write() == 0
    assert by_title(store, "chart_answer_time") == {"Slowest charts (Data health)": 1.0}
    opened = by_title(store, "pages_opened")
    assert (opened["Data health"], opened["Events"], len(opened)) == (2, 0, 10)
    assert by_title(store, "embeds_seen") == {"ab12": 2}


def test_a_store_that_does_not_take_it_is_named_once_and_series_are_bounded(
    caplog: pytest.LogCaptureFixture, duck_store: Store
) -> None:
    def denied() -> Store:
        raise StoreDenied("the token may not write there")

    found = denied
    use = OwnUse(lambda: found())
    with caplog.at_level(logging.WARNING):
        for number in range(MOST + 50):
            use.count(Answered(Seen(embed=f"{number:04}"), "GET", 200, 0.1, 10))
        assert [use.write(), use.write()] == [0, 0]
    assert [record.getMessage() for record in caplog.records] == [
        "the use of the dashboard is not recorded, the store does not take it: the token may not write there"
    ]
    found = lambda: duck_store  # noqa: E731
    assert use.write() == MOST + 1, "nothing was lost meanwhile, and what was too many is one"
    assert by_title(duck_store, "embeds_seen")["other"] == 50


def test_a_setting_switches_it_off(make_app: Callable[..., Flask]) -> None:
    assert OWN_USE not in make_app(own_use=False).extensions


def test_opened_pages_are_counted_without_users(make_app: Callable[..., Flask]) -> None:
    body = {"output": "page.children", "outputs": {"id": "page", "property": "children"}, "changedPropIds": [], "state": [],
            "inputs": [{"id": "url", "property": "pathname", "value": "/events"}]}  # fmt: skip
    app = make_app()
    client = entered(app, "root")
    client.get("/events")
    answer = client.post("/_dash-update-component", data=json.dumps(body), content_type="application/json")
    assert answer.status_code == 200
    use: OwnUse = app.extensions[OWN_USE]
    use.write()
    store: Store = app.extensions["metricstore"]
    now = datetime.now(UTC)
    records = store.records(RecordQuery("app_use", now - timedelta(hours=1), now + timedelta(hours=1))).frame
    (events,) = records[records["count"] > 0].to_dict("records")
    assert (events["what"], events["name"], events["count"]) == ("page", "events", 1)
    assert "root" not in str(records.to_dict())


@pytest.mark.influx
def test_without_the_right_to_write_the_rest_goes_on(
    influxd: InfluxServer, influx_bucket: str, influx_store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    """A web process whose token may only read."""
    from metricstore.influx import InfluxStore

    OwnUse(lambda: influx_store).write()  # which makes the bucket
    (bucket,) = influxd.call("GET", f"/api/v2/buckets?name={influx_bucket}")["buckets"]  # type: ignore[misc]
    may_read = {"action": "read", "resource": {"type": "buckets", "id": bucket["id"], "orgID": bucket["orgID"]}}  # type: ignore[index]
    made = influxd.call("POST", "/api/v2/authorizations", {"orgID": bucket["orgID"], "permissions": [may_read]})  # type: ignore[index]
    reader = InfluxStore(influxd.url, str(made["token"]), influxd.org, influx_bucket)
    use = OwnUse(lambda: reader)
    with caplog.at_level(logging.WARNING, "dashapp"):
        for _ in range(2):
            use.count(chart("slowest_charts"))
            assert use.write() == 0
    assert len([record for record in caplog.records if "is not recorded" in record.getMessage()]) == 1
    reader.close()
