"""Two dashboards below paths of one host, behind a real nginx that takes HTTPS off."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from werkzeug.serving import make_server

from dashapp.factory import create_app
from dashapp.settings import load_settings
from metricstore.caching import CachedStore
from metricstore.duck import DuckStore
from tests.browser.scene import history
from tests.browser.visit import PASSWORD
from tests.conftest import fail_in_ci_else_skip
from tests.proxy.nginx import Unavailable, binary, running
from tests.receivers.certificates import Certificates
from tests.stores import free_port

_SETTING = """\
    location /numbers/ {
      proxy_pass http://127.0.0.1:%d;
      proxy_set_header X-Forwarded-For $remote_addr;
      proxy_set_header X-Forwarded-Proto $scheme;
      proxy_set_header Host somebody-elses.example;
    }
"""


def _documented(port: int) -> str:
    """The example for nginx of docs/reverse-proxy.md, for another path and this port."""
    text = (Path(__file__).parents[2] / "docs" / "reverse-proxy.md").read_text(encoding="utf-8")
    example = text.partition("```nginx\n")[2].partition("```")[0]
    return example.replace("/numbers", "/metrics").replace("127.0.0.1:8050", f"127.0.0.1:{port}")


@dataclass(frozen=True)
class Below:
    """A dashboard below a path."""

    origin: str
    path: str
    app: Any
    store: CachedStore
    certificates: Certificates
    inner: str
    """Its address without the proxy."""

    @property
    def url(self) -> str:
        return self.origin + self.path


@pytest.fixture(scope="session")
def dashboards(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Below]]:
    """`headers`: nginx takes the path off and says so; `setting`: it passes all on, and the public address is set."""
    folder, port = tmp_path_factory.mktemp("nginx"), free_port()
    certificates, origin = Certificates.made(folder), f"https://localhost:{port}"
    settings = {"headers": {"DASHAPP_TRUSTED_PROXIES": "1"},
                "setting": {"DASHAPP_PUBLIC_URL": f"{origin}/numbers/", "DASHAPP_TRUSTED_PROXIES": "1"}}  # fmt: skip
    with contextlib.ExitStack() as stack:
        found = {}
        for (name, own), path in zip(settings.items(), ("/metrics", "/numbers"), strict=True):
            app, store, inner = stack.enter_context(_serving(tmp_path_factory.mktemp(name), own))
            found[name] = Below(origin, path, app, store, certificates, inner)
        ports = [int(one.inner.rpartition(":")[2]) for one in found.values()]
        locations = _documented(ports[0]) + _SETTING % ports[1]
        try:
            stack.enter_context(running(binary(), folder, port, certificates, locations))
        except Unavailable as error:
            fail_in_ci_else_skip(f"no nginx for the tests: {error}")
        yield found


@contextlib.contextmanager
def _serving(folder: Path, own: dict[str, str]) -> Iterator[tuple[Any, CachedStore, str]]:
    store = CachedStore(DuckStore(None))
    store.write(history())
    app = create_app(
        load_settings({"DASHAPP_DATA_DIR": str(folder), "DASHAPP_TIMEZONE": "UTC", **own}, folder), store=store
    )
    app.extensions["accounts"].add("ada", "admin", PASSWORD)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield app, store, f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join(timeout=10)
        store.close()


@pytest.fixture(params=["headers", "setting"])
def below(request: pytest.FixtureRequest, dashboards: dict[str, Below]) -> Below:
    return dashboards[request.param]
