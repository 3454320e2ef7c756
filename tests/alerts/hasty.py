"""The program that is killed: the `dashapp` command whose leases, claims and rounds are short. Its arguments are a command's."""

from __future__ import annotations

from datetime import timedelta

import dashapp.alerts.leases as leases
import dashapp.alerts.outbox as outbox
import dashapp.alerts.watching as watching


def main() -> None:
    """gunicorn's workers are forked from this process, and so are as hasty."""
    leases.HELD = timedelta(seconds=2)
    outbox.CLAIMED = timedelta(seconds=2)
    outbox.GATHERED = outbox.NEXT_GATHERED = timedelta(0)
    outbox.FLOOD = 10_000
    watching.ROUND_SECONDS, watching.SEND_SECONDS = 0.3, 0.1
    from dashapp.cli import main as command

    command()
