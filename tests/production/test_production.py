"""Several web workers, a collector of its own and InfluxDB: what people see, and what happens when something dies."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.cli.conftest import PASSWORD
from tests.production.conftest import WORKERS, Site, children, counted, drawn, eventually

pytestmark = pytest.mark.influx

OCTOBER = {"start": "2026-10-01", "stop": "2026-11-01", "tz": "UTC", "every": "1d"}
MANY = 8 * WORKERS
"""Requests of which each worker answers some."""


@pytest.fixture
def ann(site: Site) -> Iterator[httpx.Client]:
    """A visitor who has logged in."""
    with site.visitor() as visitor:
        assert site.log_in(visitor).status_code == 302
        yield visitor


def record(second: int, text: str) -> str:
    return f"2026-10-28 10:{second // 60:02d}:{second % 60:02d},000 - ERROR - {text}"


def test_nothing_is_shown_before_a_login_and_every_worker_knows_it_afterwards(site: Site) -> None:
    with site.visitor() as visitor:
        for _ in range(MANY):
            assert visitor.get("/_dash-layout").status_code == 401
            assert visitor.get("/api/v1/metrics/log_records").status_code == 401
        assert site.log_in(visitor, password="a wrong password").status_code == 401
        assert site.log_in(visitor).status_code == 302
        for _ in range(MANY):
            assert visitor.get("/").status_code == 200
            assert visitor.get("/_dash-layout").status_code == 200


def test_a_line_appended_to_the_log_arrives_through_the_collector_in_every_workers_answers(
    site: Site, ann: httpx.Client
) -> None:
    eventually(lambda: counted(ann) >= 4)
    before, errors = counted(ann), counted(ann, "errors")
    chart = drawn(ann, "/events", "log_records_by_level", OCTOBER)
    assert chart["status"] == "ok", chart
    site.append(record(1, "Unknown command: a line for production"))
    eventually(lambda: counted(ann) == before + 1)
    eventually(lambda: all(counted(ann) == before + 1 for _ in range(MANY)))
    eventually(lambda: all(counted(ann, "errors") == errors + 1 for _ in range(MANY)))
    again = drawn(ann, "/events", "log_records_by_level", OCTOBER)
    assert again["status"] == "ok"
    assert again["revision"] != chart["revision"]
    assert again["figure"] != chart["figure"]


def test_an_address_with_thousands_of_values_is_answered(ann: httpx.Client) -> None:
    words = {**OCTOBER, "message": ",".join(f"n{number}" for number in range(6_000))}
    answer = ann.get("/api/v1/metrics/log_records", params=words)
    assert answer.status_code == 200, answer.text[:300]
    assert not any(row["value"] for row in answer.json()["data"])


def test_a_token_opens_the_api_at_every_worker(site: Site) -> None:
    made = site.web_shell("token", "create", "--user", "ann", "--name", "script")
    bearer = {"Authorization": f"Bearer {made.stdout.strip()}"}
    with site.visitor() as script:
        for _ in range(MANY):
            assert script.get("/api/v1/metrics", headers=bearer).status_code == 200


def test_failed_logins_are_counted_by_all_workers_together(site: Site) -> None:
    site.web_shell("user", "add", "bob", "--role", "viewer", "--password-stdin", stdin=PASSWORD)
    with site.visitor() as guesser:
        codes = [site.log_in(guesser, "bob", "a wrong password").status_code for _ in range(MANY)]
        assert codes == [401] * 5 + [429] * (MANY - 5)
        assert site.log_in(guesser, "bob").status_code == 429, "the right password too: else guessing would go on"
        assert site.log_in(guesser).status_code == 302, "nobody else is kept out"


def test_a_killed_worker_is_replaced_and_nobody_has_to_log_in_again(site: Site, ann: httpx.Client) -> None:
    expected = counted(ann)
    before = children(site.web.process.pid)
    assert len(before) == WORKERS
    victim = min(before)
    os.kill(victim, signal.SIGKILL)
    eventually(lambda: counted(ann) == expected)
    eventually(lambda: len(children(site.web.process.pid) - {victim}) == WORKERS)
    assert len(children(site.web.process.pid) - before) == 1
    assert all(counted(ann) == expected for _ in range(MANY))


def test_all_workers_killed_at_once_come_back(site: Site, ann: httpx.Client) -> None:
    expected = counted(ann)
    before = children(site.web.process.pid)
    for victim in before:
        os.kill(victim, signal.SIGKILL)
    eventually(lambda: len(children(site.web.process.pid) - before) == WORKERS)
    eventually(lambda: counted(ann) == expected)
    assert all(counted(ann) == expected for _ in range(MANY))


def test_a_killed_collector_loses_and_doubles_nothing(site: Site, ann: httpx.Client) -> None:
    eventually(lambda: counted(ann) >= 4)
    before = counted(ann)
    site.append(*(record(number, f"Unknown command: before the kill {number}") for number in range(2, 1002)))
    eventually(lambda: counted(ann) > before)
    site.collector.process.kill()
    site.collector.process.wait(30)
    site.append(*(record(number, f"Unknown command: while nobody collects {number}") for number in range(1002, 1502)))
    assert counted(ann) < before + 1500
    site.start_collector()
    eventually(lambda: counted(ann) >= before + 1500)
    site.append(record(1502, "Unknown command: afterwards"))
    eventually(lambda: all(counted(ann) == before + 1501 for _ in range(MANY)))
    assert "Traceback" not in site.collector.err


def test_both_end_when_told_to_and_leave_no_process_behind(site: Site) -> None:
    workers = children(site.web.process.pid)
    assert site.web.end(signal.SIGTERM) == 0, site.web.err
    assert site.collector.end(signal.SIGTERM) == 0, site.collector.err
    assert not any(Path(f"/proc/{pid}").exists() for pid in workers)
    for started in (site.web, site.collector):
        assert "Traceback" not in started.err
    assert PASSWORD not in site.web.out + site.web.err
