"""Recordings that leave a store whose disk is full."""

import sqlalchemy as sa
from alembic import op

revision = "0046"
down_revision = "0045"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("recording", sa.Column("moved", sa.String(), nullable=True))
    op.add_column("recording", sa.Column("leaving", sa.String(), nullable=True))
    leaving = sa.text("leaving IS NOT NULL")
    op.create_index(
        "ix_recording_leaving",
        "recording",
        ["leaving"],
        sqlite_where=leaving,
        postgresql_where=leaving,
    )
    whole = sa.text("state = 'stored' AND moved IS NULL")
    op.create_index(
        "ix_recording_unmoved",
        "recording",
        ["started_at", "id"],
        sqlite_where=whole,
        postgresql_where=whole,
    )
