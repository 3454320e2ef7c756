"""What collectors can rely on when they ask a service: a real client against a real server that misbehaves."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from decimal import Decimal
from functools import partial
from typing import Any

import pytest

from collectors.base import ASKED, Batch
from collectors.http import Client, Refused, Sheet, TemporaryFailure, Window, follow, in_turn
from collectors.http.waiting import asked_wait
from collectors.services import Service
from tests.standins import Call, Fault, Reply, StandIn

KEY = "sk-live-1234567890"


class Echo(StandIn):
    def answer(self, call: Call) -> Reply:
        return Reply(200, {"path": call.path, "query": call.query, "amount": 0.1})


@pytest.fixture
def server() -> Iterator[Echo]:
    with Echo() as found:
        yield found


class Clock:
    def __init__(self) -> None:
        self.time = time.time()

    def __call__(self) -> float:
        return self.time


def client(server: StandIn, checkpoint: dict[str, Any] | None = None, key: str = KEY, **more: Any) -> Client:
    return Client("Echo", Service(server.url, key), checkpoint or {}, setting="DASHAPP_ECHO_KEY", **more)


def again(first: Client, server: StandIn, **more: Any) -> Client:
    """The client of the next run, after a restart."""
    return client(server, {ASKED: first.memory()}, **more)


def test_a_question_carries_the_credential_in_a_header_only(server: Echo) -> None:
    assert client(server).get_json("usage", {"page": 2})["path"] == "/usage"
    call = server.calls[0]
    assert call.headers["authorization"] == f"Bearer {KEY}"
    assert KEY not in str(call.query)


def test_money_can_be_read_exactly(server: Echo) -> None:
    assert client(server, exact=True).get_json("x")["amount"] == Decimal("0.1")


@pytest.mark.parametrize(("form", "wait"), [("seconds", 7), ("date", 7), ("ms", 7), ("absent", 60), ("nonsense", 60)])
def test_every_form_of_retry_after_is_kept_even_over_a_restart(server: Echo, form: str, wait: float) -> None:
    server.spoil(Fault.busy(form, 7))
    first = client(server)
    with pytest.raises(TemporaryFailure, match="429: slow down") as failure:
        first.get_json("x")
    assert failure.value.retry_after == pytest.approx(wait, abs=1.5)
    clock = Clock()
    later = again(first, server, now=clock)
    with pytest.raises(TemporaryFailure, match="retrying in"):
        later.get_json("x")
    assert len(server.calls) == 1
    clock.time += wait + 1
    assert later.get_json("x")["path"] == "/x"


def test_a_retry_date_is_measured_by_the_services_own_clock() -> None:
    headers = {"retry-after": "Sun, 15 Nov 2026 09:01:00 GMT", "date": "Sun, 15 Nov 2026 09:00:00 GMT"}
    assert asked_wait(headers, now=time.time()) == 60
    assert asked_wait({"retry-after": headers["date"]}, now=2e9) == 0
    assert asked_wait({"retry-after": "1e99"}, now=0) == 31 * 86_400


def test_a_refused_credential_is_not_tried_again_until_it_changes(server: Echo) -> None:
    server.spoil(Fault.text(401, f"bad key {KEY}"))
    first = client(server)
    with pytest.raises(Refused) as failure:
        first.get_json("x")
    assert KEY not in str(failure.value)
    assert "until DASHAPP_ECHO_KEY changes" in str(failure.value)
    with pytest.raises(Refused):
        again(first, server).get_json("x")
    assert len(server.calls) == 1
    assert again(first, server, key="another").get_json("x")
    assert KEY not in str(first.memory())


def test_a_question_that_is_denied_leaves_the_others_to_be_asked(server: Echo) -> None:
    server.spoil(Fault.text(403, f"not with {KEY}"))
    first = client(server)
    with pytest.raises(Refused, match="doesn't let this credential read it") as failure:
        first.get_json("x")
    assert KEY not in str(failure.value)
    assert first.get_json("y")["path"] == "/y"


def _asked(one: Client, *paths: str) -> Iterator[Batch]:
    """A run that asks for each of these."""

    def part(path: str) -> Iterator[Batch]:
        one.get_json(path)
        yield Batch({"read": path})

    state: dict[str, Any] = {}
    parts = {path: partial(part, path) for path in paths}
    return one.remembering({}, in_turn(state, parts, lambda: dict(state)))


def test_a_credential_that_may_read_nothing_is_not_tried_again_until_it_changes(server: Echo) -> None:
    server.spoil(*[Fault.text(403, "no")] * 2)
    first = client(server)
    with pytest.raises(Refused, match=r"refused the credential .*until DASHAPP_ECHO_KEY changes"):
        list(_asked(first, "x", "y"))
    with pytest.raises(Refused, match="until DASHAPP_ECHO_KEY changes"):
        list(_asked(again(first, server), "x", "y"))
    assert len(server.calls) == 2
    assert again(first, server, key="another").get_json("x")


def test_each_question_has_its_turn_and_the_failure_names_those_that_had_no_answer(server: Echo) -> None:
    server.spoil(Fault.text(400, "bad"), Fault.text(529, "busy"))
    batches: list[Batch] = []
    with pytest.raises(Refused, match=r"a: .*400.*; b: .*529.* \(c could be read\)"):
        batches.extend(_asked(client(server), "a", "b", "c"))
    assert [call.path for call in server.calls] == ["/a", "/b", "/c"]


def test_what_failed_last_is_asked_last_so_that_its_pause_is_nobody_elses() -> None:
    asked: list[str] = []

    def part(name: str) -> Iterator[Batch]:
        asked.append(name)
        if name == "a":
            raise TemporaryFailure("down", 5.0)
        yield Batch({})

    state: dict[str, Any] = {}
    for _ in range(2):
        with pytest.raises(TemporaryFailure, match="down") as failure:
            list(in_turn(state, {name: partial(part, name) for name in "ab"}, lambda: dict(state)))
        assert failure.value.retry_after == 5
    assert asked == ["a", "b", "b", "a"]


def test_restarts_do_not_overspend_a_budget(server: Echo) -> None:
    clock = Clock()
    windows = (Window("15m", 900, 3), Window("24h", 86_400, 5))
    memory: dict[str, Any] = {}
    for _ in range(3):
        one = client(server, memory, windows=windows, now=clock)
        one.get_json("x")
        memory = {ASKED: one.memory()}
    with pytest.raises(TemporaryFailure, match="3 requests of 15m are spent") as failure:
        client(server, memory, windows=windows, now=clock).get_json("x")
    assert 800 < (failure.value.retry_after or 0) <= 930
    clock.time += 930
    for _ in range(2):
        one = client(server, memory, windows=windows, now=clock)
        one.get_json("x")
        memory = {ASKED: one.memory()}
    with pytest.raises(TemporaryFailure, match="5 requests of 24h are spent"):
        client(server, memory, windows=windows, now=clock).get_json("x")
    assert len(server.calls) == 5


def test_a_process_killed_at_any_moment_has_not_counted_too_few(server: Echo) -> None:
    one = client(server, windows=(Window("24h", 86_400, 50),))

    def batches() -> Iterator[Batch]:
        for page in range(4):
            one.get_json("x")
            yield Batch({"page": page})

    for batch in one.remembering({}, batches()):
        kept = Client("Echo", one.service, batch.checkpoint, setting="", windows=(Window("24h", 86_400, 50),))
        assert 50 - (kept.budget.left(time.time()) or 0) >= len(server.calls)
    assert 50 - (kept.budget.left(time.time()) or 0) == len(server.calls) == 4


def test_a_failure_is_remembered_before_it_is_raised(server: Echo) -> None:
    server.spoil(Fault(401))
    one = client(server)

    def batches() -> Iterator[Batch]:
        one.get_json("x")
        yield Batch({})

    kept = []
    with pytest.raises(Refused):
        for batch in one.remembering({"mine": 1}, batches()):
            kept.append(batch)
    assert kept[-1].bookkeeping
    assert kept[-1].checkpoint["mine"] == 1
    with pytest.raises(Refused):
        client(server, dict(kept[-1].checkpoint)).get_json("x")
    assert len(server.calls) == 1


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (Fault.page(), "a web page instead of JSON"),
        (Fault(200), "nothing at all"),
        (Fault.text(200, "OK"), "isn't JSON"),
        (Fault(cut=True), "broke the answer off"),
        (Fault(cut=True, announced=False), "cut off"),
        (Fault(reset=True), "broke the answer off|can't be asked"),
        (Fault.json(503, {"message": "maintenance"}), "503: maintenance"),
        (Fault.page(502), "answered 502$"),
    ],
)
def test_a_spoilt_answer_is_temporary_and_told_in_one_sentence(server: Echo, fault: Fault, words: str) -> None:
    server.spoil(fault)
    one = client(server)
    with pytest.raises(TemporaryFailure, match=words) as failure:
        one.get_json("x")
    assert "\n" not in str(failure.value)
    assert one.get_json("x")


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (Fault.json(404, {"error": "no such thing"}), "404: no such thing"),
        (Fault.json(422, {"errors": [{"message": "wrong"}]}), "422: wrong"),
        (Fault(302, {"Location": "https://elsewhere.example/login"}), "points to elsewhere.example"),
    ],
)
def test_what_will_not_change_by_itself_is_refused(server: Echo, fault: Fault, words: str) -> None:
    server.spoil(fault)
    with pytest.raises(Refused, match=words) as failure:
        client(server).get_json("x")
    assert failure.value.retry_after == 3600


def test_a_service_that_is_too_slow_is_left_alone(server: Echo) -> None:
    server.spoil(Fault(delay=5), Fault(drip=True))
    one = client(server, timeout_seconds=0.1)
    with pytest.raises(TemporaryFailure, match=r"did not answer within 0\.1 s"):
        one.get_json("x")
    with pytest.raises(TemporaryFailure, match="for one answer"):
        one.get_json("x")


def test_an_endless_answer_is_cut_short(server: Echo) -> None:
    server.spoil(Fault.text(200, "[" + "1," * 100_000))
    with pytest.raises(Refused, match="larger than 97 kB"):
        client(server, limit_bytes=100_000).get_json("x")


def test_failures_in_a_row_lead_to_longer_and_longer_pauses(server: Echo) -> None:
    clock = Clock()
    one = client(server, now=clock)
    waits = []
    for _ in range(6):
        server.spoil(Fault(500))
        with pytest.raises(TemporaryFailure) as failure:
            one.get_json("x")
        waits.append(failure.value.retry_after)
        clock.time += (failure.value.retry_after or 0) + 1
        one = again(one, server, now=clock)
    assert waits == [None, None, 60, 120, 240, 480]
    one.get_json("x")
    assert one.memory()["breaker"]["failures"] == 0


def test_nobody_listening_costs_no_budget(server: Echo) -> None:
    server.stop()
    one = client(server, windows=(Window("24h", 86_400, 2),))
    with pytest.raises(TemporaryFailure, match="can't be reached at 127"):
        one.get_json("x")
    assert one.budget.left(time.time()) == 2


@pytest.mark.parametrize("key", ["two\nlines", "smörgås"])
def test_a_credential_that_cannot_be_one_is_told(server: Echo, key: str) -> None:
    with pytest.raises(Refused, match="characters that neither may have") as failure:
        client(server, key=key).get_json("x")
    assert key not in str(failure.value)


def test_no_log_has_a_credential(server: Echo, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    client(server).get_json("x", {"q": "private"})
    assert KEY not in caplog.text
    assert "private" not in caplog.text


def test_pages_never_go_in_circles_or_on_without_end() -> None:
    rounds = follow("Echo", lambda cursor: Sheet([cursor], "b" if cursor in (None, "c") else "c"))
    with pytest.raises(Refused, match="in circles"):
        list(rounds)
    endless = follow("Echo", lambda cursor: Sheet([cursor], int(cursor or 0) + 1), limit=10)
    with pytest.raises(Refused, match="more than 10 pages"):
        list(endless)
