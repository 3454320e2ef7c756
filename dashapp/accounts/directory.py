"""Accounts: what can be done with users. Every change is written to the audit log in the same transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import delete, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from dashapp.accounts import passwords
from dashapp.accounts.database import Database, now, stamp
from dashapp.accounts.models import AuditRow, SessionRow, UserRow
from dashapp.accounts.segment_rows import held_segment, required_segment
from dashapp.accounts.texts import one_line
from dashapp.accounts.user import AccountError, Conflict, User, checked_name, checked_role
from metricstore.segment import Segment

COMMAND_LINE = "command line"


@dataclass(frozen=True)
class AuditEntry:
    time: str
    actor: str
    action: str
    subject: str
    detail: str
    address: str


class Accounts:
    """All questions about and changes of accounts."""

    def __init__(self, database: Database) -> None:
        self.database = database

    @classmethod
    def open(cls, url: str) -> Accounts:
        """Connect and bring the tables up to date; AccountError when that is impossible."""
        database = Database(url)
        database.migrate()
        return cls(database)

    def add(
        self, name: str, role: str, password: str, *, must_change: bool = False, actor: str = COMMAND_LINE,
        platforms: Sequence[str] | None = None, segment: str | None = None,
    ) -> User:  # fmt: skip
        """A new user, limited from the first moment; AccountError when the name is taken or the password refused."""
        row = UserRow(
            name=checked_name(name), role=checked_role(role), active=True, must_change_password=must_change,
            password_hash=passwords.hashed(passwords.checked(password, name)), created=stamp(now()),
            platforms=_joined(platforms),
        )  # fmt: skip
        limits = (f", platforms {row.platforms}" if row.platforms else "") + (f", segment {segment}" if segment else "")
        try:
            with self.database.session() as session:
                row.segment_id = None if segment is None else required_segment(session, segment).id
                session.add(row)
                record(session, actor, "user added", row.name, f"role {role}{limits}")
                session.flush()
                return as_user(row)
        except IntegrityError:
            raise Conflict(f"there is a user {row.name!r} already") from None

    def ensure_administrator(self) -> tuple[str, str] | None:
        """On the first run create `admin`; its name and one-time password, shown once and stored nowhere."""
        with self.database.session() as session:
            if session.scalar(select(func.count()).select_from(UserRow)):
                return None
        password = passwords.one_time()
        try:
            user = self.add("admin", "admin", password, must_change=True, actor="first run")
        except AccountError:  # another process was first
            return None
        return user.name, password

    def find(self, name: str) -> User | None:
        with self.database.session() as session:
            row = _by_name(session, name)
            return as_user(row) if row else None

    def all(self) -> list[tuple[User, str, str | None]]:
        """Every user with the time of creation and of the last login."""
        with self.database.session() as session:
            rows = session.scalars(select(UserRow).order_by(UserRow.name)).all()
            return [(as_user(row), row.created, row.last_login) for row in rows]

    def authenticate(self, name: str, password: str, address: str = "") -> User | None:
        """The user whose password this is. Takes equally long for a name nobody has."""
        with self.database.session() as session:
            row = _by_name(session, name)
            known_hash = row.password_hash if row else None
        right = passwords.matches(known_hash, password)
        with self.database.session() as session:
            row = _by_name(session, name)
            if row is None or not right or not row.active:
                # People type passwords into the name field: only known names are written down.
                record(session, row.name if row else "unknown", "login failed", address=address)
                return None
            if passwords.outdated(row.password_hash):
                row.password_hash = passwords.hashed(password)
            row.last_login = stamp(now())
            record(session, row.name, "logged in", address=address)
            return as_user(row)

    def confirms(self, name: str, password: str) -> bool:
        """Whether this is the user's password; counts as no login."""
        with self.database.session() as session:
            row = _by_name(session, name)
            known_hash = row.password_hash if row else None
        return passwords.matches(known_hash, password)

    def set_password(
        self, name: str, password: str, *, must_change: bool = False, actor: str = COMMAND_LINE, keep: str = ""
    ) -> None:  # fmt: skip
        """Change it and end the user's other logins; `keep` is the key hash of the login that may stay."""
        with self.database.session() as session:
            row = _required(session, name)
            row.password_hash = passwords.hashed(passwords.checked(password, row.name))
            row.must_change_password = must_change
            session.execute(delete(SessionRow).where(SessionRow.user_id == row.id).where(SessionRow.key_hash != keep))
            record(session, actor, "password changed", row.name)

    def set_role(self, name: str, role: str, actor: str = COMMAND_LINE) -> None:
        """Takes effect at the user's next request."""
        with self.database.session() as session:
            row = _required(session, name)
            row.role = checked_role(role)
            _keep_an_admin(session)
            record(session, actor, "role changed", row.name, f"role {role}")

    def set_active(self, name: str, active: bool, actor: str = COMMAND_LINE) -> None:
        """A disabled user is out at the next request, tokens included."""
        with self.database.session() as session:
            row = _required(session, name)
            row.active = active
            if not active:
                session.execute(delete(SessionRow).where(SessionRow.user_id == row.id))
            _keep_an_admin(session)
            record(session, actor, "enabled" if active else "disabled", row.name)

    def set_platforms(self, name: str, platforms: Sequence[str] | None, actor: str = COMMAND_LINE) -> None:
        """Restrict a user to some platforms; None lifts the restriction."""
        with self.database.session() as session:
            row = _required(session, name)
            row.platforms = _joined(platforms)
            record(session, actor, "platforms changed", row.name, row.platforms or "all")

    def set_segment(self, name: str, segment: str | None, actor: str = COMMAND_LINE) -> None:
        """Limit a user to a segment from the next request on; None lifts the limit."""
        with self.database.session() as session:
            row = _required(session, name)
            row.segment_id = None if segment is None else required_segment(session, segment).id
            record(session, actor, "segment changed", row.name, segment or "none")

    def audit(self, limit: int = 100) -> list[AuditEntry]:
        """The newest entries first."""
        with self.database.session() as session:
            rows = session.scalars(select(AuditRow).order_by(AuditRow.id.desc()).limit(limit))
            return [AuditEntry(r.time, r.actor, r.action, r.subject, r.detail, r.address) for r in rows]

    def close(self) -> None:
        self.database.close()


