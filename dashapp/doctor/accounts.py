"""The accounts database: reachable, up to date, somebody can administer."""

from __future__ import annotations

from collections.abc import Iterator

from dashapp.accounts import AccountError, Accounts, AccountsDamaged
from dashapp.accounts.database import HEAD, Database
from dashapp.doctor.finding import Finding
from dashapp.settings import Settings
from metricstore.quantities import quantity

_SUBJECT = "accounts"


def check(settings: Settings) -> Iterator[Finding]:
    if settings.database_url is None and not (settings.data_dir / "accounts.sqlite").exists():
        yield Finding(_SUBJECT, "ok", "no database yet; the first start makes it and an administrator")
        return
    try:
        database = Database(settings.accounts_url)
        database.read_through()
        version = database.version()
    except AccountsDamaged as error:
        text, hint = str(error).split("; ", 1)
        yield Finding(_SUBJECT, "fatal", text, f"{hint[0].upper()}{hint[1:]}.")
        return
    except AccountError as error:
        yield Finding(_SUBJECT, "fatal", str(error), "Check DASHAPP_DATABASE_URL.")
        return
    except Exception as error:
        reason = str(getattr(error, "orig", None) or error).strip().splitlines()[0]
        yield Finding(
            _SUBJECT, "fatal", f"can't be reached: {reason}", "Is the database running? Check DASHAPP_DATABASE_URL."
        )
        return
    yield from _version(database, version)
    database.close()


def _version(database: Database, version: str | None) -> Iterator[Finding]:
    if version is None or version < HEAD:
        yield Finding(_SUBJECT, "warning", f"{database.location} is at version {version or 'none'}, newest is {HEAD}",
                      "The next start brings it up to date; take a backup before.")  # fmt: skip
    elif version > HEAD:
        yield Finding(_SUBJECT, "fatal", f"{database.location} is at version {version}, newer than this program's {HEAD}",
                      "Update the program.")  # fmt: skip
    else:
        yield Finding(_SUBJECT, "ok", f"{database.location} is at version {version}")
        yield from _people(Accounts(database))


def _people(accounts: Accounts) -> Iterator[Finding]:
    users = [user for user, _created, _login in accounts.all()]
    admins = [user for user in users if user.active and user.role == "admin"]
    if users and not admins:
        yield Finding(_SUBJECT, "warning", "nobody is an administrator", "dashapp user role NAME admin")
    waiting = [user.name for user in users if user.must_change_password]
    if waiting:
        yield Finding(_SUBJECT, "warning", f"still with a one-time password: {', '.join(waiting)}",
                      "Log in and choose one; lost it: dashapp user passwd NAME --password-stdin")  # fmt: skip
    yield Finding(_SUBJECT, "ok", f"{quantity(len(users), 'users')}, {quantity(len(admins), 'administrators')}")
