"""What the `web_*` benchmarks share: the real application in a process of its own, and a visitor who asks over HTTP
what a browser would ask."""

from __future__ import annotations

import gzip
import http.client
import json
import logging
import re
import subprocess
import sys
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

sys.path.insert(0, str(Path(__file__).parents[1]))

USER, PASSWORD = "benchmark", "correct horse battery staple"
Json = dict[str, Any]


def serve(folder: Path, *, cached: bool) -> None:
    """The real application as `dashapp run` serves it, on a free port, which is printed; runs until killed."""
    import waitress

    from dashapp.cli import memory
    from dashapp.factory import create_app
    from dashapp.settings import Settings
    from metricstore.caching import CachedStore
    from metricstore.duck import DuckStore

    memory.frugal()
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    store = DuckStore(folder / "metrics.duckdb")
    settings = Settings(data_dir=folder, timezone="UTC", source_timezone="UTC")
    app = create_app(settings, store=CachedStore(store) if cached else store)
    accounts = app.extensions["accounts"]
    if accounts.find(USER) is None:
        accounts.add(USER, "analyst", PASSWORD)
    memory.tidy_up(threading.Event())
    server = waitress.create_server(app, host="127.0.0.1", port=0, threads=settings.threads)
    sys.stdout.write(f"{server.effective_port}\n")
    sys.stdout.flush()
    server.run()


@contextmanager
def running(folder: Path, *, cached: bool) -> Iterator[int]:
    """`serve` in a process of its own; yields its port."""
    arguments = [sys.executable, __file__, str(folder), *(["cached"] if cached else [])]
    process = subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        yield int(process.stdout.readline())
    finally:
        process.terminate()
        process.wait()


@dataclass(frozen=True)
class Answer:
    status: int
    body: bytes
    retry_after: str


class Connection:
    """One keep-alive connection of a logged-in browser."""

    def __init__(self, port: int, cookie: str = "") -> None:
        self._http = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self.cookie = cookie

    def ask(self, method: str, path: str, body: str | None = None, kind: str = "") -> tuple[int, bytes]:
        """(status, body as it was sent); cookies are kept."""
        answer = self.whole(method, path, body, kind)
        return answer.status, answer.body

    def whole(self, method: str, path: str, body: str | None = None, kind: str = "") -> Answer:
        headers = {"Accept-Encoding": "gzip", "Sec-Fetch-Site": "same-origin", "Cookie": self.cookie}
        if kind:
            headers["Content-Type"] = kind
        try:
            self._http.request(method, path, body, headers)
            answer = self._http.getresponse()
        except (ConnectionError, http.client.HTTPException):
            self._http.close()  # the server had ended an idle connection: browsers open another
            self._http.request(method, path, body, headers)
            answer = self._http.getresponse()
        text = answer.read()
        for value in answer.headers.get_all("Set-Cookie") or []:
            self.cookie = value.partition(";")[0]
        return Answer(answer.status, text, answer.headers.get("Retry-After", ""))

    def close(self) -> None:
        self._http.close()

    def get(self, path: str) -> Any:
        status, text = self.ask("GET", path)
        if status != 200:
            raise RuntimeError(f"HTTP {status} for {path}")
        return decoded(text)

    def call(self, body: str) -> bytes:
        """What a callback answers, as it was sent; nothing when it has nothing to say."""
        status, text = self.ask("POST", "/_dash-update-component", body, "application/json")
        if status not in (200, 204):
            raise RuntimeError(f"HTTP {status} for a callback")
        return text

    def update(self, body: str) -> Json:
        """The components and properties that a callback answers."""
        text = self.call(body)
        return dict(decoded(text)["response"]) if text else {}


def unpacked(body: bytes) -> bytes:
    return gzip.decompress(body) if body[:2] == b"\x1f\x8b" else body


def decoded(body: bytes) -> Any:
    return json.loads(unpacked(body))


_WANTED = ('{"chart":["MATCH"],"type":"chart-answer"}.wanted', '{"table":["MATCH"],"type":"table-body"}.wanted')
"""What the browser sets of each chart and table when it is its turn."""


