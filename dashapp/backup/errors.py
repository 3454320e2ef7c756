"""What stops a backup or a restore, as a sentence for people."""

from __future__ import annotations


class BackupError(Exception):
    """Nothing was changed, unless the text says so."""
