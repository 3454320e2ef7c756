"""Connections of the embedded store's server (waitress): how many are kept open, and what each of them holds.

A browser keeps six for each of its windows, and an idle one should cost next to nothing.
"""

# Imports inside functions: `resource` is not there on Windows.

from __future__ import annotations

import sys
from typing import Any

from waitress.channel import HTTPChannel

from dashapp.address_length import Parser

MOST = 4_000
_DESCRIPTORS = 8_192
_FOR_OTHERS = 256
"""Descriptors left to the store, the accounts, sources that are read and connections to services."""


def waitress_options() -> dict[str, Any]:
    """For `waitress.create_server`. Beyond its own limit of 100 a new connection waits for up to half a minute; and only with `poll`
    may a descriptor's number be above 1,023."""
    return {"connection_limit": most_connections(), "asyncore_use_poll": sys.platform != "win32"}


def most_connections() -> int:
    """As many as the system lets this process have, which is asked for more where it is few; at most MOST."""
    if sys.platform == "win32":
        return 400
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != resource.RLIM_INFINITY and soft < _DESCRIPTORS:
        wanted = _DESCRIPTORS if hard == resource.RLIM_INFINITY else min(hard, _DESCRIPTORS)
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
        soft = wanted
    return MOST if soft == resource.RLIM_INFINITY else max(64, min(MOST, soft - _FOR_OTHERS))


class Channel(HTTPChannel):
    """One connection. Waitress itself keeps what was sent over it, up to 16 MB each, for as long as the client stays."""

    parser_class = Parser

    def service(self) -> None:
        super().service()
        self._forget_what_was_sent()

    def handle_write(self) -> None:
        super().handle_write()
        self._forget_what_was_sent()

    def _forget_what_was_sent(self) -> None:
        with self.outbuf_lock:
            if self.connected and not self.total_outbufs_len and len(self.outbufs) == 1:
                self.outbufs[0].prune()
                self.current_outbuf_count = 0
