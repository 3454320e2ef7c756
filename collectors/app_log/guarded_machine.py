"""What the records of a log add up to, whatever some of them hold. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from collectors.app_log.machine import STATEFUL, Machine, Record
from metricstore.point import Point

_SNAPSHOT_AFTER = 500
"""Records after which the state is taken anew."""


class GuardedMachine:
    """A machine that a record which can't be used leaves as it was."""

    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        self._snapshot: Mapping[str, Any] = machine.to_json()
        self._since: list[Record] = []
        """What was fed since the snapshot, as far as it changed anything."""

    def feed(self, record: Record) -> list[Point]:
        """As `Machine.feed`. Whatever that raises, the state is that from before the record."""
        try:
            points = self.machine.feed(record)
        except Exception:
            self._restore()
            raise
        if record.event in STATEFUL:
            self._since.append(record)
            if len(self._since) >= _SNAPSHOT_AFTER:
                self.to_json()
        return points

    def to_json(self) -> Mapping[str, Any]:
        """The state, to which it is from now on led back."""
        self._snapshot, self._since = self.machine.to_json(), []
        return self._snapshot

    def _restore(self) -> None:
        told = {run.id: run.told for run in self.machine.roster.runs}
        self.machine = Machine.from_json(self._snapshot)
        for record in self._since:
            self.machine.feed(record)
        for run in self.machine.roster.runs:
            run.told = told.get(run.id, run.told)
        self.to_json()