def disabled(database: Database) -> frozenset[str]:
    """Names of the accounts that are disabled."""
    with database.session() as session:
        return frozenset(session.scalars(select(UserRow.name).where(UserRow.active.is_(False))))


def record(
    session: Session, actor: str, action: str, subject: str = "", detail: str = "", address: str = ""
) -> None:  # fmt: skip
    """Add to the audit log within a transaction."""
    session.add(AuditRow(time=stamp(now()), actor=actor, action=action, subject=subject,
                         detail=detail[:500], address=address[:64]))  # fmt: skip


def as_user(row: UserRow, session_key: str = "") -> User:
    """The user with what restricts it; `row` must belong to an open session, unless no segment does."""
    platforms = None if row.platforms is None else tuple(part for part in row.platforms.split(",") if part)
    held = None if row.segment_id is None else held_segment(row)
    limits = () if platforms is None else (Segment.of_platforms(platforms),)
    return User(
        row.id, row.name, checked_role(row.role), row.active, row.must_change_password, platforms, session_key,
        limits if held is None else (*limits, held.segment), None if held is None else held.name,
    )  # fmt: skip


def _joined(platforms: Sequence[str] | None) -> str | None:
    if platforms is None:
        return None
    names = [one_line(name, "a platform", 64) for name in platforms]
    if not all(names) or any("," in name for name in names):
        raise AccountError("a platform's name is not empty and holds no comma")
    return one_line(",".join(dict.fromkeys(names)), "the list of platforms", 255)


def _by_name(session: Session, name: str) -> UserRow | None:
    if "\0" in name:  # PostgreSQL can't even be asked
        return None
    return session.scalar(select(UserRow).where(UserRow.name == name.strip().lower()))


def _required(session: Session, name: str) -> UserRow:
    row = _by_name(session, name)
    if row is None:
        raise AccountError(f"there is no user {name!r}")
    return row


def _keep_an_admin(session: Session) -> None:
    session.flush()
    admins = select(func.count()).select_from(UserRow).where(UserRow.role == "admin", UserRow.active)
    if not session.scalar(admins):
        raise Conflict("the last active administrator must stay one")
