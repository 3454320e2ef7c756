"""docs/api.md does what it says: every example is run as it stands there, against the whole application over HTTP."""

from __future__ import annotations

import ast
import json
import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from werkzeug.serving import make_server

from dashapp.accounts import Accounts
from dashapp.accounts.tokens import create_token
from dashapp.factory import create_app
from dashapp.reference.pages import ROOT
from dashapp.settings import Settings
from metricstore.caching import CachedStore
from metricstore.duck import DuckStore
from tests.browser.scene import history
from tests.web.conftest import PASSWORD

PAGE = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(bash|python|json)\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
EXAMPLES = [
    pytest.param(kind, text, after[1] if after[0] == "json" else "", id=f"{kind}-{place}")
    for place, ((kind, text), after) in enumerate(zip(BLOCKS, [*BLOCKS[1:], ("", "")], strict=True))
    if kind != "json"
]


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    store = DuckStore(None)
    store.write(history())
    settings = Settings(data_dir=tmp_path_factory.mktemp("data"), timezone="UTC", source_timezone="UTC")
    app = create_app(settings, CachedStore(store))
    accounts: Accounts = app.extensions["accounts"]
    token = create_token(accounts.add("ann", "analyst", PASSWORD), "docs", timedelta(hours=1), accounts)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    commands = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    own = {"URL": f"http://127.0.0.1:{server.server_port}", "TOKEN": token, "PATH": commands, "PYTHONPATH": str(ROOT)}
    yield {**os.environ, **own, "NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1"}
    server.shutdown()
    server.server_close()
    store.close()
    accounts.close()


def test_there_are_examples_for_the_shell_and_for_python() -> None:
    kinds = [kind for kind, _ in BLOCKS]
    assert kinds.count("bash") >= 10
    assert kinds.count("python") >= 2
    assert kinds.count("json") >= 4


@pytest.mark.parametrize(("kind", "text", "shown"), EXAMPLES)
def test_an_example_works_and_answers_as_shown(
    environment: dict[str, str], tmp_path: Path, kind: str, text: str, shown: str
) -> None:
    command = (
        ["bash", "-euo", "pipefail", "-c", text] if kind == "bash" else [sys.executable, "-W", "error", "-c", text]
    )
    done = subprocess.run(
        command, env=environment, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    if shown:
        assert shape(json.loads(done.stdout)) == shape(json.loads(shown))


def test_the_client_is_typed() -> None:
    client = next(text for kind, text in BLOCKS if kind == "python" and "class Dashboard" in text)
    functions = [node for node in ast.walk(ast.parse(client)) if isinstance(node, ast.FunctionDef)]
    assert len(functions) >= 5
    for function in functions:
        arguments = [*function.args.args[1:], *function.args.kwonlyargs]
        assert function.returns is not None, function.name
        assert all(argument.annotation is not None for argument in arguments), function.name


def shape(document: Any) -> Any:
    """Names and kinds of values: numbers and texts are the day's own."""
    if isinstance(document, dict):
        return {key: shape(value) for key, value in document.items()}
    if isinstance(document, list):
        return [shape(value) for value in document[:1]]
    return "number" if isinstance(document, int | float) and not isinstance(document, bool) else type(document).__name__
