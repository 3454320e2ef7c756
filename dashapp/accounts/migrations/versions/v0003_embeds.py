"""Embeds: signed links to a chart or page, each with what it may show."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "embeds",
        sa.Column("id", sa.String(16), primary_key=True),
        sa.Column("kind", sa.String(8), nullable=False),
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("label", sa.String(100), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("narrow", sa.String(255), nullable=False),
        sa.Column("theme", sa.String(8), nullable=False),
        sa.Column("refresh_seconds", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("ancestors", sa.Text(), nullable=False),
        sa.Column("download", sa.Boolean(), nullable=False),
        sa.Column("owner", sa.String(64), nullable=False, index=True),
        sa.Column("limits", sa.Text(), nullable=False),
        sa.Column("created", sa.String(32), nullable=False),
        sa.Column("expires", sa.String(32)),
        sa.Column("revoked", sa.String(32)),
        sa.Column("last_used", sa.String(32)),
        sa.Column("uses", sa.Integer(), nullable=False),
        sa.Column("used_on", sa.String(300), nullable=False),
    )


def downgrade() -> None:
    op.drop_table("embeds")
