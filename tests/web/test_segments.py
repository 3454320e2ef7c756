"""Segments as accounts hold them: made, held by users and tokens, and never widening anybody by accident."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import text

from dashapp.accounts import AccountError, Accounts, segments, tokens
from dashapp.accounts.database import MIGRATIONS, Database
from metricstore.segment import Segment

PASSWORD = "correct horse battery staple"
LINKEDIN = Segment.from_params({"platform": "linkedin", "start": "-90d"})


@pytest.fixture
def accounts(database_url: str) -> Iterator[Accounts]:
    found = Accounts.open(database_url)
    found.add("ann", "analyst", PASSWORD)
    yield found
    found.close()


def test_a_user_carries_platforms_and_segment_both(accounts: Accounts) -> None:
    segments.create(accounts, "linkedin team", LINKEDIN)
    accounts.set_platforms("ann", ["linkedin", "twitter"])
    accounts.set_segment("ann", "linkedin team")
    user = accounts.find("ann")
    assert user is not None
    assert user.segments == (Segment.of_platforms(("linkedin", "twitter")), LINKEDIN)
    assert user.segment == "linkedin team"
    accounts.set_segment("ann", None)
    accounts.set_platforms("ann", None)
    again = accounts.find("ann")
    assert again is not None and again.segments == ()


def test_a_token_is_worth_its_user_less_its_own_segment_and_scopes(accounts: Accounts) -> None:
    segments.create(accounts, "linkedin team", LINKEDIN)
    user = accounts.find("ann")
    assert user is not None
    secret = tokens.create_token(user, "wiki", accounts=accounts, scopes=["export", "read"], segment="linkedin team")
    acting = tokens.verify(secret, accounts)
    assert acting is not None
    assert acting.segments == (LINKEDIN,)
    assert acting.has_scope("read") and not acting.has_scope("admin")
    (listed,) = tokens.listed(accounts)
    assert (listed.scopes, listed.segment) == (("read", "export"), "linkedin team")
    accounts.set_platforms("ann", ["twitter"])
    both = tokens.verify(secret, accounts)
    assert both is not None and len(both.segments) == 2


def test_a_changed_segment_counts_from_the_next_request_on(accounts: Accounts) -> None:
    segments.create(accounts, "team", LINKEDIN)
    accounts.set_segment("ann", "team")
    narrower = Segment.from_params({"platform": "linkedin", "outcome": "ok"})
    changed = segments.update(accounts, "team", narrower, "only what worked")
    assert (changed.users, changed.description) == (1, "only what worked")
    user = accounts.find("ann")
    assert user is not None and user.segments == (narrower,)


def test_a_segment_somebody_holds_is_not_removed(accounts: Accounts) -> None:
    segments.create(accounts, "team", LINKEDIN)
    accounts.set_segment("ann", "team")
    with pytest.raises(AccountError, match="held by 1 user"):
        segments.delete(accounts, "team")
    accounts.set_segment("ann", None)
    segments.delete(accounts, "team")
    assert segments.listed(accounts) == []


@pytest.mark.parametrize("damage", ["DELETE FROM segments", "UPDATE segments SET words = 'no_such_column=1'"])
def test_whoever_holds_a_segment_that_cannot_be_read_sees_nothing(accounts: Accounts, damage: str) -> None:
    segments.create(accounts, "team", LINKEDIN)
    accounts.set_segment("ann", "team")
    with accounts.database.session() as session:
        session.execute(text(damage))
    user = accounts.find("ann")
    assert user is not None
    assert user.segments == (Segment.of_platforms(()),)


@pytest.mark.parametrize("name", ["", "  ", "a/b", "x" * 65])
def test_a_name_that_is_none_is_refused(accounts: Accounts, name: str) -> None:
    with pytest.raises(AccountError, match="isn't a name"):
        segments.create(accounts, name, LINKEDIN)


def test_a_name_is_taken_once(accounts: Accounts) -> None:
    segments.create(accounts, "team", LINKEDIN)
    with pytest.raises(AccountError, match="already"):
        segments.create(accounts, "team", LINKEDIN)
    with pytest.raises(AccountError, match="no segment"):
        accounts.set_segment("ann", "other")


@pytest.mark.parametrize("scopes", [[], ["everything"]])
def test_scopes_are_those_there_are(accounts: Accounts, scopes: list[str]) -> None:
    user = accounts.find("ann")
    assert user is not None
    with pytest.raises(AccountError, match="read, export, embed, admin"):
        tokens.create_token(user, "x", accounts=accounts, scopes=scopes)


def test_an_older_database_keeps_its_users_logins_and_tokens(database_url: str) -> None:
    from alembic import command
    from alembic.config import Config

    old = Database(database_url)
    with old.engine.begin() as connection:
        config = Config()
        config.set_main_option("script_location", str(MIGRATIONS))
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        connection.execute(text(
            "INSERT INTO users VALUES (1, 'ann', 'x', 'viewer', TRUE, FALSE, 'linkedin', '2026-01-01', NULL)"))  # fmt: skip
        connection.execute(text("INSERT INTO login_sessions VALUES ('k', 1, '2026-01-01', '2026-01-01', '')"))
        connection.execute(text(
            "INSERT INTO api_tokens VALUES (1, 1, 't', 'dash_', 'h', '2026-01-01', NULL, NULL, FALSE)"))  # fmt: skip
    old.close()
    accounts = Accounts.open(database_url)
    user = accounts.find("ann")
    assert user is not None and user.segments == (Segment.of_platforms(("linkedin",)),)
    (token,) = tokens.listed(accounts)
    assert token.scopes is None and token.segment is None
    with accounts.database.session() as session:
        assert session.execute(text("SELECT count(*) FROM login_sessions")).scalar() == 1
    accounts.close()
