"""Annotations: what people write on moments and spans."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "annotations",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("start", sa.String(32), nullable=False),
        sa.Column("stop", sa.String(32)),
        sa.Column("text", sa.String(500), nullable=False),
        sa.Column("tags", sa.String(400), nullable=False),
        sa.Column("platform", sa.String(64), nullable=False),
        sa.Column("author", sa.String(64), nullable=False),
        sa.Column("created", sa.String(32), nullable=False),
    )
    op.create_index("ix_annotations_start", "annotations", ["start"])


def downgrade() -> None:
    op.drop_table("annotations")
