"""Recordings that are heard as one."""

import sqlalchemy as sa
from alembic import op

revision = "0055"
down_revision = "0054"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "recording_merge",
        *(sa.Column(name, sa.String(), nullable=False) for name in ("id", "name", "made_by")),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_recording_merge"),
    )
    op.create_index("ix_recording_merge_created_at_id", "recording_merge", ["created_at", "id"])
    op.create_table(
        "recording_merge_part",
        sa.Column("merge_id", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("recording_id", sa.String(), nullable=False),
        sa.Column("from_ms", sa.Integer(), nullable=False),
        sa.Column("to_ms", sa.Integer(), nullable=True),
        sa.Column("gone_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["merge_id"],
            ["recording_merge.id"],
            name="fk_recording_merge_part_merge_id_recording_merge",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("merge_id", "position", name="pk_recording_merge_part"),
    )
    op.create_index(
        "ix_recording_merge_part_recording_id", "recording_merge_part", ["recording_id"]
    )
