"""Where settings come from: default < TOML file < environment. Mistakes become one clear sentence."""

# Imports inside functions: start-up time, most commands need no such value.

from __future__ import annotations

import difflib
import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any, get_origin

from pydantic import SecretStr, ValidationError
from pydantic.fields import FieldInfo

from collectors.places import is_folder, is_there
from collectors.redaction import redact
from dashapp.settings.given import is_path
from dashapp.settings.machine_zone import UnclearZone
from dashapp.settings.model import Settings
from dashapp.settings.unfinished import SENTENCE, is_unfinished
from dashapp.settings.variables import variable

CONFIG = "DASHAPP_CONFIG"
_MASKED = "********"


class SettingsError(Exception):
    """A wrong setting; the text is one sentence for people, without any secret's value."""

    def __init__(self, text: str) -> None:
        super().__init__(redact(text))


@dataclass(frozen=True)
class Origin:
    """A setting for display: its value (secrets masked) and where it came from."""

    name: str
    variable: str
    value: str
    origin: str


def load_settings(
    environ: Mapping[str, str] | None = None, folder: Path | None = None, *, unfinished: bool = False
) -> Settings:
    """Read settings; SettingsError says which one is wrong.

    `folder` is where `dashapp.toml` is looked for (default: the current one). `unfinished`: for who can finish a restore that was
    interrupted while it was put in place; everybody else is refused meanwhile.
    """
    settings = load_with_origins(environ, folder)[0]
    if not unfinished and is_unfinished(settings.data_dir):
        raise SettingsError(SENTENCE)
    return settings


def load_with_origins(
    environ: Mapping[str, str] | None = None, folder: Path | None = None
) -> tuple[Settings, list[Origin]]:
    """Settings and, for each, where it came from."""
    env = os.environ if environ is None else environ
    _refuse_unknown(env)
    file, from_file = _from_file(env, folder or Path.cwd())
    from_env = {name: env[variable(name)] for name in Settings.model_fields if env.get(variable(name), "").strip()}
    merged: dict[str, Any] = {**from_file, **from_env}
    if "source_timezone" in merged:
        merged.setdefault("timezone", merged["source_timezone"])
    try:
        settings = Settings(**merged)
    except UnclearZone as error:
        raise SettingsError(f"{error}.") from None
    except ValidationError as error:
        raise SettingsError(_sentence(error, from_env, file)) from None
    _check_places(settings)
    sources = dict.fromkeys(from_file, str(file)) | dict.fromkeys(from_env, "environment")
    return settings, [
        Origin(name, variable(name), _shown(settings, name, field), sources.get(name, "default"))
        for name, field in Settings.model_fields.items()
    ]


def _refuse_unknown(env: Mapping[str, str]) -> None:
    known = {variable(name) for name in Settings.model_fields} | {CONFIG}
    for name in sorted(env):
        if name.startswith("DASHAPP_") and name not in known:
            raise SettingsError(f"{name} isn't a setting{_nearest(name, known)}")


def _nearest(name: str, known: set[str]) -> str:
    close = difflib.get_close_matches(name, sorted(known), n=1, cutoff=0.6)
    return f"; did you mean {close[0]}?" if close else "."


def _from_file(env: Mapping[str, str], folder: Path) -> tuple[Path | None, dict[str, Any]]:
    """Values of the TOML file. Its paths are relative to the file, so that it works from any folder."""
    chosen = env.get(CONFIG)
    path = Path(chosen) if chosen else folder / "dashapp.toml"
    if not path.is_file():
        if chosen:
            raise SettingsError(f"{CONFIG} names {path}, which is not there.")
        return None, {}
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path} is not valid TOML: {error}.") from None
    except OSError as error:
        raise SettingsError(f"{path} can't be read: {error.strerror}.") from None
    known = set(Settings.model_fields)
    for name in values:
        if name not in known:
            raise SettingsError(f"{path} sets {name}, which isn't a setting{_nearest(name, known)}")
    return path, {name: _beside(path.parent, name, value) for name, value in values.items()}


def _beside(parent: Path, name: str, value: Any) -> Any:
    if not is_path(Settings.model_fields[name].annotation):
        return value
    if isinstance(value, list):
        return tuple(parent / part if isinstance(part, str) else part for part in value)
    several = get_origin(Settings.model_fields[name].annotation) is tuple
    return parent / value if isinstance(value, str) and not several else value


def _sentence(error: ValidationError, from_env: Mapping[str, Any], file: Path | None) -> str:
    """The first mistake. Pydantic's own text quotes the input, which may be a secret: only its message is used."""
    first = error.errors(include_input=False, include_url=False)[0]
    message = first["msg"].removeprefix("Value error, ")
    if not first["loc"]:
        return f"{message}."
    name = str(first["loc"][0])
    where = variable(name) if name in from_env or file is None else f"{name} in {file}"
    return f"{where} is wrong: {message}."


def _check_places(settings: Settings) -> None:
    source = settings.source_dir
    if source is not None and not is_folder(source) and not _was_read(settings, source):
        what = "a file, not a folder" if is_there(source) else "not there"
        raise SettingsError(f"DASHAPP_SOURCE_DIR names {source}, which is {what}.")
    if settings.data_dir.exists() and not settings.data_dir.is_dir():
        raise SettingsError(f"DASHAPP_DATA_DIR names {settings.data_dir}, which is a file, not a folder.")
    if settings.secret_key is not None and len(settings.secret_key.get_secret_value()) < 16:
        raise SettingsError("DASHAPP_SECRET_KEY is too short; use at least 16 random characters.")
    if settings.clickhouse_url is not None and find_spec("clickhouse_connect") is None:
        raise SettingsError(
            "CLICKHOUSE_URL names a ClickHouse server, but its client is not installed: pip install 'content-metrics-dashboard[clickhouse]'."
        )
    if settings.clickhouse_ca_file is not None and not settings.clickhouse_ca_file.is_file():
        raise SettingsError(f"CLICKHOUSE_CA_FILE names {settings.clickhouse_ca_file}, which is not there.")
    if settings.database_url is not None:
        _check_url(settings.accounts_url)


def _was_read(settings: Settings, source: Path) -> bool:
    """Whether a source that is not there was there before: what is known of it is shown, and its collectors say what is wrong."""
    from collectors.runner.checkpoints import remembered

    return bool(remembered(settings.data_dir, source))


def _check_url(url: str) -> None:
    if not url.startswith(("sqlite:", "postgres")):
        raise SettingsError("DASHAPP_DATABASE_URL must begin with sqlite:/// or postgresql://.")


def _shown(settings: Settings, name: str, field: FieldInfo) -> str:
    value = getattr(settings, name)
    if value is None or value == ():
        return ""
    if isinstance(value, SecretStr):  # of the others only the database's address is more than a secret
        return redact(value.get_secret_value()) if name == "database_url" else _MASKED
    return redact(", ".join(map(str, value)) if isinstance(value, tuple) else str(value))
