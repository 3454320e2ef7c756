"""How the dashboard looks from outside: through whatever stands between readers and us."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

import httpx

from dashapp.doctor.finding import Finding
from dashapp.settings import Settings

_SUBJECT = "from outside"
_TIMEOUT_SECONDS = 8.0
_FILE = re.compile(r'(?:href|src)="([^"]*/(?:static|assets)/[^"]+)"')
_PREFIX = (
    "Have the proxy send X-Forwarded-Prefix and set DASHAPP_TRUSTED_PROXIES, or set DASHAPP_PUBLIC_URL to this address."
)


def check(settings: Settings, url: str) -> Iterator[Finding]:
    """`url`: where readers reach the overview, such as https://example.org/numbers."""
    base = url.rstrip("/")
    found = urlsplit(base)
    if found.scheme not in ("http", "https") or not found.netloc:
        yield Finding(_SUBJECT, "fatal", f"{url!r} is not an address", "Give it whole, beginning with https://.")
        return
    if settings.public_url and settings.public_url.rstrip("/") != base:
        yield Finding(_SUBJECT, "warning", f"DASHAPP_PUBLIC_URL is {settings.public_url}: links in messages, embeds and files lead there, "
                      f"not to {base}", f"DASHAPP_PUBLIC_URL={base}, if that is where people come from.")  # fmt: skip
    elif not settings.public_url:
        yield Finding(_SUBJECT, "warning", "DASHAPP_PUBLIC_URL is not set: links name the host that each request names, and alerts have none",
                      f"DASHAPP_PUBLIC_URL={base}")  # fmt: skip
    try:
        with httpx.Client(timeout=_TIMEOUT_SECONDS, follow_redirects=False) as client:
            yield from _reached(client, base)
    except httpx.HTTPError as error:
        yield Finding(
            _SUBJECT,
            "fatal",
            f"{base} can't be reached: {error}",
            "Is the proxy running, and is its certificate valid?",
        )


def _reached(client: httpx.Client, base: str) -> Iterator[Finding]:
    """What the login page and the way to it say: they need no account."""
    path = urlsplit(base).path
    login = client.get(f"{base}/login")
    if login.status_code != 200 or 'name="csrf_token"' not in login.text:
        yield Finding(_SUBJECT, "fatal", f"{base}/login answers {login.status_code} and is not the dashboard's login page",
                      "Let the proxy pass everything below this address on to the dashboard.")  # fmt: skip
        return
    files = _FILE.findall(login.text)
    wrong = [file for file in files if not file.startswith(f"{path}/")]
    if wrong:
        yield Finding(
            _SUBJECT,
            "fatal",
            f"its pages ask for {wrong[0].partition('?')[0]}, which is not below {path or '/'}",
            _PREFIX,
        )
        return
    origin = base.removesuffix(path) if path else base
    lost = next((file for file in files if client.get(origin + file).status_code != 200), None)
    if lost:
        yield Finding(
            _SUBJECT, "fatal", f"{lost.partition('?')[0]} can't be had", "Let the proxy pass the files on, too."
        )
        return
    yield from _led(client.get(f"{base}/"), base)
    if base.startswith("https:") and "secure" not in login.headers.get("Set-Cookie", "secure").lower():
        yield Finding(_SUBJECT, "warning", "the dashboard does not know that readers come by https: its cookie is not Secure",
                      "Have the proxy send X-Forwarded-Proto, and set DASHAPP_TRUSTED_PROXIES to the number of proxies.")  # fmt: skip


def _led(overview: httpx.Response, base: str) -> Iterator[Finding]:
    """Whether strangers are led to the login below the same path."""
    target = overview.headers.get("Location", "")
    path = urlsplit(base).path
    if overview.status_code == 302 and urlsplit(target).path == f"{path}/login":
        yield Finding(_SUBJECT, "ok", f"{base} is the dashboard, with its files and its login")
    else:
        yield Finding(
            _SUBJECT, "fatal", f"{base}/ leads to {target or overview.status_code} instead of {path}/login", _PREFIX
        )
