"""Messages that supervisors put on for callers."""

import sqlalchemy as sa
from alembic import op

revision = "0060"
down_revision = "0059"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "broadcast",
        sa.Column("id", sa.String(), nullable=False),
        *(sa.Column(name, sa.JSON(), nullable=False) for name in ("queues", "numbers", "texts")),
        sa.Column("to_waiting", sa.Boolean(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published_by", sa.String(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        *(sa.Column(name, sa.String(), nullable=True) for name in ("ended_by", "outcome")),
        sa.PrimaryKeyConstraint("id", name="pk_broadcast"),
    )
    op.create_index("ix_broadcast_ended_at", "broadcast", ["ended_at"])
    op.create_index("ix_broadcast_published_at_id", "broadcast", ["published_at", "id"])
