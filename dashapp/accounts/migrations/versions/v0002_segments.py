"""Segments, held by users and tokens; scopes of tokens."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "segments",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("name", sa.String(64), nullable=False, unique=True),
        sa.Column("description", sa.String(200), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("created", sa.String(32), nullable=False),
    )
    # Without foreign keys: SQLite would rebuild the tables, and that deletes what refers to them.
    op.add_column("users", sa.Column("segment_id", sa.Integer()))
    op.add_column("api_tokens", sa.Column("scopes", sa.String(64)))
    op.add_column("api_tokens", sa.Column("segment_id", sa.Integer()))


def downgrade() -> None:
    op.drop_column("api_tokens", "segment_id")
    op.drop_column("api_tokens", "scopes")
    op.drop_column("users", "segment_id")
    op.drop_table("segments")
