"""The page on settings."""

from __future__ import annotations

from datetime import timedelta

from pydantic.fields import FieldInfo

from dashapp.reference.markdown import code, table
from dashapp.settings import Settings
from dashapp.settings.variables import variable

_INTRO = """# Settings

Read from the environment, else from `dashapp.toml` in the current folder (or the file `DASHAPP_CONFIG` names; there without
the prefix and in small letters: `data_dir = "var"`), else the default. `dashapp doctor` prints where each value came from. A wrong or
misspelt setting stops the start with one sentence.
"""


def page() -> str:
    rows = [
        (code(variable(name)), field.description or "", _default(field))
        for name, field in Settings.model_fields.items()
    ]
    return "\n".join([_INTRO, table(("variable", "meaning", "default"), rows)])


def _default(field: FieldInfo) -> str:
    if field.default_factory is not None:
        return "the machine's own"
    value = field.default
    if value is None or value == () or str(value) == "":
        return ""
    if isinstance(value, bool):
        return code(str(value).lower())
    if isinstance(value, tuple):
        return code(",".join(value))
    return code(_length(value) if isinstance(value, timedelta) else str(value))


def _length(value: timedelta) -> str:
    seconds = int(value.total_seconds())
    for unit, size in (("d", 86_400), ("h", 3_600), ("m", 60)):
        if seconds % size == 0 and seconds >= size:
            return f"{seconds // size}{unit}"
    return f"{seconds}s"
