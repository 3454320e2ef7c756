"""What one process says of itself."""

from __future__ import annotations

import json
import secrets
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from dashapp.accounts.user import SCOPES
from dashapp.monitoring import counting
from dashapp.monitoring.exposition import Exposition
from dashapp.monitoring.families import BUILD, Family
from dashapp.monitoring.request import Answered, Seen
from dashapp.monitoring.sample import Sample
from dashapp.monitoring.sources import Source
from dashapp.monitoring.store import watch_store
from layouts.pages import CHARTS, PAGES
from metricstore.caching import CachedStore
from metricstore.duck import DuckStore
from metricstore.errors import StoreUnreachable
from metricstore.point import Point, nanoseconds
from tests.monitoring.conftest import checked, series, token, value
from tests.web.conftest import NAVIGATION, Person, entered

Scrape = Callable[..., str]
COUNT = "dashapp_http_request_duration_seconds_count"


def test_metrics_are_for_those_with_a_token_made_for_them(app: Flask) -> None:
    def status(**headers: str) -> int:
        return app.test_client().get("/metrics", headers=headers).status_code

    assert status() == 401
    assert status(Accept="text/html") == 401, "no login page: nobody scrapes in a browser"
    assert status(Authorization="Bearer dash_unknown") == 401
    assert status(Authorization=f"Bearer {token(app, 'metrics')}") == 200
    others = [scope for scope in SCOPES if scope not in ("metrics", "admin")]
    assert status(Authorization=f"Bearer {token(app, *others)}") == 403
    bearer = {"Authorization": f"Bearer {token(app, 'metrics')}"}
    assert app.test_client().get("/api/v1/metrics", headers=bearer).status_code == 403, "and for nothing else"


def test_the_token_opens_no_page_that_is_called_alike(app: Flask) -> None:
    bearer = {"Authorization": f"Bearer {token(app, 'metrics')}"}
    for path in ("/metrics/", "/metricsx", "/metrics/x", "//metrics"):
        assert app.test_client().get(path, headers=bearer).status_code in (302, 308, 404), path


def test_the_scope_is_offered_where_tokens_are_made(app: Flask) -> None:
    assert 'value="metrics"' in entered(app, "ann").get("/account").text
    from dashapp.cli import tokens

    said = str(tokens.create.__annotations__["scope"])
    assert all(scope in said for scope in SCOPES)


def test_promtool_finds_nothing_to_say_and_finds_a_gauge_that_is_called_a_total(
    app: Flask, scraper: Scrape, promtool: str
) -> None:
    filled(app.extensions["metricstore"])
    Person(app.test_client(), "ann").log_in()
    walked(app, charts=("generations_by_outcome",))
    done = checked(promtool, scraper())
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    wrong = Family("dashapp_planted_total", "gauge", "what should not be")
    planted = Exposition(app, (Source("planted", (wrong,), lambda _: lambda: [Sample(wrong, (), 1)]),))
    done = checked(promtool, planted.answer("")[0].decode())
    assert done.returncode == 3
    assert "dashapp_planted_total" in done.stderr


def test_openmetrics_is_there_for_those_who_ask(scraper: Scrape) -> None:
    assert scraper(Accept="application/openmetrics-text; version=1.0.0").endswith("# EOF\n")
    assert "# EOF" not in scraper()


def test_requests_are_counted_by_route_and_never_by_path(app: Flask, scraper: Scrape) -> None:
    before = scraper()
    for _ in range(3):
        app.test_client().get("/healthz?secret=1")
    for path in ("/nowhere", "/api/nowhere", "/api/v1/nowhere", "/overview/nowhere"):
        entered(app, "ann").get(path)
    entered(app, "ann").get("/embed/9f8e7d?sig=abcdef")
    text = scraper()

    def more(route: str, **labels: str) -> float:
        return value(text, COUNT, route=route, **labels) - value(before, COUNT, route=route, **labels)

    assert more("/healthz", method="GET", status="200") == 3
    assert more("unmatched") == 4
    assert more("/embed/<id>", status="403") == 1
    assert value(text, "dashapp_embed_requests_total", outcome="refused") >= 1
    for secret in ("secret", "nowhere", "9f8e7d", "abcdef", '"ann"'):
        assert secret not in text


