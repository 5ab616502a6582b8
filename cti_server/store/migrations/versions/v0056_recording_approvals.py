"""What a second person is asked to approve."""

import sqlalchemy as sa
from alembic import op

revision = "0056"
down_revision = "0055"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "recording_approval",
        *(sa.Column(name, sa.String(), nullable=False) for name in ("id", "action", "fingerprint")),
        sa.Column("about", sa.JSON(), nullable=False),
        *(sa.Column(name, sa.String(), nullable=False) for name in ("reason", "asked_by")),
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("approved", sa.Boolean(), nullable=True),
        sa.Column("decided_by", sa.String(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decision_reason", sa.String(), nullable=True),
        *(
            sa.Column(name, sa.DateTime(timezone=True), nullable=True)
            for name in ("valid_until", "used_at")
        ),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_recording_approval"),
    )
    op.create_index(
        "ix_recording_approval_created_at_id", "recording_approval", ["created_at", "id"]
    )
    op.create_index("ix_recording_approval_fingerprint", "recording_approval", ["fingerprint"])
