"""What programs call their levels, told as the levels the catalogue has."""

from __future__ import annotations

_NAMES = {
    "DEBUG": ("DEBUG", "TRACE", "VERBOSE"),
    "INFO": ("INFO", "INFORMATION", "SUCCESS", "NOTICE"),
    "WARNING": ("WARNING", "WARN"),
    "ERROR": ("ERROR", "ERR", "EXCEPTION"),
    "CRITICAL": ("CRITICAL", "CRIT", "FATAL", "ALERT", "EMERG"),
}
LEVELS = {
    spelled: level
    for level, names in _NAMES.items()
    for name in names
    for spelled in (name, name.lower(), name.capitalize())
}
"""Every spelling that is read, and its level."""

SPELLED = "|".join(sorted(LEVELS, key=lambda name: (-len(name), name)))
"""As a regular expression's alternatives, longest first."""