def test_logins_are_counted_by_how_they_end(app: Flask, scraper: Scrape) -> None:
    before = scraper()
    Person(app.test_client(), "ann").log_in()
    Person(app.test_client(), "ann").log_in("a wrong password")
    for outcome in ("ok", "failed"):
        counts = [value(text, "dashapp_logins_total", outcome=outcome) for text in (before, scraper())]
        assert counts[1] - counts[0] == 1, outcome


def test_series_stay_few_whatever_is_asked(app: Flask, scraper: Scrape) -> None:
    walked(app)
    text = scraper()
    assert 900 < len(series(text)) <= 2000
    assert value(
        text, "dashapp_callback_duration_seconds_count", callback="chart-answer.data", chart="generations_by_outcome"
    )
    assert not value(text, COUNT, status="500")
    for number in range(300):
        method = ("GET", "POST", "PROPFIND", secrets.token_hex(4).upper())[number % 4]
        app.test_client().open(f"/{secrets.token_urlsafe(8)}", method=method)
    text = scraper()
    assert len(series(text)) <= 2000
    assert {dict(labels)["method"] for (name, labels) in series(text) if name == COUNT} <= {
        "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "other"
    }  # fmt: skip


def test_more_routes_than_foreseen_count_as_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counting, "MOST_ROUTES", 2)
    own = counting.Counters()
    for route in "abcd":
        own.count(Answered(Seen(route), "GET", 200, 0.1, 1))
    routes = {sample.labels["route"] for metric in own.registry.collect() for sample in metric.samples
              if sample.name == COUNT}  # fmt: skip
    assert routes == {"a", "b", "other"}


def test_questions_and_what_the_cache_knew_are_counted(scraper: Scrape) -> None:
    store = CachedStore(DuckStore(None))
    for _ in range(2):  # by two applications of one process
        watch_store(store, [counting.counters().question], counting.counters().cached)
    scraper()  # asks questions of its own
    before = scraper()
    for _ in range(3):
        store.values("log_record", "level", datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 2, 1, tzinfo=UTC))
    with pytest.raises(Exception, match="nope"):
        store.values("log_record", "nope", datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 2, 1, tzinfo=UTC))
    store.close()
    text = scraper()

    def more(name: str, **labels: str) -> float:
        return value(text, name, **labels) - value(before, name, **labels)

    assert more("dashapp_store_question_duration_seconds_count", kind="values", outcome="ok") == 1
    assert more("dashapp_store_question_duration_seconds_count", kind="values", outcome="mistaken") == 1
    assert more("dashapp_cache_requests_total", result="hit") >= 2


def test_what_collectors_did_is_read_from_the_store(app: Flask, scraper: Scrape) -> None:
    filled(app.extensions["metricstore"])
    text = scraper()
    assert value(text, "dashapp_collector_runs_total", collector="app_log", outcome="ok") == 2
    assert value(text, "dashapp_collector_runs_total", collector="app_log", outcome="failed") == 1
    assert value(text, "dashapp_records_total", collector="app_log") == 17
    assert value(text, "dashapp_dead_letters_total", collector="app_log") == 1
    assert value(text, "dashapp_collector_last_success_timestamp_seconds", collector="app_log") == pytest.approx(
        time.time() - 3600, abs=60
    )
    assert 3000 < value(text, "dashapp_collector_lag_seconds", collector="app_log") < 3700
    assert value(text, BUILD.name) == 1


