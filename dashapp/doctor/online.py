"""Every credential that is set, tried with one cheap request: `dashapp doctor --online`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol, runtime_checkable

from collectors.base import Refused, TemporaryFailure
from collectors.redaction import redact
from collectors.registry import collectors_for
from collectors.services import Service
from dashapp.doctor.finding import Finding
from dashapp.services import make_services, make_source
from dashapp.settings import Settings

_SUBJECT = "services"


@runtime_checkable
class Probing(Protocol):
    """A collector of a service."""

    name: str

    def probe(self) -> str:
        """One request, whatever was refused before; what came of it in a few words. Raises what is wrong."""


def check(settings: Settings) -> Iterator[Finding]:
    services = vars(make_services(settings)).items()
    given = {name for name, service in services if isinstance(service, Service) and service.given}
    asking = [one for one in collectors_for(make_source(settings)) if isinstance(one, Probing) and one.name in given]
    if not asking:
        yield Finding(_SUBJECT, "ok", "no credential is set, so no service is asked")
    for collector in asking:
        yield _tried(collector)


def _tried(collector: Probing) -> Finding:
    try:
        return Finding(collector.name, "ok", f"answers: {collector.probe()}")
    except Refused as refusal:
        return Finding(collector.name, "fatal", redact(str(refusal)), refusal.hint or "Check its settings.")
    except TemporaryFailure as failure:
        hint = "Try again later; if it stays, check the address, the network and proxies in between."
        return Finding(collector.name, "warning", redact(str(failure)), hint)
