"""Scheduled backups: whether they are made, and whether they hold all that a restore needs."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from dashapp.backup.errors import BackupError
from dashapp.backup.making import passphrase
from dashapp.backup.scheduled import standing
from dashapp.doctor.finding import Finding
from dashapp.settings import Settings

_SUBJECT = "backups"


def check(settings: Settings) -> Iterator[Finding]:
    if settings.backup_folder is None:
        yield Finding(_SUBJECT, "ok", "none is scheduled; DASHAPP_BACKUP_FOLDER schedules them")
        return
    well, sentence = standing(settings, datetime.now(UTC))
    hint = "" if well else "Data health shows the last runs of the collector `backup` and why they failed; it runs with `dashapp run` and `dashapp collect`."  # fmt: skip
    yield Finding(_SUBJECT, "ok" if well else "warning", f"{sentence} ({settings.backup_folder})", hint)
    try:
        if passphrase(settings) is None:
            yield Finding(
                _SUBJECT,
                "ok",
                "they hold no secrets, as no passphrase is set: passwords have to be set anew after a restore",
            )
    except BackupError as error:
        yield Finding(_SUBJECT, "fatal", str(error), "Correct the setting; until then no backup is made.")
