"""How long points are kept, and what is announced of deletions."""

# Imports inside functions: start-up time, a check loads what it looks at only when it is run.

from __future__ import annotations

from collections.abc import Iterator

from dashapp.doctor.finding import Finding
from dashapp.settings import Settings
from metricstore.quantities import quantity

SUBJECT = "retention"
"""Also the name of the collector."""


def check(settings: Settings) -> Iterator[Finding]:
    if not settings.retention:
        yield Finding(SUBJECT, "ok", "everything is kept for ever; DASHAPP_RETENTION says otherwise")
        return
    kept = ", ".join(f"{name} for {quantity(days, 'days')}" for name, days in settings.retention.days)
    yield Finding(SUBJECT, "ok", f"{kept}; all else is kept for ever; `dashapp retention` says what is to be deleted")
    from collectors.runner.checkpoints import remembered_warnings
    from dashapp.services import make_source

    for text in remembered_warnings(settings.data_dir, make_source(settings).root).get(SUBJECT, ()):
        yield Finding(SUBJECT, "warning", text, "If it is to be kept, give it more time in DASHAPP_RETENTION.")
