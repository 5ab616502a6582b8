"""Places in recordings that somebody marked."""

import sqlalchemy as sa
from alembic import op

revision = "0054"
down_revision = "0053"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "recording_bookmark",
        *(sa.Column(name, sa.String(), nullable=False) for name in ("id", "recording_id")),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in ("from_ms", "to_ms")),
        *(sa.Column(name, sa.String(), nullable=True) for name in ("text_zh", "text_en")),
        sa.Column("shared", sa.Boolean(), nullable=False),
        sa.Column("made_by", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_recording_bookmark"),
    )
    op.create_index("ix_recording_bookmark_recording_id", "recording_bookmark", ["recording_id"])
