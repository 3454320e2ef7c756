"""A program that deletes by hand what is older than it is kept, and dies by itself in the middle of it."""

from __future__ import annotations

import json
import os
import signal
import sys
from pathlib import Path
from typing import Any

from dashapp.retention.scheduled import ScheduledRetention
from dashapp.services import make_runner
from dashapp.settings import Settings
from dashapp.stores import open_store
from metricstore import expiring
from metricstore.retention import Retention


def main() -> None:
    command = json.loads(sys.argv[1])
    expiring.MOST_POINTS = 10
    given = {**command["settings"], "data_dir": Path(command["data"])}
    settings = Settings(**given, retention=Retention.of(command["kept"]))
    store = open_store(settings)
    inner: Any = store.store
    delete, left = inner.delete_range, command["stretches"]

    def dying(*arguments: Any) -> None:
        nonlocal left
        delete(*arguments)
        left -= 1
        if not left:
            os.kill(os.getpid(), signal.SIGKILL)

    inner.delete_range = dying
    make_runner(settings, store).run_in_place(ScheduledRetention(settings.retention, by_hand=True))
