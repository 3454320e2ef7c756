"""History of alerts: events on their way into the metric store, episodes for bands in charts."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def _text(name: str, length: int) -> sa.Column[Any]:
    return sa.Column(name, sa.String(length), nullable=False)


def upgrade() -> None:
    op.create_table(
        "alert_events",
        sa.Column("id", sa.Integer(), primary_key=True),
        _text("key", 1024), _text("at", 32), sa.Column("document", sa.Text(), nullable=False), _text("stored", 32),
        sa.UniqueConstraint("key"),
    )  # fmt: skip
    op.create_index("ix_alert_events_stored", "alert_events", ["stored"])
    op.create_table(
        "alert_episodes",
        sa.Column("key", sa.String(512), primary_key=True),
        _text("metric", 64), _text("title", 255), sa.Column("labels", sa.Text(), nullable=False),
        sa.Column("covers", sa.Text(), nullable=False), _text("started", 32), _text("ended", 32), _text("how", 16),
        _text("changed", 32),
    )  # fmt: skip
    op.create_index("ix_alert_episodes_metric", "alert_episodes", ["metric", "started"])


def downgrade() -> None:
    for table in ("alert_episodes", "alert_events"):
        op.drop_table(table)
