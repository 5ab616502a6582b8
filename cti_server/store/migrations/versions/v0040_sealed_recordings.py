"""Recordings lie sealed in stores, their keys here; what is in the archive is in a chain."""

import sqlalchemy as sa
from alembic import op

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None

_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("recording", sa.Column("stores", sa.JSON(), nullable=False, server_default="[]"))
    op.add_column("recording", sa.Column("owed", sa.String(), nullable=True))
    owed = sa.text("owed IS NOT NULL")
    op.create_index(
        "ix_recording_owed", "recording", ["owed"], sqlite_where=owed, postgresql_where=owed
    )
    op.create_table(
        "recording_key",
        sa.Column("recording_id", sa.String(), nullable=False),
        sa.Column("master_key", sa.String(), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("recording_id", name="pk_recording_key"),
    )
    op.create_index("ix_recording_key_master_key", "recording_key", ["master_key"])
    op.create_table(
        "archive_entry",
        sa.Column("sequence", _NUMBER, autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("recording_id", sa.String(), nullable=False),
        sa.Column("content", sa.String(), nullable=False),
        sa.Column("previous_hash", sa.String(), nullable=False),
        sa.Column("hash", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("sequence", name="pk_archive_entry"),
    )
    op.create_index("ix_archive_entry_recording_id", "archive_entry", ["recording_id"])
