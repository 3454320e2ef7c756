"""Goals: what metrics should come to in calendar periods."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "goals",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("metric", sa.String(64), nullable=False),
        sa.Column("direction", sa.String(8), nullable=False),
        sa.Column("value", sa.Float(), nullable=False),
        sa.Column("period", sa.String(8), nullable=False),
        sa.Column("words", sa.String(500), nullable=False),
        sa.Column("file", sa.String(255), nullable=False),
        sa.Column("author", sa.String(64), nullable=False),
        sa.Column("changed", sa.String(32), nullable=False),
        sa.UniqueConstraint("metric", "direction", "period", "words"),
    )


def downgrade() -> None:
    op.drop_table("goals")
