"""Cross-site request forgery: what changes something must come from our own pages."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Request

from dashapp.addresses import public_origin


def cross_site(request: Request) -> bool:
    """Whether a browser sent this from another site's page.

    Every browser of today says where a request that can change something comes from, and no page can forge it. What says nothing is no
    browser (a script with a cookie jar), and has no victim's cookie to misuse. SameSite=Lax cookies stand behind this.
    """
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site not in ("same-origin", "none")
    origin = request.headers.get("Origin")
    if origin is None:
        return False
    own = {request.host.lower(), urlsplit(public_origin()).netloc.lower()}
    return urlsplit(origin).netloc.lower() not in own
