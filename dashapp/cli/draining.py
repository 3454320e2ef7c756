"""Ending `dashapp web` so that no request is lost: first it is said, then nothing new is taken, then what is under way is answered."""

from __future__ import annotations

import mmap
import signal
import time
from socket import socket

from gunicorn.arbiter import Arbiter
from gunicorn.workers.base import Worker
from gunicorn.workers.gthread import ThreadWorker


class Ending:
    """Whether the process that started the workers was told to end. Made before they are forked, seen by all of them."""

    def __init__(self) -> None:
        self._memory = mmap.mmap(-1, 1)

    def begin(self) -> None:
        self._memory[0] = 1

    def __call__(self) -> bool:
        return self._memory[0] == 1


class DrainingArbiter(Arbiter):
    """At SIGTERM goes on answering for `drain_seconds`, while `/readyz` says that it is not ready: load balancers send
    requests elsewhere meanwhile. A second SIGTERM ends this time, and Ctrl-C or SIGQUIT ends at once."""

    def __init__(self, app: object, ending: Ending, drain_seconds: float) -> None:
        super().__init__(app)
        self._ending, self._drain_seconds = ending, drain_seconds

    def handle_term(self) -> None:
        self._ending.begin()
        self._go_on(time.monotonic() + self._drain_seconds)
        super().handle_term()

    def _go_on(self, until: float) -> None:
        """Mind the workers as ever. Whatever else is signalled, a reload say, is of no use to who is about to end."""
        while (left := until - time.monotonic()) > 0:
            signals = self.wait_for_signals(timeout=min(1.0, left))
            if {signal.SIGINT, signal.SIGQUIT} & set(signals):
                self.handle_quit()
            if signal.SIGTERM in signals:
                return
            self.reap_workers()
            self.murder_workers()
            self.manage_workers()


class DrainingWorker(ThreadWorker):
    """When it ends, answers the connections that wait to be taken, and then closes the port.

    gunicorn closes it only after the last request under way, and whoever has connected by then gets a reset instead of an answer.
    """

    sockets: list[socket]

    def handle_quit(self, sig: int, frame: object) -> None:
        """Without ending the pool of threads, as gunicorn does here: that waits for a lock which the interrupted line may have."""
        Worker.handle_quit(self, sig, frame)

    def set_accept_enabled(self, enabled: bool) -> None:
        super().set_accept_enabled(enabled)
        if not (enabled or self.alive):
            # gunicorn may come here twice: also as a worker that has all the connections it may have.
            listeners, self.sockets = self.sockets, []
            for listener in listeners:
                self._take_all(listener)
                listener.close()

    def _take_all(self, listener: object) -> None:
        taken = -1
        while self.nr_conns != taken:
            taken = self.nr_conns
            self.accept(listener)
