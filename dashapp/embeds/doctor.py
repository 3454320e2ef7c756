"""What would keep an embed from showing on somebody's page: looked at from outside, told in a sentence each."""

from __future__ import annotations

import fnmatch
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import urljoin, urlsplit

import httpx

from dashapp.doctor.finding import Finding

_TIMEOUT_SECONDS = 8.0
_CLOCK_SECONDS = 300
_SCRIPT = '<script defer src="'
_WAYS = "DASHAPP_EMBED_ANCESTORS, or --ancestors when the embed is made"


def check(url: str, page: str = "", sandbox: str | None = None) -> list[Finding]:
    """`page`: address or origin of the page that will frame it. `sandbox`: the value of the frame's attribute, if any."""
    split = urlsplit(url)
    if split.scheme not in ("http", "https") or not split.netloc:
        return [Finding("address", "fatal", f"{url!r} isn't an address", "Give it whole, beginning with https://.")]
    try:
        with httpx.Client(timeout=_TIMEOUT_SECONDS, follow_redirects=False) as client:
            answer = client.get(url, headers={"Referer": page} if page else {})
            found = [*_status(answer, url)]
            if not any(finding.level == "fatal" for finding in found):
                found += [*_framing(answer, url, page), *_browser(answer), *_script(client, answer, url)]
    except httpx.HTTPError as error:
        return [Finding("reachable", "fatal", f"{split.netloc} does not answer: {error}",
                        "Readers' browsers must reach this address; DASHAPP_PUBLIC_URL says which one links name.")]  # fmt: skip
    return [*found, *_mixed(url, page), *_sandbox(sandbox), *_clock(answer)]


def _status(answer: httpx.Response, url: str) -> Iterator[Finding]:
    status = answer.status_code
    if 300 <= status < 400:
        where = answer.headers.get("Location", "")
        yield Finding("reachable", "fatal", f"it redirects to {where}",
                      "A reverse proxy asks for a login or forces another address: let /embed/ through as it is.")  # fmt: skip
    elif status == 410:
        yield Finding("link", "fatal", "the embed was revoked or its time is over", "Make a new one.")
    elif status == 403 and "No" in answer.text and "/embed/" in url:
        yield Finding("link", "fatal", "the link is not complete or not signed by this server",
                      "Copy it whole; after a change of DASHAPP_SECRET_KEY all links must be made anew.")  # fmt: skip
    elif status in (401, 403):
        yield Finding("reachable", "fatal", f"something in front of the dashboard answers {status}",
                      "Let the reverse proxy pass /embed/ on without a login of its own.")  # fmt: skip
    elif status >= 400:
        yield Finding("reachable", "fatal", f"it answers {status}", "The server's log says more.")
    elif "text/html" not in answer.headers.get("Content-Type", "") and not url.partition("?")[0].endswith(
        (".svg", ".png")
    ):
        yield Finding(
            "reachable",
            "fatal",
            "it answers with something that isn't a page",
            "Is there another server at this address?",
        )
    else:
        yield Finding("reachable", "ok", "it answers")


def _framing(answer: httpx.Response, url: str, page: str) -> Iterator[Finding]:
    """`frame-ancestors`, which wins where there is one, and X-Frame-Options, which old proxies add."""
    refused = answer.headers.get("X-Frame-Options")
    if refused:
        yield Finding("X-Frame-Options", "fatal" if not _policies(answer) else "warning",
                      f"a header X-Frame-Options: {refused} comes with it, which the dashboard does not send",
                      "Take it out for /embed/ in the reverse proxy (nginx: proxy_hide_header X-Frame-Options; "
                      "and no add_header for this location).")  # fmt: skip
    origin = _origin(page)
    for allowed in _policies(answer):
        if not origin:
            listed = " ".join(source for source in allowed if source != "'self'") or "nobody but the dashboard itself"
            yield Finding("frame-ancestors", "ok" if len(allowed) > 1 else "warning", f"may be framed by {listed}",
                          "" if len(allowed) > 1 else f"Name the wiki: {_WAYS}.")  # fmt: skip
        elif any(_matches(source, origin, _origin(url)) for source in allowed):
            yield Finding("frame-ancestors", "ok", f"{origin} may frame it")
        else:
            yield Finding("frame-ancestors", "fatal", f"{origin} may not frame it, only {' '.join(allowed) or 'nobody'}",
                          f"Name it: {_WAYS}={origin}.")  # fmt: skip


