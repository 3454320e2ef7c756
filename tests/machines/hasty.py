"""The command of a machine whose lease is short. Its arguments are the command's."""

from __future__ import annotations

from datetime import timedelta

import collectors.runner.right as right
import collectors.runner.service as service
import dashapp.alerts.leases as leases


def main() -> None:
    leases.HELD = timedelta(seconds=2)
    right.RENEW_SECONDS, service._STANDBY_SECONDS = 0.3, 0.3
    from dashapp.cli import main as command

    command()
