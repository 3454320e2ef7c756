"""Web processes share nothing but the store and the accounts: what one does the others know at once. See also tests/production."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from metricstore.influx import InfluxStore
from tests.contract.asking import generation
from tests.machines.web import SAME_ORIGIN, Web, at_once, browser, log_in, statuses
from tests.postgres import PostgresServer
from tests.production.conftest import eventually
from tests.stores import InfluxServer, fresh_name

pytestmark = pytest.mark.influx
COUNTS = [int(word) for word in os.environ.get("WEB_WORKERS", "1,4").split(",")]
"""WEB_WORKERS=1,4,16 takes a minute more."""


@pytest.fixture(scope="module", params=COUNTS)
def web(
    request: pytest.FixtureRequest, influxd: InfluxServer, postgres: PostgresServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Web]:  # fmt: skip
    """One machine, for all tests of its number of workers."""
    bucket = fresh_name()
    with postgres.database() as url:
        found = Web(tmp_path_factory.mktemp("web"), influxd, bucket, url, request.param)
        try:
            found.add("root", "admin")  # somebody has to stay one
            found.add("ann")
            found.start().is_up()
            yield found
        finally:
            found.end()
            influxd.delete_bucket(bucket)


@pytest.fixture
def ann(web: Web) -> Iterator[httpx.Client]:
    with browser(web.machines[0].url) as visitor:
        assert log_in(visitor, "ann").status_code == 302
        yield visitor


def test_a_login_opens_every_worker_and_its_end_closes_every_worker(web: Web, ann: httpx.Client) -> None:
    url = web.machines[0].url
    with browser(url) as elsewhere, browser(url) as copy:
        assert log_in(elsewhere, "ann").status_code == 302
        assert statuses(at_once(web, lambda: elsewhere.get("/_dash-layout"))) == {200}
        page = ann.get("/account")
        token = page.text.partition('name="csrf_token"')[2].partition('value="')[2].partition('"')[0]
        assert ann.post("/account/sessions/end", data={"csrf_token": token}, headers=SAME_ORIGIN).status_code == 302
        assert statuses(at_once(web, lambda: elsewhere.get("/_dash-layout"))) == {401}, "logged out everywhere else"
        assert statuses(at_once(web, lambda: ann.get("/_dash-layout"))) == {200}
        copy.cookies.update(dict(ann.cookies))
        assert copy.get("/_dash-layout").status_code == 200
        assert ann.post("/logout", headers=SAME_ORIGIN).status_code == 302
        assert statuses(at_once(web, lambda: copy.get("/_dash-layout"))) == {401}, "a copy of the cookie opens nothing"


def test_brakes_count_over_all_workers(web: Web) -> None:
    web.add(guessed := f"bob{web.workers}", "viewer")
    with browser(web.machines[0].url) as guesser:
        assert [log_in(guesser, guessed, "a wrong password").status_code for _ in range(8)] == [401] * 5 + [429] * 3
    mine, other = web.token("ann", "rate"), web.token("ann", "other")
    with browser(web.machines[0].url, kept=50) as script:
        answers = at_once(web, lambda: script.get("/api/v1/goals", headers=mine), web.rate + 60)
        codes = [answer.status_code for answer in answers]
        assert 0.85 * web.rate <= codes.count(200) <= web.rate and set(codes) == {200, 429}
        assert codes.count(200) == web.rate or web.workers > 1
        assert script.get("/api/v1/goals", headers=other).status_code == 200


def test_what_one_changes_all_show(web: Web, ann: httpx.Client, influxd: InfluxServer) -> None:
    url = web.machines[0].url
    bearer, reader = web.token("ann", "changes"), web.token("ann", "reader")
    body = {"metric": "ai_cost", "direction": "at most", "value": 6, "period": "month"}
    assert at_once(web, lambda: ann.get("/api/v1/goals", headers=reader).json()["data"]) == [[]] * 6 * web.workers
    made = ann.post("/api/v1/goals", json=body, headers=SAME_ORIGIN)
    assert made.status_code == 201, made.text
    assert all(at_once(web, lambda: ann.get("/api/v1/goals", headers=reader).json()["data"] == [made.json()]))
    ann.delete(f"/api/v1/goals/{made.json()['id']}", headers=SAME_ORIGIN)
    assert not any(at_once(web, lambda: ann.get("/api/v1/goals", headers=reader).json()["data"]))

    now = datetime.now(UTC)
    words = {"start": "-2d", "every": "none", "by": "platform"}

    def shown() -> list[list[str]]:
        """The platforms that workers show; by a token of its own, whose allowance is not used up. On a machine that is too
        busy for its InfluxDB a worker may say for a moment that it does not answer."""
        fresh = web.token("ann", fresh_name())

        def ask() -> httpx.Response:
            return httpx.get(f"{url}/api/v1/metrics/generations", params=words, headers=fresh, timeout=60)

        answers = at_once(web, ask)
        assert statuses(answers) <= {200, 503}
        rows = [answer.json()["data"] for answer in answers if answer.status_code == 200]
        return [sorted(row["platform"] for row in found if row["value"]) for found in rows]

    store = InfluxStore(influxd.url, influxd.token, influxd.org, web.bucket)
    for number, platform in enumerate(("linkedin", "twitter")):
        store.write([generation(now - timedelta(hours=number + 1), platform)])
        expected = ["linkedin", "twitter"][: number + 1]
        eventually(lambda wanted=expected: (found := shown()) and all(one == wanted for one in found), 60)  # type: ignore[misc]
    store.close()

    web.change(lambda accounts: accounts.set_platforms("ann", ["twitter"]))
    assert all(found == ["twitter"] for found in shown()), "nobody shows what the cache knew before"
    web.change(lambda accounts: accounts.set_platforms("ann", None))
    assert all(found == ["linkedin", "twitter"] for found in shown())
    assert statuses(at_once(web, lambda: httpx.get(f"{url}/api/v1/goals", headers=bearer, timeout=60))) == {200}
    web.change(lambda accounts: accounts.set_active("ann", False))
    assert statuses(at_once(web, lambda: ann.get("/_dash-layout"))) == {401}
    assert statuses(at_once(web, lambda: httpx.get(f"{url}/api/v1/goals", headers=bearer, timeout=60))) == {401}
    web.change(lambda accounts: accounts.set_active("ann", True))
