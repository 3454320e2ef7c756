"""Accounts without the web: what is kept, what is refused."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect

from dashapp.accounts import AccountError, Accounts, tokens
from dashapp.accounts.database import HEAD, MIGRATIONS, Database
from dashapp.accounts.models import Base
from tests.postgres import PostgresServer

PASSWORD = "correct horse battery staple"


@pytest.fixture
def accounts(database_url: str) -> Iterator[Accounts]:
    found = Accounts.open(database_url)
    yield found
    found.close()


def everything(accounts: Accounts) -> str:
    """Every value of every table."""
    with accounts.database.engine.connect() as connection:
        return "\n".join(
            str(value)
            for table in inspect(connection).get_table_names()
            for row in connection.exec_driver_sql(f"SELECT * FROM {table}")
            for value in row
        )


def test_no_password_and_no_token_is_stored_in_clear(accounts: Accounts, tmp_path: Path) -> None:
    created = accounts.ensure_administrator()
    assert created is not None
    user = accounts.add("ann", "viewer", PASSWORD)
    token = tokens.create_token(user, "script", accounts=accounts)
    accounts.authenticate(PASSWORD, PASSWORD)  # a password typed into the name field
    files = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    kept = everything(accounts)
    for secret in (created[1], PASSWORD, token, token[10:]):
        assert secret not in kept
        assert secret.encode() not in files
    assert "$argon2id$" in kept


def test_the_accounts_file_is_its_owners_alone(tmp_path: Path) -> None:
    file = tmp_path / "new" / "accounts.sqlite"
    Accounts.open(f"sqlite:///{file}").close()
    assert file.stat().st_mode & 0o077 == 0
    assert file.parent.stat().st_mode & 0o077 == 0


def test_the_first_run_makes_one_administrator_once(accounts: Accounts) -> None:
    created = accounts.ensure_administrator()
    assert created is not None
    assert accounts.ensure_administrator() is None
    user = accounts.authenticate(*created)
    assert user is not None
    assert user.role == "admin"
    assert user.must_change_password


def test_no_administrator_is_made_where_there_are_users(accounts: Accounts) -> None:
    accounts.add("boss", "admin", PASSWORD)
    assert accounts.ensure_administrator() is None


def test_several_processes_starting_at_once_agree(database_url: str) -> None:
    def start(_: int) -> tuple[str, str] | None:
        found = Accounts.open(database_url)
        try:
            return found.ensure_administrator()
        finally:
            found.close()

    with ThreadPoolExecutor(6) as pool:
        made = [result for result in pool.map(start, range(6)) if result is not None]
    assert len(made) == 1


def test_nobody_finds_a_new_file_locked_however_many_start_at_once(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        for number in range(100):
            for accounts in pool.map(Accounts.open, [f"sqlite:///{tmp_path / str(number)}.sqlite"] * 8):
                accounts.close()


def test_the_newest_migration_is_the_one_the_program_expects() -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    assert ScriptDirectory.from_config(config).get_current_head() == HEAD


@pytest.mark.parametrize("migrated", [True, False])
def test_migrations_make_exactly_what_an_empty_database_gets_at_once(database_url: str, migrated: bool) -> None:
    database = Database(database_url)
    if migrated:
        with database.engine.begin() as connection:
            connection.exec_driver_sql("CREATE TABLE someone_elses (x INTEGER)")
    database.migrate()
    assert database.version() == HEAD
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "include_name": _ours})
        assert compare_metadata(context, Base.metadata) == []
    database.close()


def _ours(name: str | None, kind: str, _parents: object) -> bool:
    return not (kind == "table" and name == "someone_elses")


def test_a_database_of_a_newer_program_is_refused_and_left_alone(accounts: Accounts, database_url: str) -> None:
    accounts.add("ann", "viewer", PASSWORD)
    with accounts.database.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(AccountError, match="newer"):
        Accounts.open(database_url)
    assert accounts.database.version() == "9999"


@pytest.mark.parametrize(
    "url",
    ["nonsense", "mysql+nothing://x/y", "mysql://x/y", "sqlite:////proc/none/accounts.sqlite",
     "postgresql://me:hidden-word@127.0.0.1:1/accounts", "postgresql://me:hidden-word@host.invalid/accounts"],
)  # fmt: skip
def test_an_unusable_database_is_one_sentence(url: str) -> None:
    with pytest.raises(AccountError) as told:
        Accounts.open(url)
    assert "\n" not in str(told.value)
    assert "hidden-word" not in str(told.value)


@pytest.mark.parametrize("form", ["postgres", "postgresql", "postgresql+psycopg"])
def test_every_spelling_of_a_postgresql_address_is_understood(postgres: PostgresServer, form: str) -> None:
    with postgres.database() as url:
        accounts = Accounts.open(url.replace("postgresql", form, 1))
        assert accounts.ensure_administrator()
        assert postgres.password not in accounts.database.location
        accounts.close()


def test_a_wrong_password_of_postgresql_is_one_sentence(postgres: PostgresServer) -> None:
    with postgres.database() as url, pytest.raises(AccountError, match="password authentication failed") as told:
        Accounts.open(url.replace(postgres.password, "wrong"))
    assert "\n" not in str(told.value)


def test_a_missing_driver_is_one_sentence_that_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)  # what a missing package looks like to `import`
    with pytest.raises(AccountError, match=r"psycopg.*pip install 'content-metrics-dashboard\[postgresql\]'"):
        Accounts.open("postgresql://me@127.0.0.1/accounts")


def test_connections_that_the_server_has_ended_are_made_anew(postgres: PostgresServer) -> None:
    with postgres.database() as url:
        accounts = Accounts.open(url)
        accounts.add("ann", "viewer", PASSWORD)
        postgres.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()")
        assert accounts.find("ann") is not None
        accounts.close()


def test_a_name_with_a_null_character_is_nobodys(accounts: Accounts) -> None:
    assert accounts.authenticate("an\0n", PASSWORD) is None
    assert accounts.find("\0") is None


@pytest.mark.parametrize("name", ["", " ", "a b", "x" * 65, "a/b", "<b>", "ann\n"])
def test_names_that_would_confuse_are_refused(accounts: Accounts, name: str) -> None:
    if name == "ann\n":
        assert accounts.add(name, "viewer", PASSWORD).name == "ann"
        return
    with pytest.raises(AccountError):
        accounts.add(name, "viewer", PASSWORD)


def test_a_name_is_taken_whatever_its_case(accounts: Accounts) -> None:
    accounts.add("Ann", "viewer", PASSWORD)
    with pytest.raises(AccountError, match="already"):
        accounts.add("aNN", "admin", PASSWORD)


def test_the_last_administrator_stays_one(accounts: Accounts) -> None:
    accounts.add("boss", "admin", PASSWORD)
    with pytest.raises(AccountError):
        accounts.set_role("boss", "viewer")
    with pytest.raises(AccountError):
        accounts.set_active("boss", False)
    user = accounts.find("boss")
    assert user is not None
    assert user.role == "admin"
    assert user.active


def test_a_token_ends_with_its_time_its_revocation_or_its_user(accounts: Accounts) -> None:
    user = accounts.add("ann", "viewer", PASSWORD)
    accounts.add("boss", "admin", PASSWORD)
    good, gone, short = (tokens.create_token(user, label, accounts=accounts) for label in ("a", "b", "c"))
    old = tokens.create_token(user, "d", timedelta(seconds=-1), accounts)
    assert tokens.verify(old, accounts) is None
    number = next(token.id for token in tokens.listed(accounts) if token.label == "b")
    tokens.revoke(accounts, number)
    assert tokens.verify(gone, accounts) is None
    assert tokens.verify(short + "x", accounts) is None
    found = tokens.verify(good, accounts)
    assert found is not None
    assert found.name == "ann"
    accounts.set_role("ann", "analyst")
    found = tokens.verify(good, accounts)
    assert found is not None
    assert found.role == "analyst"
    accounts.set_active("ann", False)
    assert tokens.verify(good, accounts) is None


def test_every_change_is_in_the_audit_log(accounts: Accounts) -> None:
    user = accounts.add("ann", "viewer", PASSWORD, actor="boss")
    accounts.add("boss", "admin", PASSWORD)
    accounts.set_role("ann", "analyst", actor="boss")
    accounts.set_platforms("ann", ["linkedin"], actor="boss")
    accounts.set_password("ann", "another fine password", actor="ann")
    tokens.create_token(user, "script", accounts=accounts, actor="ann")
    accounts.authenticate("ann", "wrong", "192.0.2.1")
    accounts.set_active("ann", False, actor="boss")
    told = [entry.action for entry in accounts.audit()][::-1]
    assert told == ["user added", "user added", "role changed", "platforms changed", "password changed",
                    "token created", "login failed", "disabled"]  # fmt: skip
    assert PASSWORD not in str(accounts.audit())


def test_a_restriction_to_platforms_travels_with_the_user(accounts: Accounts) -> None:
    accounts.add("ann", "viewer", PASSWORD)
    accounts.set_platforms("ann", ["linkedin", "twitter"])
    user = accounts.find("ann")
    assert user is not None
    assert user.platforms == ("linkedin", "twitter")
    accounts.set_platforms("ann", None)
    user = accounts.find("ann")
    assert user is not None
    assert user.platforms is None
