"""The same file without the page: as a link, for curl, in Python, from the shell."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

_READERS = {"csv": "csv", "ndjson": "json", "parquet": "parquet", "xlsx": "excel"}

_MORE = {"ndjson": ", lines=True", "xlsx": ', engine="openpyxl"'}
"""What else a reader must be told; pandas is about to change the engine it reads workbooks by."""


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
    base: str, kind: str, name: str, form: str, words: Mapping[str, str], *, timed: bool = True,
    options: Mapping[str, str] | None = None,
) -> list[Recipe]:  # fmt: skip
    """Each asks the very same question. `$TOKEN` stands for an API token with the scope export; `timed`: rows have a
    time; `options`: how the file is written (`formats.options`)."""
    written = options or {}
    url = address(base, kind, name, form, {**words, **written})
    ending = "zip" if kind == "page" else form
    curl = (
        f'curl --fail --output {name}.{ending} \\\n  --header "Authorization: Bearer $TOKEN" \\\n  {shlex.quote(url)}'
    )
    ranges = {"start": "--start", "stop": "--stop", "every": "--every", "tz": "--tz", "compare": "--compare"}
    given = [f"{ranges.get(key, f'--where {key}=')}{' ' if key in ranges else ''}{shlex.quote(text)}" for key, text in words.items()
               if not key.startswith("_")]  # fmt: skip
    given += [f"--{key} {shlex.quote(text)}" for key, text in written.items()]
    shell = " ".join(["dashapp export", f"{kind}/{name}", f"--format {form}", *given])
    return [
        Recipe("Link", url, "For a browser that is logged in, or a program with a token."),
        Recipe("curl", curl, "TOKEN: an API token, made under Account."),
        Recipe(
            "Python", _python(url, kind, form, words["tz"] if timed else ""), "pandas; the token from the environment."
        ),
        Recipe("Shell", shell, "On the server, beside or through the running application."),
    ]


def _python(url: str, kind: str, form: str, zone: str) -> str:
    """`zone`: that of the rows' times; "" where they have none."""
    login = f'url = {url!r}\nlogin = {{"Authorization": f"Bearer {{os.environ[\'TOKEN\']}}"}}\n'
    asked = "with urllib.request.urlopen(urllib.request.Request(url, headers=login)) as answer:\n"
    if kind == "page":
        unpacked = "    files = zipfile.ZipFile(io.BytesIO(answer.read()))"
        return f"import io\nimport os\nimport urllib.request\nimport zipfile\n\n{login}{asked}{unpacked}"
    if form == "json":
        read = f'{asked}    frame = pd.DataFrame(json.load(answer)["data"])'
        return (
            f"import json\nimport os\nimport urllib.request\n\nimport pandas as pd\n\n{login}{read}{_times(form, zone)}"
        )
    read = f"frame = pd.read_{_READERS[form]}(url, storage_options=login{_MORE.get(form, '')})"
    return f"import os\n\nimport pandas as pd\n\n{login}{read}{_times(form, zone)}"


def _times(form: str, zone: str) -> str:
    """A range over a change of the clock has times of two offsets: they are read as UTC first."""
    if not zone or form == "parquet":
        return ""
    if form == "xlsx":
        clock = f'frame["time [{zone}]"].dt.round("ms").dt.strftime("%Y-%m-%dT%H:%M:%S.%f")'
        text = f'{clock} + frame["time_utc_offset"].str.removeprefix("UTC")'
        return f'\nframe["time"] = pd.to_datetime({text}, utc=True).dt.tz_convert({zone!r})'
    return f'\nframe["time"] = pd.to_datetime(frame["time"], utc=True).dt.tz_convert({zone!r})'
