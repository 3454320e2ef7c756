"""How many connections are kept open: a browser holds six for each of its windows, and an idle one costs next to nothing."""

# Imports inside functions: `resource` is not there on Windows.

from __future__ import annotations

import sys
from typing import Any

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