def _policies(answer: httpx.Response) -> list[list[str]]:
    """The sources of every frame-ancestors: all of them must agree."""
    found = []
    for header in answer.headers.get_list("Content-Security-Policy"):
        for policy in header.split(","):
            for directive in policy.split(";"):
                name, *sources = directive.split() or [""]
                if name.lower() == "frame-ancestors":
                    found.append(sources)
    return found


def _matches(source: str, origin: str, own: str) -> bool:
    if source == "*":
        return True
    if source == "'self'":
        return origin == own
    wanted, given = urlsplit(source if "//" in source else f"//{source}"), urlsplit(origin)
    ports: dict[str, int] = {"http": 80, "https": 443}
    schemes = wanted.scheme in ("", given.scheme) or (wanted.scheme == "http" and given.scheme == "https")
    _, _, port = wanted.netloc.rpartition(":")
    asked = port if port.isdigit() or port == "*" else str(ports.get(wanted.scheme or given.scheme, 0))
    told = str(given.port or ports.get(given.scheme, 0))
    host = wanted.netloc.removesuffix(f":{port}") if port != wanted.netloc else wanted.netloc
    return schemes and fnmatch.fnmatch(given.hostname or "", host.lower()) and asked in ("*", told)


def _browser(answer: httpx.Response) -> Iterator[Finding]:
    """What something between server and reader may have added."""
    if "Set-Cookie" in answer.headers:
        yield Finding("cookies", "warning", "a cookie comes with it, which the dashboard does not set",
                      "A reverse proxy adds it; embeds work without, but privacy rules of the wiki may object.")  # fmt: skip
    if (
        "sandbox" in answer.headers.get("Content-Security-Policy", "")
        and "allow-scripts" not in answer.headers["Content-Security-Policy"]
    ):
        yield Finding("sandbox", "warning", "a proxy's Content-Security-Policy forbids scripts: pictures show, but do not adapt",
                      "Take `sandbox` out of it, or add allow-scripts.")  # fmt: skip


def _script(client: httpx.Client, answer: httpx.Response, url: str) -> Iterator[Finding]:
    """Whether the page's script reaches a frame without an origin of its own."""
    _, found, rest = answer.text.partition(_SCRIPT)
    if not found:
        return
    got = client.get(urljoin(url, rest.partition('"')[0]))
    if got.status_code != 200:
        yield Finding("script", "warning", f"its script answers {got.status_code}: it shows, but does not adapt or refresh",
                      "Let the reverse proxy pass /embed/assets/ on, too.")  # fmt: skip
    elif got.headers.get("Cross-Origin-Resource-Policy") != "cross-origin":
        yield Finding("script", "warning", "a proxy changes Cross-Origin-Resource-Policy: sandboxed frames can't load the script",
                      "Leave that header of /embed/assets/ as it is.")  # fmt: skip


def _mixed(url: str, page: str) -> Iterator[Finding]:
    if _origin(page).startswith("https:") and url.startswith("http:"):
        yield Finding("https", "fatal", "the page is https and the embed http: browsers refuse that mixture",
                      "Serve the dashboard by https too, and set DASHAPP_PUBLIC_URL to that address.")  # fmt: skip


def _sandbox(sandbox: str | None) -> Iterator[Finding]:
    if sandbox is None:
        return
    flags = set(sandbox.split())
    if "allow-scripts" not in flags:
        yield Finding("sandbox", "warning", "the frame's sandbox forbids scripts: the picture shows, but does not refresh or adapt",
                      'Say sandbox="allow-scripts".')  # fmt: skip
    elif "allow-downloads" not in flags:
        yield Finding("sandbox", "ok", "works in this sandbox; a download link would need allow-downloads")


def _clock(answer: httpx.Response) -> Iterator[Finding]:
    try:
        told = answer.headers.get_list("Date")[0]  # a proxy may add a second one
        behind = (datetime.now(UTC) - parsedate_to_datetime(told)).total_seconds()
    except (IndexError, TypeError, ValueError):
        return
    if abs(behind) > _CLOCK_SECONDS:
        yield Finding("clock", "warning", f"the server's clock is {abs(behind) / 60:.0f} minutes {'behind' if behind > 0 else 'ahead'} of this machine's: "
                      "moving ranges and expiry are off by that", "Let both machines set their clocks by NTP.")  # fmt: skip


def _origin(address: str) -> str:
    split = urlsplit(address if "//" in address else f"https://{address}" if address else "")
    return f"{split.scheme}://{split.netloc}".lower() if split.netloc else ""


def worst(findings: list[Finding]) -> Mapping[str, int]:
    """How many findings of each level."""
    return {level: sum(finding.level == level for finding in findings) for level in ("ok", "warning", "fatal")}
