"""The key that signs sessions and links: set, or made once and kept beside the data."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from dashapp.settings.loading import SettingsError
from dashapp.settings.model import Settings
from dashapp.settings.private_files import make_private

FILE = "secret_key"


def secret_key(settings: Settings) -> str:
    """The configured key, else the one of the data folder, made with mode 0600 on first use."""
    if settings.secret_key is not None:
        return settings.secret_key.get_secret_value()
    path = settings.data_dir / FILE
    make_private(settings)
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(48))
    except FileExistsError:
        pass  # made earlier, or this very moment by another process
    except OSError as error:
        raise SettingsError(f"{path} can't be written ({error.strerror}); set DASHAPP_SECRET_KEY.") from None
    return _read(path)


def _read(path: Path) -> str:
    try:
        key = path.read_text(encoding="utf-8").strip()
    except OSError as error:
        raise SettingsError(f"{path} can't be read ({error.strerror}); set DASHAPP_SECRET_KEY.") from None
    if len(key) < 16:
        raise SettingsError(f"{path} is damaged; delete it (everyone logs in again) or set DASHAPP_SECRET_KEY.")
    return key


def require_shared_key(settings: Settings, processes: int) -> None:
    """Several processes or machines must sign alike: refuse to start with a key that happens to lie on one disk."""
    if processes > 1 and settings.secret_key is None:
        raise SettingsError(
            f"DASHAPP_SECRET_KEY must be set for {processes} worker processes; "
            'make one with: python -c "import secrets; print(secrets.token_urlsafe(48))".'
        )
