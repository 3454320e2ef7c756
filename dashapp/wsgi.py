"""For other WSGI servers: `gunicorn dashapp.wsgi:app`. The commands don't need it. Reads settings on import."""

from __future__ import annotations

import sys

from flask import Flask

from collectors.redaction import redact
from dashapp import logs
from dashapp.accounts import AccountError, Accounts, AccountsDamaged
from dashapp.factory import create_app
from dashapp.settings import SettingsError, load_settings
from dashapp.settings.private_files import make_private, write_privately
from dashapp.settings.secret import require_shared_key
from metricstore.errors import StoreDamaged


def _create() -> Flask:
    write_privately()
    settings = load_settings()
    make_private(settings)
    require_shared_key(settings, settings.workers)
    logs.configure(settings.log_level)
    accounts = Accounts.open(settings.accounts_url)
    created = accounts.ensure_administrator()
    if created is not None:
        sys.stderr.write("First run: log in as {} with the one-time password {}\n".format(*created))
    accounts.close()
    return create_app(settings)


try:
    app = _create()
except (SettingsError, AccountError, AccountsDamaged, StoreDamaged) as error:
    sys.stderr.write(f"dashapp: {redact(str(error))}\n")
    raise SystemExit(2) from None
