"""One request over the wire by httpx; whatever goes wrong there in one sentence."""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import httpx

for _name in ("httpx", "httpcore"):
    # they log whole addresses, at a level people do switch on
    logging.getLogger(_name).setLevel(logging.WARNING)

_PATIENCE = 4
"""Times the timeout, which bounds each wait for a byte, that a whole answer may take."""


class Trouble(Exception):
    """No answer. `asked`: the service may have seen the request. `lasting`: it will be the same next time."""

    def __init__(self, reason: str, *, asked: bool, lasting: bool = False, hint: str = "") -> None:
        super().__init__(reason)
        self.reason, self.asked, self.lasting, self.hint = reason, asked, lasting, hint


class Wire:
    """Connections to one service. Redirects are not followed: the credential stays with the address it was given for."""

    def __init__(self, name: str, headers: Mapping[str, str], timeout_seconds: float, limit_bytes: int) -> None:
        self._name, self._headers = name, headers
        self._timeout_seconds, self._limit_bytes = timeout_seconds, limit_bytes
        self._http: httpx.Client | None = None

    def send(self, method: str, address: str, content: Mapping[str, Any]) -> tuple[int, dict[str, str], bytes]:
        """Status, headers (names in small letters) and whole body. Raises Trouble."""
        try:
            return self._sent(method, address, content)
        except httpx.TimeoutException as error:
            waited = not isinstance(error, httpx.ConnectTimeout | httpx.PoolTimeout)
            raise Trouble(f"{self._name} did not answer within {self._timeout_seconds:g} s", asked=waited) from None
        except httpx.ConnectError as error:
            host = urlsplit(address).netloc.rpartition("@")[2]
            raise Trouble(f"{self._name} can't be reached at {host}: {error}", asked=False) from None
        except httpx.RemoteProtocolError as error:
            raise Trouble(f"{self._name} broke the answer off: {error}", asked=True) from None
        except (httpx.InvalidURL, httpx.UnsupportedProtocol, httpx.LocalProtocolError, UnicodeError, ValueError):
            text = f"{self._name} can't be asked: the address or the credential has characters that neither may have"
            raise Trouble(text, asked=False, lasting=True) from None
        except httpx.HTTPError as error:
            text = f"{self._name} can't be asked: {type(error).__name__} {error}".rstrip()
            raise Trouble(text, asked=True) from None

    def _sent(self, method: str, address: str, content: Mapping[str, Any]) -> tuple[int, dict[str, str], bytes]:
        if self._http is None:
            self._http = httpx.Client(headers=self._headers, timeout=self._timeout_seconds, follow_redirects=False)
        started = time.monotonic()
        with self._http.stream(method, address, **content) as response:
            chunks: list[bytes] = []
            size = 0
            for chunk in response.iter_bytes():
                size += len(chunk)
                chunks.append(chunk)
                self._limit(size, time.monotonic() - started)
            headers = {name.lower(): value for name, value in response.headers.items()}
            return response.status_code, headers, b"".join(chunks)

    def _limit(self, size: int, seconds: float) -> None:
        """A service that never ends, or sends a byte now and then, must not hold a run or fill the memory."""
        if size > self._limit_bytes:
            raise Trouble(
                f"{self._name}'s answer is larger than {self._limit_bytes // 1024:,} kB", asked=True, lasting=True,
                hint="Is the address right? This is far more than the service's answers have.",
            )  # fmt: skip
        if seconds > _PATIENCE * self._timeout_seconds:
            text = f"{self._name} took longer than {_PATIENCE * self._timeout_seconds:g} s for one answer"
            raise Trouble(text, asked=True)

    def close(self) -> None:
        if self._http is not None:
            self._http.close()
            self._http = None
