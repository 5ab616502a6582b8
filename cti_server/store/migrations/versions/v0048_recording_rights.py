"""Of which queues recordings may be listed, played and exported; what was exported."""

import sqlalchemy as sa
from alembic import op

revision = "0048"
down_revision = "0047"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "recording_right",
        sa.Column("id", sa.String(), nullable=False),
        *(sa.Column(name, sa.JSON(), nullable=True) for name in ("listed", "played", "exported")),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_recording_right"),
    )
    op.create_table(
        "recording_export",
        *(sa.Column(name, sa.String(), nullable=False) for name in ("id", "format", "state")),
        sa.Column("asked", sa.JSON(), nullable=False),
        sa.Column("recordings", sa.Integer(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_recording_export"),
    )
    op.create_index("ix_recording_export_created_at_id", "recording_export", ["created_at", "id"])
