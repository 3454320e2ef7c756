"""`dashapp doctor`: looks at everything a dashboard needs and says how to mend what is wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from collectors.redaction import redact
from dashapp.doctor import accounts, backups, collecting, machine, online, outside, places, retention, sources, store
from dashapp.doctor.finding import Finding, Level
from dashapp.settings import Settings

CHECKS: tuple[tuple[str, Callable[[Settings], Iterator[Finding]]], ...] = (
    ("data folder", places.check),
    ("disk", machine.disk),
    ("clock", machine.clock),
    ("sources", sources.check),
    ("store", store.check),
    ("accounts", accounts.check),
    ("collecting", collecting.check),
    ("backups", backups.check),
    ("retention", retention.check),
)


def examine(settings: Settings, *, ask_services: bool = False, url: str | None = None) -> Iterator[Finding]:
    """All findings, one subject after the other. A check that fails itself is a finding too.

    `ask_services`: also one request to each service that has a credential. `url`: also how it looks from there. Passwords in addresses are masked.
    """
    for finding in _examined(settings, ask_services=ask_services, url=url):
        yield replace(finding, text=redact(finding.text), hint=redact(finding.hint))


def _examined(settings: Settings, *, ask_services: bool, url: str | None) -> Iterator[Finding]:
    for subject, check in (*CHECKS, *_asked_for(ask_services=ask_services, url=url)):
        try:
            yield from check(settings)
        except Exception as error:
            text = f"could not be checked: {type(error).__name__}: {error}"
            yield Finding(subject, "fatal", text, "This is unexpected; please report it with the log.")


def _asked_for(*, ask_services: bool, url: str | None) -> Iterator[tuple[str, Callable[[Settings], Iterator[Finding]]]]:
    if ask_services:
        yield "services", online.check
    if url is not None:
        yield "from outside", lambda settings: outside.check(settings, url)


__all__ = ["Finding", "Level", "examine"]
