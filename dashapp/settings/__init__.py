"""Settings: read once, typed, each knowing where it came from."""

from dashapp.settings.loading import Origin, SettingsError, load_settings
from dashapp.settings.model import Settings
from dashapp.settings.secret import secret_key

__all__ = ["Origin", "Settings", "SettingsError", "load_settings", "secret_key"]
