"""What a proxy or a wiki can spoil, and the sentence that says so: against real servers on loopback."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any
from wsgiref.types import StartResponse, WSGIEnvironment

import pytest
from werkzeug.serving import WSGIRequestHandler, make_server

from dashapp.embeds import keeping
from dashapp.embeds.doctor import check
from tests.embeds.conftest import Wiki


class _Late(WSGIRequestHandler):
    """A server whose clock stands still."""

    def date_time_string(self, timestamp: float | None = None) -> str:
        return "Mon, 01 Jan 2024 00:00:00 GMT"


Change = Callable[[list[tuple[str, str]]], list[tuple[str, str]]]


@pytest.fixture
def serve(wiki: Wiki) -> Iterator[Callable[..., str]]:
    """The application behind a proxy that changes its headers; gives the address."""
    running = []

    def start(change: Change = lambda headers: headers, status: str = "", handler: Any = None) -> str:
        def proxy(environ: WSGIEnvironment, start_response: StartResponse):  # type: ignore[no-untyped-def]
            def begin(told: str, headers: list[tuple[str, str]], *more: object):  # type: ignore[no-untyped-def]
                return start_response(status or told, change(headers), *more)  # type: ignore[arg-type]

            return wiki.app(environ, begin)

        server = make_server("127.0.0.1", 0, proxy, threaded=True, request_handler=handler)
        running.append(server)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        return f"http://127.0.0.1:{server.server_port}"

    yield start
    for server in running:
        server.shutdown()


def told(url: str, page: str = "", sandbox: str | None = None) -> dict[str, tuple[str, str]]:
    return {finding.subject: (finding.level, f"{finding.text} {finding.hint}") for finding in check(url, page, sandbox)}


def test_nothing_stands_in_the_way_where_the_wiki_is_named(wiki: Wiki, serve: Callable[..., str]) -> None:
    link = serve() + wiki.path(wiki.embed(ancestors=("http://wiki.example:8080", "https://*.intra.example")))
    for page in ("http://wiki.example:8080/Team/Page", "https://docs.intra.example"):
        found = told(link, page, "allow-scripts")
        assert {level for subject, (level, _) in found.items() if subject != "https"} == {"ok"}, found


def test_a_page_that_may_not_frame_it_is_told_the_setting(wiki: Wiki, serve: Callable[..., str]) -> None:
    base = serve()
    named = base + wiki.path(wiki.embed(ancestors=("https://wiki.example",)))
    for page in ("http://evil.example", "https://wiki.example.evil", "https://wiki.example:444", "http://wiki.example"):
        level, text = told(named, page)["frame-ancestors"]
        assert level == "fatal", page
        assert "DASHAPP_EMBED_ANCESTORS" in text
    assert told(base + wiki.path(wiki.embed()))["frame-ancestors"][0] == "warning"


def test_what_a_proxy_adds_or_changes_is_found(wiki: Wiki, serve: Callable[..., str]) -> None:
    path = wiki.path(wiki.embed(ancestors=("http://wiki.example",)))
    page = "http://wiki.example"
    assert "X-Frame-Options" in told(serve(lambda h: [*h, ("X-Frame-Options", "SAMEORIGIN")]) + path, page)
    second = serve(lambda h: [*h, ("Content-Security-Policy", "frame-ancestors 'none'")]) + path
    assert [f.level for f in check(second, page) if f.subject == "frame-ancestors"] == ["ok", "fatal"]
    assert "cookies" in told(serve(lambda h: [*h, ("Set-Cookie", "lb=1")]) + path, page)
    stripped = serve(lambda h: [(name, text) for name, text in h if name != "Cross-Origin-Resource-Policy"]) + path
    assert "script" in told(stripped, page)
    assert "sandbox" in told(serve(lambda h: [*h, ("Content-Security-Policy", "sandbox")]) + path, page)
    assert "clock" in told(serve(handler=_Late) + path, page)
    assert told(serve(status="302 Found") + path, page)["reachable"][0] == "fatal"
    assert "401" in told(serve(status="401 Unauthorized") + path, page)["reachable"][1]


def test_links_that_are_over_wrong_or_nowhere_are_told_apart(wiki: Wiki, serve: Callable[..., str]) -> None:
    base, embed = serve(), wiki.embed()
    path = wiki.path(embed)
    assert "signed" in told(base + path[:-2])["link"][1]
    keeping.revoke(wiki.accounts, embed.id)
    assert "revoked" in told(base + path)["link"][1]
    assert "does not answer" in told("http://127.0.0.1:9/embed/x")["reachable"][1]
    assert told("embed/x")["address"][0] == "fatal"


def test_an_https_page_and_an_http_embed_do_not_mix(wiki: Wiki, serve: Callable[..., str]) -> None:
    link = serve() + wiki.path(wiki.embed(ancestors=("https://wiki.example",)))
    assert "DASHAPP_PUBLIC_URL" in told(link, "https://wiki.example")["https"][1]


def test_a_sandbox_without_scripts_is_named(wiki: Wiki, serve: Callable[..., str]) -> None:
    link = serve() + wiki.path(wiki.embed())
    assert told(link, "", "")["sandbox"][0] == "warning"
    assert told(link, "", "allow-scripts allow-downloads").get("sandbox") is None
