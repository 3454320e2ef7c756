"""Tables of alerts in the accounts database. Times are UTC, kept as ISO 8601 text with microseconds."""

from __future__ import annotations

from typing import cast

from sqlalchemy import Index, String, Table, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from dashapp.accounts.models import Base


class LeaseRow(Base):
    """Who may do what only one process does; see dashapp.alerts.leases."""

    __tablename__ = "leases"
    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    holder: Mapped[str] = mapped_column(String(64))
    until: Mapped[str] = mapped_column(String(32))
    token: Mapped[int] = mapped_column()
    """Grows with each new holder: what an earlier one still writes is refused by it."""


class AlertFileRow(Base):
    """Rules and receivers as they are written: a file that was applied, or a rule that was made in the application."""

    __tablename__ = "alert_files"
    name: Mapped[str] = mapped_column(String(255), primary_key=True)
    """Where it was applied from, or `app/` and the id of the rule."""
    text: Mapped[str] = mapped_column(Text)
    """TOML."""
    author: Mapped[str] = mapped_column(String(64))
    changed: Mapped[str] = mapped_column(String(32))


class AlertStateRow(Base):
    """What is remembered of one group of a rule between two rounds."""

    __tablename__ = "alert_states"
    rule: Mapped[str] = mapped_column(String(64), primary_key=True)
    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    """SHA-256 of `labels`, which may be longer than an index takes."""
    labels: Mapped[str] = mapped_column(Text)
    """A JSON list of the values of the rule's `by`."""
    condition: Mapped[str] = mapped_column(String(64))
    """Of the rule it was judged by: another one begins anew."""
    judged: Mapped[str] = mapped_column(String(32))
    memory: Mapped[str] = mapped_column(Text)
    """`alerting.alert.as_document`, as JSON."""
    token: Mapped[int] = mapped_column()
    open: Mapped[int] = mapped_column(default=0)
    """The number of the open alert; 0: none."""
    acknowledged: Mapped[int] = mapped_column(default=0)
    """The number of the alert that somebody has taken."""
    acknowledged_by: Mapped[str] = mapped_column(String(64), default="")
    note: Mapped[str] = mapped_column(String(500), default="")
    muted_by: Mapped[str] = mapped_column(String(200), default="")
    """Why nobody is written to, in words; empty: somebody is."""


class OutboxRow(Base):
    """A message to one recipient: written in the transaction that decided it, sent later, kept for thirty days."""

    __tablename__ = "alert_outbox"
    __table_args__ = (UniqueConstraint("key"), Index("ix_alert_outbox_waiting", "state", "due"))
    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(1024))
    """rule/labels/number/subject/receiver/recipient: an event is in here once."""
    receiver: Mapped[str] = mapped_column(String(64))
    recipient: Mapped[str] = mapped_column(String(255))
    severity: Mapped[str] = mapped_column(String(8))
    message: Mapped[str] = mapped_column(Text)
    """A `alerting.message.Message` without its picture, as JSON."""
    state: Mapped[str] = mapped_column(String(8))
    """`waiting`, `sent`, or `dead`: refused for good, or given up."""
    batch: Mapped[str] = mapped_column(String(64), default="")
    """Of those that are sent as one: given when they are first claimed, so that a repetition holds the same."""
    created: Mapped[str] = mapped_column(String(32))
    due: Mapped[str] = mapped_column(String(32))
    claimed: Mapped[str] = mapped_column(String(32), default="")
    """Until when somebody is sending it; empty: nobody."""
    attempts: Mapped[int] = mapped_column(default=0)
    sent: Mapped[str] = mapped_column(String(32), default="")
    answer: Mapped[str] = mapped_column(String(500), default="")
    """What the receiver said last."""


class AlertEventRow(Base):
    """Something that happened to an alert, on its way into the metric store as a point of `alert_event`."""

    __tablename__ = "alert_events"
    __table_args__ = (UniqueConstraint("key"), Index("ix_alert_events_stored", "stored"))
    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(1024))
    """The alert's thread and the event: it is in here once, and its point has one identity."""
    at: Mapped[str] = mapped_column(String(32))
    document: Mapped[str] = mapped_column(Text)
    """The point's tags and fields, as JSON."""
    stored: Mapped[str] = mapped_column(String(32), default="")
    """When it came into the store; empty: it waits."""


class AlertEpisodeRow(Base):
    """From when to when an alert was open: what charts draw bands of."""

    __tablename__ = "alert_episodes"
    __table_args__ = (Index("ix_alert_episodes_metric", "metric", "started"),)
    key: Mapped[str] = mapped_column(String(512), primary_key=True)
    """The alert's thread."""
    metric: Mapped[str] = mapped_column(String(64))
    title: Mapped[str] = mapped_column(String(255))
    labels: Mapped[str] = mapped_column(Text)
    """Which part of the data it is about, in words: its group and its rule's filters."""
    covers: Mapped[str] = mapped_column(Text)
    """The filters of rule, segment and group, as JSON: words by column."""
    started: Mapped[str] = mapped_column(String(32))
    ended: Mapped[str] = mapped_column(String(32), default="")
    """Empty while it is open."""
    how: Mapped[str] = mapped_column(String(16), default="")
    changed: Mapped[str] = mapped_column(String(32))


class SilenceRow(Base):
    """Why and until when nobody is written to about what."""

    __tablename__ = "alert_silences"
    id: Mapped[int] = mapped_column(primary_key=True)
    rule: Mapped[str] = mapped_column(String(64))
    """"" for every rule."""
    labels: Mapped[str] = mapped_column(Text, default="")
    """A JSON list; empty: all groups of the rule."""
    number: Mapped[int] = mapped_column(default=0)
    """Until the alert of this number has ended; 0: until `stop` alone."""
    start: Mapped[str] = mapped_column(String(32))
    stop: Mapped[str] = mapped_column(String(32))
    reason: Mapped[str] = mapped_column(String(500))
    author: Mapped[str] = mapped_column(String(64))
    created: Mapped[str] = mapped_column(String(32))


def table_of(row: type[Base]) -> Table:
    """For statements without mapped objects."""
    return cast(Table, row.__table__)
