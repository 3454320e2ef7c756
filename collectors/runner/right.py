"""The right to collect: of processes on one machine by a lock, of several machines by a lease, where there is one.

The lock is the operating system's and goes with its process; other machines do not see it. A lease is a row of a database that all of
them see, renewed while its holder lives: a machine that is dead or frozen loses it after some time, and another takes over.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from collectors.base import TemporaryFailure
from collectors.runner.checkpoints import Checkpoints
from collectors.runner.lock import RunnerBusy, RunnerLock

log = logging.getLogger(__name__)

RENEW_SECONDS = 5.0
_ONCE_SECONDS = 1.0
"""How long a single run waits for another process to end."""


class Lease(Protocol):
    """What machines agree by. TemporaryFailure where the database does not answer."""

    def take(self) -> bool:
        """Take it; False while another holds it."""

    def renew(self) -> bool:
        """False where another has held it since it was taken."""

    def release(self) -> None:
        """Others need not wait for its end."""

    def owner(self) -> str:
        """Who holds it, in words."""

    def checkpoints(self, data_dir: Path, scope: str) -> Checkpoints:
        """Those that all machines share. They refuse what is saved after the lease went to another."""


class Right:
    """Held by one runner at a time. Not shared with children or threads of another one."""

    def __init__(self, data_dir: Path, lease: Lease | None = None) -> None:
        self._lock = RunnerLock(data_dir)
        self._lease = lease
        self._lost = threading.Event()
        self._ended = threading.Event()
        self._renewing: threading.Thread | None = None

    @property
    def held(self) -> bool:
        return self._lock.held

    @property
    def lost(self) -> bool:
        """Whether it was held, and another machine has it now."""
        return self._lost.is_set()

    @property
    def may_be_lost(self) -> bool:
        """Whether other machines can take it."""
        return self._lease is not None

    @property
    def checkpoints(self) -> Callable[[Path, str], Checkpoints]:
        """Makes the checkpoints of a data folder and a scope."""
        return Checkpoints if self._lease is None else self._lease.checkpoints

    def acquire(self, timeout_seconds: float = 0.0) -> bool:
        """Take it, waiting at most so long for a process of this machine; False while another has it."""
        if self.held:  # for a single run, at whose end it is given back
            return False
        return self._lock.acquire(timeout_seconds) and self._leased()

    def owner(self) -> str:
        """Who has it, in words."""
        if self._lease is not None:
            try:
                return self._lease.owner()
            except TemporaryFailure:
                pass  # then what this machine knows has to do
        return self._lock.owner()

    @contextmanager
    def borrowed(self, begin: Callable[[], None]) -> Iterator[None]:
        """For the length of a single run, unless it is held anyway; `begin` is called where it was not. RunnerBusy names
        who has it."""
        if self.held:
            yield
            return
        self._lock.require(_ONCE_SECONDS)
        try:
            if not self._leased():
                raise RunnerBusy(
                    f"{self.owner()} is already collecting for all machines; let it do the work, or stop it first"
                )
            begin()
            yield
        finally:
            self.release()

    def release(self) -> None:
        """Give it back. Does nothing to what another machine has taken meanwhile."""
        if self._renewing is not None:
            self._ended.set()
            if self._renewing is not threading.current_thread():
                self._renewing.join(RENEW_SECONDS)
            self._renewing = None
            self._give_back()
        self._lock.release()

    def _leased(self) -> bool:
        """With the lock held, which is given back where this fails."""
        if self._lease is None:
            return True
        if not self._agreed(self._lease.take, otherwise=False):
            self._lock.release()
            return False
        self._lost.clear()
        self._ended = threading.Event()
        self._renewing = threading.Thread(
            target=self._renew, args=(self._lease, self._ended), name="runner-lease", daemon=True
        )
        self._renewing.start()
        return True

    def _renew(self, lease: Lease, ended: threading.Event) -> None:
        """While the database does not answer nobody else can take it either, and nothing is saved."""
        while not ended.wait(RENEW_SECONDS):
            if not self._agreed(lease.renew, otherwise=True):
                log.warning("another machine has taken over collecting while this one did not answer; standing by")
                self._lost.set()
                return

    @staticmethod
    def _agreed(ask: Callable[[], bool], *, otherwise: bool) -> bool:
        try:
            return ask()
        except TemporaryFailure as failure:
            log.warning("who collects can't be agreed on with other machines: %s", failure)
            return otherwise

    def _give_back(self) -> None:
        if self._lease is not None:
            try:
                self._lease.release()
            except TemporaryFailure as failure:
                log.warning("others wait for the end of the lease: %s", failure)
