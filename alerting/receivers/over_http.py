"""One request over HTTP: to the very address that was checked, within the time, no redirect followed."""

from __future__ import annotations

import contextlib
import functools
import logging
import ssl
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from alerting.receivers.addresses import refusal, resolved, web_address
from alerting.receivers.answers import Answer
from alerting.receivers.outcome import Failure
from alerting.receivers.waiting import Deadline

if TYPE_CHECKING:
    import httpx

_USER_AGENT = "content-metrics-dashboard"
_MOST_BYTES = 65_536
_NEXT_ADDRESS = 3.0
"""So long one of several addresses is tried before the next."""


@dataclass(frozen=True)
class Request:
    url: str
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)
    kind: str = "application/json"


def post(request: Request, deadline: Deadline) -> Answer:
    """Whatever was answered. Raises Failure where nothing was."""
    import httpx  # only where something is sent: it is slow to load

    for name in ("httpx", "httpcore"):
        logging.getLogger(name).setLevel(logging.WARNING)  # they log whole addresses, which may be secrets
    try:
        url = httpx.URL(web_address(request.url))
        return _posted(url, request, deadline)
    except (httpx.InvalidURL, httpx.LocalProtocolError, UnicodeError, ValueError) as error:
        said = f": {error}" if type(error) is ValueError else ""
        raise Failure(f"the address or a secret can't be used{said}", permanent=True) from None
    except httpx.ConnectError as error:
        raise _timely(deadline, Failure(f"{url.host} can't be reached: {error}")) from None
    except httpx.TimeoutException:
        raise deadline.failure from None
    except (httpx.HTTPError, OSError) as error:
        raise _timely(deadline, Failure(f"{url.host} broke off: {error or type(error).__name__}")) from None


def _timely(deadline: Deadline, failure: Failure) -> Failure:
    return deadline.failure if deadline.over else failure


def _posted(url: httpx.URL, request: Request, deadline: Deadline) -> Answer:
    import httpx

    if _goes_through_proxy(url):
        return _exchanged(url, url, request, deadline, proxied=True)
    ips = resolved(url.raw_host.decode(), url.port or (443 if url.scheme == "https" else 80), deadline.left())
    for ip in ips[:-1]:
        try:
            return _exchanged(url.copy_with(host=ip), url, request, deadline, patience=_NEXT_ADDRESS)
        except (httpx.ConnectError, httpx.ConnectTimeout):
            continue
    return _exchanged(url.copy_with(host=ips[-1]), url, request, deadline)


def _goes_through_proxy(url: httpx.URL) -> bool:
    """Then the proxy resolves the name, and its owner says what may be reached."""
    if refusal(url.host):
        raise Failure(refusal(url.host), permanent=True)
    return url.scheme in urllib.request.getproxies() and not urllib.request.proxy_bypass(url.host)


def _exchanged(
    target: httpx.URL, named: httpx.URL, request: Request, deadline: Deadline, *, proxied: bool = False, patience: float = 60.0
) -> Answer:  # fmt: skip
    """The connection goes to `target`; certificate and Host are those of `named`."""
    import httpx

    def trace(event: str, info: Mapping[str, Any]) -> None:
        if event == "connection.connect_tcp.complete":
            deadline.watch(info["return_value"].get_extra_info("socket"))

    left = deadline.left()
    headers = {
        "User-Agent": _USER_AGENT,
        "Content-Type": request.kind,
        "Host": named.netloc.decode(),
        **request.headers,
    }
    extensions = {"sni_hostname": named.raw_host.decode(), "trace": trace}
    timeout = httpx.Timeout(left, connect=min(left, patience))
    with (
        httpx.Client(verify=_trust(), timeout=timeout, follow_redirects=False, trust_env=proxied) as client,
        client.stream("POST", target, content=request.body, headers=headers, extensions=extensions) as response,
    ):
        found = {name.lower(): value for name, value in response.headers.items()}
        return Answer(response.status_code, found, _begin(response))


def _begin(response: httpx.Response) -> bytes:
    """Of the body as much as came: what it means, its status has said already."""
    import httpx

    content = bytearray()
    with contextlib.suppress(httpx.HTTPError, OSError):
        for chunk in response.iter_bytes():
            content += chunk
            if len(content) >= _MOST_BYTES:
                break
    return bytes(content[:_MOST_BYTES])


@functools.cache
def _trust() -> ssl.SSLContext:
    """Made once: reading the authorities takes a while."""
    import httpx

    return httpx.create_ssl_context()
