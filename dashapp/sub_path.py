"""Below a path of somebody else's host, such as https://example.org/numbers/, behind a reverse proxy.

The path is the one of DASHAPP_PUBLIC_URL, or comes with `X-Forwarded-Prefix` where proxies are trusted. Whether the proxy takes it
off the addresses it passes on or not makes no difference.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any

from dashapp.settings.public_url import PATH, is_own_path

Application = Callable[[dict[str, Any], Any], Iterable[bytes]]


class SubPath:
    """WSGI middleware. After `ProxyFix`, which has put a trusted prefix into SCRIPT_NAME."""

    def __init__(self, application: Application, configured: str) -> None:
        self._application = application
        self._configured = configured

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        prefix = str(environ.get("SCRIPT_NAME", "")).rstrip("/")
        if not re.fullmatch(PATH, prefix):
            prefix = self._configured
        environ["SCRIPT_NAME"] = prefix
        if prefix and not is_own_path(prefix) and environ.get("PATH_INFO", "").startswith(f"{prefix}/"):
            environ["PATH_INFO"] = environ["PATH_INFO"][len(prefix) :]
        return self._application(environ, start_response)