class Visitor:
    """A logged-in browser without eyes: knows the layout and Dash's list of callbacks, and asks what Dash would ask."""

    def __init__(self, port: int, name: str = USER, password: str = PASSWORD) -> None:
        self.port = port
        self.connection = Connection(port)
        _, form = self.connection.ask("GET", "/login")
        token = re.search(rb'name="csrf_token"[^>]*value="([^"]+)"', unpacked(form))
        if token is None:
            raise RuntimeError("no login form")
        fields = urlencode({"username": name, "password": password, "csrf_token": token[1].decode()})
        status, _ = self.connection.ask("POST", "/login", fields, "application/x-www-form-urlencoded")
        if status != 302:
            raise RuntimeError(f"HTTP {status} at the login")
        self._callbacks = [found for found in self.connection.get("/_dash-dependencies")
                           if found["clientside_function"] is None]  # fmt: skip
        self._shell = list(_components(self.connection.get("/_dash-layout")))
        self._page: list[Json] = []

    def open(self, path: str, words: Json) -> list[str]:
        """Load the page at `path`; the bodies of the first questions of everything on it, under the query `words`."""
        body = self._body(_of(self._callbacks, "page.children"), {"url.pathname": path}, {})
        shown = self.connection.update(body)["page"]["children"]
        self._page = list(_components(shown))
        return self.questions("selection.data", words)

    def questions(self, changed: str, words: Json) -> list[str]:
        """The bodies Dash sends when `changed` gets the value `words`: one for each callback and matching component, as if
        everything were in view."""
        known = {"selection.data": words, "theme.data": "light", changed: words,
                 **{wanted: {"words": words, "mode": "picture", "theme": "light"} for wanted in _WANTED}}  # fmt: skip
        causes = {changed, *(_WANTED if changed == "selection.data" else [])}
        found = []
        for callback in self._callbacks:
            if causes.isdisjoint(f"{one['id']}.{one['property']}" for one in callback["inputs"]):
                continue
            for match in self._matches(callback):
                found.append(self._body(callback, known, match, changed))
        return found

    def _matches(self, callback: Json) -> list[Json]:
        """What MATCH stands for: {} for a callback with plain ids, else one for each component on the page."""
        first = _outputs(callback)[0][0]
        if not first.startswith("{"):
            return [{}] if self._component(first) is not None else []
        wanted = json.loads(first)
        own = [part["id"] for part in self._page if isinstance(part["id"], dict) and part["id"].keys() == wanted.keys()]
        keys = [key for key, value in wanted.items() if value == ["MATCH"]]
        return [{key: one[key] for key in keys} for one in own if one["type"] == wanted["type"]]

    def _body(self, callback: Json, known: Json, match: Json, changed: str = "") -> str:
        outputs = [self._item(name, prop, match, known, value=False) for name, prop in _outputs(callback)]
        inputs = [self._item(one["id"], one["property"], match, known) for one in callback["inputs"]]
        state = [self._item(one["id"], one["property"], match, known) for one in callback["state"]]
        single = not callback["output"].startswith("..")
        return json.dumps({
            "output": callback["output"], "outputs": outputs[0] if single else outputs, "inputs": inputs, "state": state,
            "changedPropIds": [changed] if changed else [], "parsedChangedPropsIds": [changed] if changed else [],
        })  # fmt: skip

    def _item(self, name: str, prop: str, match: Json, known: Json, *, value: bool = True) -> Any:
        plain = _filled(name, match)
        if isinstance(plain, dict) and ["ALL"] in plain.values():
            every = [part for part in self._page if _fits(part["id"], plain)]
            return [
                {"id": part["id"], "property": prop, **({"value": part.get(prop)} if value else {})} for part in every
            ]
        own = self._component(plain) or {}
        told = known.get(f"{name}.{prop}", own.get(prop))
        if prop == "wanted" and "state" in own:
            told = {"words": told["words"], "state": own["state"]}
        return {"id": plain, "property": prop, **({"value": told} if value else {})}

    def _component(self, name: Any) -> Json | None:
        return next((part for part in (*self._shell, *self._page) if part["id"] == name), None)


def _components(tree: Any) -> Iterator[Json]:
    """The props of every component with an id."""
    if isinstance(tree, list):
        for part in tree:
            yield from _components(part)
    elif isinstance(tree, dict):
        props = tree.get("props") or {}
        if "id" in props:
            yield props
        for value in props.values():
            if isinstance(value, dict | list):
                yield from _components(value)


def _outputs(callback: Json) -> list[tuple[str, str]]:
    """(id, property) of each output of an entry of `/_dash-dependencies`."""
    text: str = callback["output"]
    parts = text[2:-2].split("...") if text.startswith("..") else [text]
    return [(part.rpartition(".")[0], part.rpartition(".")[2]) for part in parts]


def _of(callbacks: Iterable[Json], output: str) -> Json:
    return next(found for found in callbacks if found["output"] == output)


def _filled(name: str, match: Json) -> Any:
    """A pattern with MATCH filled in; plain ids as they are."""
    if not name.startswith("{"):
        return name
    return {key: match[key] if value == ["MATCH"] else value for key, value in json.loads(name).items()}


def _fits(name: Any, wanted: Json) -> bool:
    if not isinstance(name, dict) or name.keys() != wanted.keys():
        return False
    return all(value == ["ALL"] or name[key] == value for key, value in wanted.items())


if __name__ == "__main__":
    serve(Path(sys.argv[1]), cached="cached" in sys.argv[2:])
