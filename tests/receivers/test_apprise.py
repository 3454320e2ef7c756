"""Services over Apprise, the real library, with a stand-in of Gotify."""

from __future__ import annotations

import subprocess
import sys

import pytest

from alerting.receivers.sending import send
from tests.receivers.declared import declared, now
from tests.receivers.taking import Taking
from tests.standins.faults import Fault
from tests.unit.alerting.receivers.messages import hostile, message


def test_a_message_arrives_and_a_failure_says_what_apprise_knows(monkeypatch: pytest.MonkeyPatch) -> None:
    receiver = declared("apprise", url="env:APPRISE_URL")
    with Taking(200, {"id": 1}) as gotify:
        monkeypatch.setenv("APPRISE_URL", f"{gotify.url.replace('http:', 'gotify:')}/gotify-secret-token")
        for one in (message(), hostile(50)):
            (found,) = send(receiver, one, now())
            assert (found.recipient, found.delivered) == ("ops", True), found
        assert gotify.calls[0].json()["message"].startswith("24 % of the requests")
        gotify.spoil(Fault.json(401, {"error": "Unauthorized"}))
        (found,) = send(receiver, message(), now())
    assert (found.delivered, found.permanent) == (False, False)
    assert "Gotify" in found.answer
    assert "secret" not in found.answer


@pytest.mark.parametrize(
    "address", ["json://127.0.0.1/", "exec://rm", "gotify://169.254.169.254/token", "pover://", "gotify://[x/"]
)
def test_other_services_and_addresses_are_refused(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("APPRISE_URL", address)
    (found,) = send(declared("apprise", url="env:APPRISE_URL"), message(), now())
    assert (found.delivered, found.permanent) == (False, True), found


def test_one_that_says_nothing_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    with Taking() as gotify:
        gotify.spoil(Fault(delay=30))
        monkeypatch.setenv("APPRISE_URL", f"{gotify.url.replace('http:', 'gotify:')}/token")
        (found,) = send(declared("apprise", url="env:APPRISE_URL"), message(), now(), seconds=0.5)
    assert (found.delivered, found.answer) == (False, "no answer within 0.5 s")


def test_it_is_loaded_only_where_it_is_used() -> None:
    code = "import sys, alerting.receivers.sending; assert not {'apprise', 'requests', 'httpx'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)