def test_a_frozen_store_holds_no_scrape_and_the_last_values_stay(
    app: Flask, scraper: Scrape, monkeypatch: pytest.MonkeyPatch
) -> None:
    from dashapp.monitoring import exposition

    store = app.extensions["metricstore"]
    filled(store)
    first = scraper()
    thaw, asked = threading.Event(), []

    def frozen(*_: Any) -> Any:
        asked.append(1)
        thaw.wait(20)
        raise StoreUnreachable("it was frozen")

    monkeypatch.setattr(store, "ask_all", frozen)
    for question in app.extensions["exposition"]._questions:
        monkeypatch.setattr(question, "_source", _impatient(question._source))
    for _ in range(3):
        began = time.monotonic()
        text = scraper()
        assert time.monotonic() - began < exposition.PATIENCE_SECONDS + 1
        for name in ("dashapp_records_total", "dashapp_collector_runs_total", "dashapp_asked_timestamp_seconds"):
            labels = {"source": "collectors"} if "asked" in name else {"collector": "app_log"}
            assert value(text, name, **labels) == value(first, name, **labels) > 0
    assert len(asked) == 1, "one question at a time"
    thaw.set()


def _impatient(source: Source) -> Source:
    return Source(source.name, source.families, source.prepare, kept_seconds=0.0)


def test_switched_off_there_is_nothing_and_the_library_is_not_loaded(
    make_app: Callable[..., Flask], tmp_path: Path
) -> None:
    off = make_app(metrics=False)
    assert "/metrics" not in {rule.rule for rule in off.url_map.iter_rules()}
    code = (
        "import sys, pathlib; from dashapp.factory import create_app; from dashapp.settings import Settings; "
        "from metricstore.duck import DuckStore; "
        "create_app(Settings(data_dir=pathlib.Path(sys.argv[1]), metrics=False), DuckStore(None)); "
        "sys.exit(any(name.startswith('prometheus') for name in sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code, str(tmp_path / "off")], timeout=60, check=False)
    assert done.returncode == 0


def walked(app: Flask, charts: Iterable[str] = tuple(CHARTS)) -> None:
    """Every page with all of its charts, and every other address without variables, as somebody who looks at all of it does."""
    client = entered(app, "ann")
    for rule in app.url_map.iter_rules():
        if "GET" in (rule.methods or ()) and not rule.arguments and rule.rule != "/metrics":
            client.get(rule.rule)
    for path in (page.path for page in PAGES.values()):
        assert client.get(path).status_code == 200
    known = {'{"chart":["MATCH"],"type":"chart-answer"}.wanted': {"words": {}, "mode": "picture", "theme": "light"}}
    dependencies = client.get("/_dash-dependencies").json
    (asked,) = (one for one in dependencies or () if one["output"] == '{"chart":["MATCH"],"type":"chart-answer"}.data')
    for chart in charts:
        parts = {kind: [_part(part, chart, known) for part in asked[kind]] for kind in ("inputs", "state")}
        outputs = {"id": {"chart": chart, "type": "chart-answer"}, "property": "data"}
        body = {"output": asked["output"], "outputs": outputs, **parts, "changedPropIds": []}
        assert client.post("/_dash-update-component", json=body, headers=NAVIGATION).status_code == 200


def _part(part: dict[str, str], chart: str, known: dict[str, Any]) -> dict[str, Any]:
    name, prop = part["id"], part["property"]
    own = {"chart": chart, "type": json.loads(name)["type"]} if name.startswith("{") else name
    return {"id": own, "property": prop, "value": own if prop == "id" else known.get(f"{name}.{prop}")}


def filled(store: Any) -> None:
    now = datetime.now(UTC)
    runs = [(timedelta(days=40), "ok", 10), (timedelta(hours=2), "failed", 0), (timedelta(hours=1), "ok", 7)]
    store.write([
        *(Point("collector_run", nanoseconds(now - age), {"collector": "app_log", "outcome": outcome},
                {"duration_seconds": 1.0, "records": records}) for age, outcome, records in runs),
        Point("dead_letter", nanoseconds(now - timedelta(days=4000)), {"collector": "app_log"},
              {"reason": "cut", "excerpt": "x", "file": "app.log", "line": 3}),
    ])  # fmt: skip
