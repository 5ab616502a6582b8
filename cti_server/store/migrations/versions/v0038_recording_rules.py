"""By which rule a conversation is recorded or not; what is silent in its recordings."""

import sqlalchemy as sa
from alembic import op

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column("interaction", sa.Column("recording", sa.String(), nullable=True))
    op.add_column("interaction", sa.Column("recording_rule", sa.String(), nullable=True))
    op.add_column("recording", sa.Column("rule", sa.String(), nullable=False, server_default=""))
    op.add_column("recording", sa.Column("asked_by", sa.String(), nullable=True))
    op.create_table(
        "recording_mask",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("contact_id", sa.String(), nullable=False),
        sa.Column("agent_id", sa.String(), nullable=False),
        sa.Column("asked_by", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("began_at", _MOMENT, nullable=False),
        sa.Column("ended_at", _MOMENT, nullable=True),
        sa.Column("ended_by", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recording_mask")),
    )
    op.create_index("ix_recording_mask_contact_id", "recording_mask", ["contact_id"])
