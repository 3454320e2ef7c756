"""What a server that begins says to who started it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dashapp.cli.output import say
from dashapp.monitoring.address import PATH

if TYPE_CHECKING:
    from dashapp.settings import Settings


def announce(settings: Settings, port: int) -> None:
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    say(f"Content Metrics is at http://{host}:{port}")
    if settings.metrics_bind is not None:
        say(f"Its metrics are at http://{settings.metrics_bind}{PATH}, without a token")


def tell_password(created: tuple[str, str] | None) -> None:
    """The only time the one-time password of a first run is seen."""
    if created is not None:
        name, password = created
        say(f"\n  First run: log in as {name} with the one-time password {password}")
        say("  It is shown only now; you choose your own at the first login.\n")
