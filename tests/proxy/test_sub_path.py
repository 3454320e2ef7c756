"""Everything works below a path of a host behind a reverse proxy that takes HTTPS off."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import httpx
import pytest

from dashapp.accounts.tokens import create_token
from dashapp.doctor import outside
from dashapp.embeds import keeping, links
from dashapp.embeds.model import Wanted
from dashapp.settings import SettingsError, load_settings
from dashapp.sub_path import SubPath
from metricstore.selection import Selection
from tests.browser.visit import PASSWORD
from tests.proxy.conftest import Below

LINK = re.compile(r'(?:href|src|action)="([^"#][^"]*)"')


@pytest.fixture
def client(below: Below) -> Iterator[httpx.Client]:
    verify = below.certificates.trusting()
    with httpx.Client(base_url=below.url, verify=verify, headers={"Accept": "text/html"}, timeout=60) as found:
        yield found


def log_in(client: httpx.Client, wanted: str = "") -> httpx.Response:
    form = client.get("/login", params={"next": wanted} if wanted else {})
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', form.text)
    assert token
    fields = {"username": "ada", "password": PASSWORD, "csrf_token": token[1], **({"next": wanted} if wanted else {})}
    return client.post("/login", data=fields)


def links_of(text: str) -> list[str]:
    return [unescape(link) for link in LINK.findall(text) if not link.startswith(("http", "data:"))]


def test_the_login_leads_back_to_what_was_wanted_below_the_path(client: httpx.Client, below: Below) -> None:
    refused = client.get("/content?start=-7d")
    assert refused.headers["Location"] == f"{below.path}/login?next=/content?start%3D-7d"
    answer = log_in(client, "/content?start=-7d")
    assert answer.status_code == 302, answer.text
    assert answer.headers["Location"] == f"{below.path}/content?start=-7d"
    assert "Secure" in answer.headers["Set-Cookie"]
    assert f"Path={below.path}" in answer.headers["Set-Cookie"].split("; "), "no other application of the host gets it"
    assert (
        log_in(httpx.Client(base_url=below.url, verify=below.certificates.trusting())).headers["Location"]
        == f"{below.path}/"
    )


@pytest.mark.parametrize("wanted", ["/login", "//evil.example", "https://evil.example/", "/_dash-layout"])
def test_it_leads_nowhere_else(client: httpx.Client, below: Below, wanted: str) -> None:
    for target in (wanted, below.path + wanted if wanted.startswith("/") else wanted):
        assert log_in(client, target).headers["Location"] in (f"{below.path}/", f"{below.path}//evil.example")
        client.cookies.clear()


PAGES = ["/", "/login", "/account", "/annotations", "/alerts", "/embeds", "/admin/users", "/admin/audit", "/api/docs",
         "/share/chart/posts_by_status", "/embeds/new/chart/posts_by_status", "/nothing-here/x", "/status", "/ai/bill"]  # fmt: skip


def test_every_link_of_every_page_is_below_the_path_and_its_files_are_there(client: httpx.Client, below: Below) -> None:
    files = set()
    pages = [client.get("/login").text]
    log_in(client)
    pages += [client.get(path).text for path in PAGES]
    for text in pages:
        found = links_of(text)
        assert found
        for link in found:
            assert link.startswith((f"{below.path}/", "?")) or link == below.path, link
        files |= {link for link in found if "/assets/" in link or "/static/" in link or "/_dash-component" in link}
    assert len(files) > 20
    for file in files:
        answer = client.get(below.origin + file)
        assert answer.status_code == 200, file
        assert not answer.headers["Content-Type"].startswith("text/html"), file


def test_dashs_own_routes_answer_with_links_below_the_path(client: httpx.Client, below: Below) -> None:
    log_in(client)
    assert f'"requests_pathname_prefix":"{below.path}/"' in client.get("/").text
    layout = client.get("/_dash-layout")
    hrefs = re.findall(r'"(?:href|action|data-href)":\s*"([^"]*)"', layout.text)
    assert f"{below.path}/content" in hrefs
    assert all(href.startswith((f"{below.path}/", "#")) for href in hrefs)
    assert client.get("/_dash-dependencies").status_code == 200


def test_embeds_pictures_and_downloads_work_and_name_the_public_address(client: httpx.Client, below: Below) -> None:
    accounts = below.app.extensions["accounts"]
    wanted = Wanted("chart", "generations_by_outcome", {"start": "-30d", "tz": "UTC"}, download=True)
    embed = keeping.create(accounts, wanted, None, Selection(timezone="UTC"))
    with below.app.test_request_context():
        page, png = (links.url(embed, "", kind=kind) for kind in ("", ".png"))
    frame = client.get(page)
    assert frame.status_code == 200
    assert below.origin in frame.headers["Content-Security-Policy"]
    for link in links_of(frame.text):
        assert link.startswith((f"{below.path}/", "?")), link
        assert client.get(below.origin + link).status_code == 200, link
    assert client.get(png).content.startswith(b"\x89PNG")
    log_in(client)
    made = client.get(f"/embeds/{embed.id}").text
    assert f"{below.url}/embed/{embed.id}" in made
    assert "somebody-elses" not in made
    answer = client.get("/download/chart/posts_by_status.csv?start=-30d")
    assert answer.status_code == 200
    assert answer.headers["Link"].startswith(f"<{below.path}/download/")
    document = client.get("/download/chart/posts_by_status.json?start=-30d").text
    assert f"{below.url}/" in document
    assert "somebody-elses" not in document


def test_the_api_and_its_document_name_the_public_address(client: httpx.Client, below: Below) -> None:
    accounts = below.app.extensions["accounts"]
    bearer = {"Authorization": f"Bearer {create_token(accounts.find('ada'), 'test', accounts=accounts)}"}
    described = client.get("/api/v1/openapi.json", headers=bearer).json()
    assert described["servers"] == [{"url": below.url}]
    answer = client.get("/api/v1/records/log_record?start=-30d&limit=2", headers=bearer)
    following = re.search(r"<([^>]+)>", answer.headers["Link"])
    assert following
    assert client.get(below.origin + following[1], headers=bearer).status_code == 200
    made = client.post("/api/v1/embeds", json={"what": "posts_by_status"}, headers=bearer)
    assert made.status_code == 201, made.text
    assert made.json()["url"].startswith(f"{below.url}/embed/")
    assert client.get(below.origin + made.headers["Location"], headers=bearer).status_code == 200
    assert client.get("/api/nothing", headers=bearer).status_code == 404


def test_a_page_of_the_browser_sent_to_the_public_address_is_no_other_site(client: httpx.Client, below: Below) -> None:
    log_in(client)
    told = {"Origin": below.origin}
    assert client.post("/account/sessions/end", headers=told).status_code != 403
    assert client.post("/account/sessions/end", headers={"Origin": "https://evil.example"}).status_code == 403


def test_no_host_header_gets_into_a_link_where_the_public_address_is_set(dashboards: dict[str, Below]) -> None:
    below = dashboards["setting"]
    accounts = below.app.extensions["accounts"]
    bearer = {"Authorization": f"Bearer {create_token(accounts.find('ada'), 'host', accounts=accounts)}"}
    hostile = {"Host": "evil.example", "X-Forwarded-Host": "evil.example", **bearer}
    for path in ("/api/v1/openapi.json", "/download/chart/posts_by_status.json", "/download/page/overview.zip",
                 "/api/v1/charts/posts_by_status?format=csv&proof=1", "/login"):  # fmt: skip
        answer = httpx.get(f"{below.inner}{path}", headers=hostile, timeout=60)
        assert answer.status_code == 200, path
        assert "evil.example" not in answer.text, path
        assert "evil.example" not in str(answer.headers), path


def test_a_prefix_nobody_may_set_or_that_is_none_changes_nothing(dashboards: dict[str, Below]) -> None:
    inner = dashboards["headers"].inner
    for prefix in ('/"><script>', "//evil.example", "https://evil.example", "metrics", "/a b"):
        page = httpx.get(f"{inner}/login", headers={"X-Forwarded-Prefix": prefix}).text
        assert all(link.startswith(("/static/", "/assets/", "/login")) for link in links_of(page)), prefix


def test_doctor_says_whether_the_dashboard_is_there_and_what_is_wrong(dashboards: dict[str, Below]) -> None:
    headers, setting = dashboards["headers"], dashboards["setting"]

    def said(url: str, own: Below = setting) -> list[tuple[str, str]]:
        settings = own.app.extensions["settings"]
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("SSL_CERT_FILE", str(own.certificates.certificate))
            return [(finding.level, finding.text + finding.hint) for finding in outside.check(settings, url)]

    assert said(setting.url)[-1][0] == "ok"
    assert said(headers.url, headers)[-1][0] == "ok"
    assert ("warning", "DASHAPP_PUBLIC_URL is not set") in [
        (level, text[:29]) for level, text in said(headers.url, headers)
    ]
    wrong = said(f"{setting.origin}/elsewhere")
    assert wrong[0][0] == "warning" and "links in messages" in wrong[0][1]
    assert wrong[-1][0] == "fatal" and "not the dashboard's login page" in wrong[-1][1]
    lacking = said(setting.inner)
    assert lacking[-1][0] == "fatal" and "X-Forwarded-Prefix" in lacking[-1][1]
    assert said("example.org/numbers")[0] == (
        "fatal",
        "'example.org/numbers' is not an addressGive it whole, beginning with https://.",
    )
    assert said("http://127.0.0.1:9/x")[-1][0] == "fatal"


@pytest.mark.parametrize(
    "address",
    ["numbers", "ftp://example.org", "https://example.org/a b", "https://example.org/api/x", "https://e.org/?x=1"],
)
def test_a_public_address_that_can_not_be_one_is_refused(address: str, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="DASHAPP_PUBLIC_URL"):
        load_settings({"DASHAPP_PUBLIC_URL": address}, tmp_path)


@pytest.mark.parametrize(
    ("prefix", "path", "seen"),
    [("", "/content", ("", "/content")), ("/n", "/n/content", ("/n", "/content")), ("/n", "/content", ("/n", "/content")),
     ("/metrics", "/metrics", ("/metrics", "/metrics")), ("/a/b", "/a/b/", ("/a/b", "/")), ("/api", "/api/v1/", ("/api", "/api/v1/"))],
)  # fmt: skip
def test_the_path_is_taken_off_once_whoever_does_it(prefix: str, path: str, seen: tuple[str, str]) -> None:
    found: list[tuple[str, str]] = []

    def application(environ: dict[str, str], _: object) -> list[bytes]:
        found.append((environ["SCRIPT_NAME"], environ["PATH_INFO"]))
        return []

    SubPath(application, prefix)({"PATH_INFO": path}, None)
    SubPath(application, "")({"PATH_INFO": path, "SCRIPT_NAME": prefix}, None)
    assert found == [seen, seen]
