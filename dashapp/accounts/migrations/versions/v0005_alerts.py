"""Alerts: leases, rules and receivers, states, outbox, silences."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def _text(name: str, length: int) -> sa.Column[Any]:
    return sa.Column(name, sa.String(length), nullable=False)


def _number(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.Integer(), nullable=False)


def upgrade() -> None:
    op.create_table(
        "leases",
        sa.Column("name", sa.String(64), primary_key=True),
        _text("holder", 64), _text("until", 32), _number("token"),
    )  # fmt: skip
    op.create_table(
        "alert_files",
        sa.Column("name", sa.String(255), primary_key=True),
        sa.Column("text", sa.Text(), nullable=False),
        _text("author", 64), _text("changed", 32),
    )  # fmt: skip
    op.create_table(
        "alert_states",
        sa.Column("rule", sa.String(64), primary_key=True),
        sa.Column("key", sa.String(64), primary_key=True),
        sa.Column("labels", sa.Text(), nullable=False),
        _text("condition", 64), _text("judged", 32),
        sa.Column("memory", sa.Text(), nullable=False),
        _number("token"), _number("open"), _number("acknowledged"), _text("acknowledged_by", 64), _text("note", 500),
        _text("muted_by", 200),
    )  # fmt: skip
    op.create_table(
        "alert_outbox",
        sa.Column("id", sa.Integer(), primary_key=True),
        _text("key", 1024), _text("receiver", 64), _text("recipient", 255), _text("severity", 8),
        sa.Column("message", sa.Text(), nullable=False),
        _text("state", 8), _text("batch", 64), _text("created", 32), _text("due", 32), _text("claimed", 32),
        _number("attempts"), _text("sent", 32), _text("answer", 500),
        sa.UniqueConstraint("key"),
    )  # fmt: skip
    op.create_index("ix_alert_outbox_waiting", "alert_outbox", ["state", "due"])
    op.create_table(
        "alert_silences",
        sa.Column("id", sa.Integer(), primary_key=True),
        _text("rule", 64), sa.Column("labels", sa.Text(), nullable=False), _number("number"), _text("start", 32), _text("stop", 32),
        _text("reason", 500), _text("author", 64), _text("created", 32),
    )  # fmt: skip


def downgrade() -> None:
    for table in ("alert_silences", "alert_outbox", "alert_states", "alert_files", "leases"):
        op.drop_table(table)
