"""The right to collect: of processes on one machine by a lock, of several machines by a lease, where there is one.

The lock is the operating system's and goes with its process; other machines do not see it. A lease is a row of a database that all of
them see, renewed while its holder lives: a machine that is dead or frozen loses it after some time, and another takes over.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from collectors.base import TemporaryFailure
from collectors.runner.checkpoints import Checkpoints
from collectors.runner.lock import RunnerBusy, RunnerLock

log = logging.getLogger(__name__)

RENEW_SECONDS = 5.0
_ONCE_SECONDS = 1.0
"""How long a single run waits for another process to end."""
_GIVE_BACK_SECONDS = 5.0
"""How long the end of a process waits for a database that hangs."""


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


@dataclass(frozen=True)
class Refusal:
    """Why the right can't be had now, and what to do."""

    words: str
    advice: str
    unanswered: bool = False
    """Whether nobody is known to have it, as the database did not answer."""


class Right:
    """Held by one runner at a time. Not shared with children or threads of another one. Safe to use from several threads."""

    def __init__(self, data_dir: Path, lease: Lease | None = None) -> None:
        self._data_dir = data_dir
        self._lock = RunnerLock(data_dir)
        self._lease = lease
        self._lost = threading.Event()
        self._ended = threading.Event()
        self._renewing: threading.Thread | None = None
        self._changing = threading.Lock()
        """The operating system's lock lets a process in that holds it already: only one thread may look whether it does, and take it."""
        self._borrowers = 0
        self._kept = False
        """Whether it is held for longer than for single runs."""
        self._away = False
        """Whether the database did not answer the last time."""

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

    def acquire(self) -> Refusal | None:
        """Take it, without waiting for others; None when it was taken."""
        with self._changing:
            if self._lock.held:  # for a single run, at whose end it is given back
                return self._busy_here()
            refusal = self._take(0.0)
            self._kept = refusal is None
            self._remark(refusal.words if refusal is not None and refusal.unanswered else "")
            return refusal

    @contextmanager
    def borrowed(self, begin: Callable[[], None]) -> Iterator[None]:
        """For the length of a single run, unless it is held anyway; `begin` is called where it was not. RunnerBusy says who has it, or why
        nobody can have it now."""
        with self._changing:
            if not self._lock.held:
                refusal = self._take(_ONCE_SECONDS)
                if refusal is not None:
                    raise RunnerBusy(f"{refusal.words}; {refusal.advice}")
                begin()
            self._borrowers += 1
        try:
            yield
        finally:
            with self._changing:
                self._borrowers -= 1
                if not (self._borrowers or self._kept):
                    self._release()

    def release(self) -> None:
        """Give it back, within some seconds. Does nothing to what another machine has taken meanwhile."""
        if not self._changing.acquire(timeout=_GIVE_BACK_SECONDS):
            return  # it is being asked for at this moment, of a database that hangs
        try:
            self._kept = False
            self._release()
        finally:
            self._changing.release()

    def _release(self) -> None:
        renewing, self._renewing = self._renewing, None
        if renewing is not None:
            self._ended.set()
            renewing.join(_GIVE_BACK_SECONDS)
            giving = threading.Thread(target=self._give_back, name="runner-lease-end", daemon=True)
            giving.start()
            giving.join(_GIVE_BACK_SECONDS)
            if giving.is_alive():
                log.warning("others wait for the end of the lease: the database that they agree by hangs")
        self._lock.release()

    def _take(self, timeout_seconds: float) -> Refusal | None:
        """Waiting at most so long for a process of this machine."""
        if not self._lock.acquire(timeout_seconds):
            return self._busy_here()
        if self._lease is None:
            return None
        try:
            refusal = None if self._lease.take() else self._busy_elsewhere(self._lease)
        except TemporaryFailure as failure:
            words = f"machines can't agree on which of them collects: {failure}"
            refusal = Refusal(words, "nothing is collected until it answers", unanswered=True)
        except BaseException:
            self._lock.release()
            raise
        if refusal is not None:
            self._lock.release()
            return refusal
        self._lost.clear()
        self._ended = threading.Event()
        self._renewing = threading.Thread(
            target=self._renew, args=(self._lease, self._ended), name="runner-lease", daemon=True
        )
        self._renewing.start()
        return None

    def _busy_here(self) -> Refusal:
        words = f"{self._lock.owner()} is already collecting into {self._data_dir}"
        return Refusal(words, "stop it first or let it do the work")

    @staticmethod
    def _busy_elsewhere(lease: Lease) -> Refusal:
        return Refusal(
            f"{lease.owner()} is already collecting for all machines", "let it do the work, or stop it first"
        )

    def _renew(self, lease: Lease, ended: threading.Event) -> None:
        """While the database does not answer nobody else can take it either, and nothing is saved."""
        while not ended.wait(RENEW_SECONDS):
            try:
                kept = lease.renew()
            except TemporaryFailure as failure:
                self._remark(f"machines can't agree on which of them collects: {failure}")
                continue
            self._remark("")
            if not kept:
                log.warning("another machine has taken over collecting while this one did not answer; standing by")
                self._lost.set()
                return

    def _remark(self, trouble: str) -> None:
        """The first of a row of failures, and their end: not every try."""
        if trouble and not self._away:
            log.warning("%s; trying again until it answers", trouble)
        elif self._away and not trouble:
            log.info("the database that machines agree by answers again")
        self._away = bool(trouble)

    def _give_back(self) -> None:
        if self._lease is not None:
            try:
                self._lease.release()
            except TemporaryFailure as failure:
                log.warning("others wait for the end of the lease: %s", failure)
