"""Tables of the accounts database. Times are UTC, kept as ISO 8601 text: alike in SQLite and PostgreSQL.

What stands in `info` is for backups: PASSING tables are in none; of columns with INSTEAD only encrypted ones hold the values.
"""

from __future__ import annotations

from sqlalchemy import Float, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

PASSING = "passing"
"""Of a table: its rows mean nothing on another day or machine."""
INSTEAD = "instead"
"""Of a column with secrets: what is restored from a backup without them."""
UNUSABLE = "!"
"""A hash that no password has."""


class Base(DeclarativeBase):
    """Holds the metadata that migrations are compared with."""


class UserRow(Base):
    """A person, or a program with its own login."""

    __tablename__ = "users"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(64), unique=True)
    password_hash: Mapped[str] = mapped_column(String(255), info={INSTEAD: UNUSABLE})
    role: Mapped[str] = mapped_column(String(16))
    active: Mapped[bool] = mapped_column(default=True)
    must_change_password: Mapped[bool] = mapped_column(default=False)
    platforms: Mapped[str | None] = mapped_column(String(255))
    """Comma-separated; null: all platforms."""
    segment_id: Mapped[int | None] = mapped_column(default=None)
    """No foreign key: SQLite adds none to a table that is there. `segments.delete` refuses what is in use."""
    created: Mapped[str] = mapped_column(String(32))
    last_login: Mapped[str | None] = mapped_column(String(32))


class SessionRow(Base):
    """A login. Deleting the row ends it wherever its cookie is."""

    __tablename__ = "login_sessions"
    __table_args__ = {"info": {PASSING: True}}  # noqa: RUF012  SQLAlchemy's own form
    key_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    created: Mapped[str] = mapped_column(String(32))
    seen: Mapped[str] = mapped_column(String(32))
    address: Mapped[str] = mapped_column(String(64))


class TokenRow(Base):
    """An API token; only its SHA-256 is kept (the token itself has 256 random bits, so that is enough)."""

    __tablename__ = "api_tokens"
    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    label: Mapped[str] = mapped_column(String(100))
    prefix: Mapped[str] = mapped_column(String(16))
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    created: Mapped[str] = mapped_column(String(32))
    expires: Mapped[str | None] = mapped_column(String(32))
    last_used: Mapped[str | None] = mapped_column(String(32))
    revoked: Mapped[bool] = mapped_column(default=False)
    scopes: Mapped[str | None] = mapped_column(String(64), default=None)
    """Comma-separated; null: whatever its user's role allows."""
    segment_id: Mapped[int | None] = mapped_column(default=None)


class SegmentRow(Base):
    """What its holders may see at most; `words` is the query string of a `metricstore.segment.Segment`."""

    __tablename__ = "segments"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(64), unique=True)
    description: Mapped[str] = mapped_column(String(200), default="")
    words: Mapped[str] = mapped_column(Text)
    created: Mapped[str] = mapped_column(String(32))


class EmbedRow(Base):
    """A signed link to a chart or page. Revoked ones stay, so that their pages say so and nobody gets the id again."""

    __tablename__ = "embeds"
    id: Mapped[str] = mapped_column(String(16), primary_key=True)
    kind: Mapped[str] = mapped_column(String(8))
    name: Mapped[str] = mapped_column(String(64))
    label: Mapped[str] = mapped_column(String(100))
    words: Mapped[str] = mapped_column(Text)
    """The locked selection as a query string."""
    narrow: Mapped[str] = mapped_column(String(255))
    """Comma-separated: columns that lookers may narrow, and `range`."""
    theme: Mapped[str] = mapped_column(String(8))
    refresh_seconds: Mapped[int] = mapped_column()
    """0: never by itself."""
    height: Mapped[int] = mapped_column()
    """Of the frame in pixels; 0: as the chart declares."""
    ancestors: Mapped[str] = mapped_column(Text)
    """Space-separated origins that may frame it; empty: those of the settings."""
    download: Mapped[bool] = mapped_column()
    owner: Mapped[str] = mapped_column(String(64), index=True)
    """A name, not a key: what a wiki shows must not vanish with the account of who put it there."""
    limits: Mapped[str] = mapped_column(Text)
    """What its owner might see when it was made: query strings of segments, one a line."""
    created: Mapped[str] = mapped_column(String(32))
    expires: Mapped[str | None] = mapped_column(String(32))
    revoked: Mapped[str | None] = mapped_column(String(32))
    last_used: Mapped[str | None] = mapped_column(String(32))
    uses: Mapped[int] = mapped_column(default=0)
    used_on: Mapped[str] = mapped_column(String(300), default="")
    """The page it was last seen on, as its browser told."""


class AnnotationRow(Base):
    """What somebody wrote on a moment or a span of time."""

    __tablename__ = "annotations"
    id: Mapped[int] = mapped_column(primary_key=True)
    start: Mapped[str] = mapped_column(String(32), index=True)
    stop: Mapped[str | None] = mapped_column(String(32), default=None)
    text: Mapped[str] = mapped_column(String(500))
    tags: Mapped[str] = mapped_column(String(400), default="")
    """Comma-separated."""
    platform: Mapped[str] = mapped_column(String(64), default="")
    """"" for all platforms."""
    author: Mapped[str] = mapped_column(String(64))
    """A name, not a reference: what was written stays when its author goes."""
    created: Mapped[str] = mapped_column(String(32))


class GoalRow(Base):
    """What a metric should come to; see `metricstore.goal.Goal`."""

    __tablename__ = "goals"
    __table_args__ = (UniqueConstraint("metric", "direction", "period", "words"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    metric: Mapped[str] = mapped_column(String(64))
    direction: Mapped[str] = mapped_column(String(8))
    value: Mapped[float] = mapped_column(Float)
    period: Mapped[str] = mapped_column(String(8))
    words: Mapped[str] = mapped_column(String(500), default="")
    """Its filters as a query string, sorted by column."""
    file: Mapped[str] = mapped_column(String(255), default="")
    """"" for one that was made in the application."""
    author: Mapped[str] = mapped_column(String(64))
    """A name, not a reference: what was set stays when its author goes."""
    changed: Mapped[str] = mapped_column(String(32))


class AuditRow(Base):
    """Who did what to whom, from where. Never updated."""

    __tablename__ = "audit_log"
    __table_args__ = (Index("ix_audit_log_time", "time"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    time: Mapped[str] = mapped_column(String(32))
    actor: Mapped[str] = mapped_column(String(64))
    action: Mapped[str] = mapped_column(String(64))
    subject: Mapped[str] = mapped_column(String(128), default="")
    detail: Mapped[str] = mapped_column(String(500), default="")
    address: Mapped[str] = mapped_column(String(64), default="")
