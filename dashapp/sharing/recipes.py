"""The same file without the page: as a link, for curl, in Python, from the shell."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

_READERS = {"csv": "read_csv", "parquet": "read_parquet", "xlsx": "read_excel"}


@dataclass(frozen=True)
class Recipe:
    name: str
    text: str
    note: str = ""


def address(base: str, kind: str, name: str, form: str, words: Mapping[str, str]) -> str:
    """Of a download. A page's file is a zip; `form` is then that of the files in it."""
    if kind == "page":
        return f"{base}/download/page/{name}.zip?{urlencode({**words, 'format': form})}"
    query = urlencode(words)
    return f"{base}/download/{kind}/{name}.{form}" + (f"?{query}" if query else "")


def recipes(
    base: str, kind: str, name: str, form: str, words: Mapping[str, str], *, timed: bool = True
) -> list[Recipe]:
    """Each asks the very same question. `$TOKEN` stands for an API token with the scope export;
    `timed`: rows have a time."""
    url = address(base, kind, name, form, words)
    ending = "zip" if kind == "page" else form
    curl = (
        f'curl --fail --output {name}.{ending} \\\n  --header "Authorization: Bearer $TOKEN" \\\n  {shlex.quote(url)}'
    )
    ranges = {"start": "--start", "stop": "--stop", "every": "--every", "tz": "--tz", "compare": "--compare"}
    options = [f"{ranges.get(key, f'--where {key}=')}{' ' if key in ranges else ''}{shlex.quote(text)}" for key, text in words.items()
               if not key.startswith("_")]  # fmt: skip
    shell = " ".join(["dashapp export", f"{kind}/{name}", f"--format {form}", *options])
    return [
        Recipe("Link", url, "For a browser that is logged in, or a program with a token."),
        Recipe("curl", curl, "TOKEN: an API token, made under Account."),
        Recipe("Python", _python(url, kind, form, timed=timed), "pandas; the token from the environment."),
        Recipe("Shell", shell, "On the server, beside or through the running application."),
    ]


def _python(url: str, kind: str, form: str, *, timed: bool) -> str:
    head = f'import os\n\nimport pandas as pd\n\nurl = {url!r}\nlogin = {{"Authorization": f"Bearer {{os.environ[\'TOKEN\']}}"}}\n'
    if kind == "page":
        return (
            "import io\nimport os\nimport urllib.request\nimport zipfile\n\n"
            f'url = {url!r}\nlogin = {{"Authorization": f"Bearer {{os.environ[\'TOKEN\']}}"}}\n'
            "with urllib.request.urlopen(urllib.request.Request(url, headers=login)) as answer:\n"
            "    files = zipfile.ZipFile(io.BytesIO(answer.read()))"
        )
    if form in _READERS:
        dates = ', parse_dates=["time"]' if form == "csv" and timed else ""
        return f"{head}frame = pd.{_READERS[form]}(url, storage_options=login{dates})"
    lines = ", lines=True" if form == "ndjson" else ""
    if form == "ndjson":
        return f"{head}frame = pd.read_json(url, storage_options=login{lines})"
    return (
        "import json\nimport os\nimport urllib.request\n\nimport pandas as pd\n\n"
        f'url = {url!r}\nlogin = {{"Authorization": f"Bearer {{os.environ[\'TOKEN\']}}"}}\n'
        "with urllib.request.urlopen(urllib.request.Request(url, headers=login)) as answer:\n"
        '    frame = pd.DataFrame(json.load(answer)["data"])'
    )
