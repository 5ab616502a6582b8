"""Searches of recordings that are kept under a name, and whom they are offered to."""

import sqlalchemy as sa
from alembic import op

revision = "0053"
down_revision = "0052"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "saved_recording_search",
        *(sa.Column(name, sa.String(), nullable=False) for name in ("id", "name")),
        sa.Column("search", sa.JSON(), nullable=False),
        sa.Column("days", sa.Integer(), nullable=True),
        sa.Column("owner_id", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_saved_recording_search"),
    )
    op.create_index("ix_saved_recording_search_owner_id", "saved_recording_search", ["owner_id"])
    op.create_table(
        "recording_search_share",
        sa.Column("search_id", sa.String(), nullable=False),
        sa.Column("holder", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["search_id"],
            ["saved_recording_search.id"],
            name="fk_recording_search_share_search_id_saved_recording_search",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("search_id", "holder", name="pk_recording_search_share"),
    )
    op.create_index("ix_recording_search_share_holder", "recording_search_share", ["holder"])
