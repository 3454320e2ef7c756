"""`dashapp doctor`: looks at everything a dashboard needs and says how to mend what is wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from collectors.redaction import redact
from dashapp.doctor import accounts, machine, online, places, sources, store
from dashapp.doctor.finding import Finding, Level
from dashapp.settings import Settings

CHECKS: tuple[tuple[str, Callable[[Settings], Iterator[Finding]]], ...] = (
    ("data folder", places.check),
    ("disk", machine.disk),
    ("clock", machine.clock),
    ("sources", sources.check),
    ("store", store.check),
    ("accounts", accounts.check),
)


def examine(settings: Settings, *, ask_services: bool = False) -> Iterator[Finding]:
    """All findings, one subject after the other. A check that fails itself is a finding too.

    `ask_services`: also one request to each service that has a credential. Passwords in addresses are masked.
    """
    for finding in _examined(settings, ask_services=ask_services):
        yield replace(finding, text=redact(finding.text), hint=redact(finding.hint))


def _examined(settings: Settings, *, ask_services: bool) -> Iterator[Finding]:
    for subject, check in (*CHECKS, *((("services", online.check),) if ask_services else ())):
        try:
            yield from check(settings)
        except Exception as error:
            text = f"could not be checked: {type(error).__name__}: {error}"
            yield Finding(subject, "fatal", text, "This is unexpected; please report it with the log.")


__all__ = ["Finding", "Level", "examine"]
