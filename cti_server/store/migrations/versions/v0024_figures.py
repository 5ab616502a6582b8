"""What the queues' reports are made of: waits, transfers, and an index of when handlings ended."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "queue_wait",
        sa.Column("id", _NUMBER, autoincrement=False, nullable=False),
        sa.Column("contact_id", sa.String(), nullable=False),
        sa.Column("queue", sa.String(), nullable=False),
        sa.Column("joined_at", _MOMENT, nullable=False),
        sa.Column("since", _MOMENT, nullable=False),
        sa.Column("ended_at", _MOMENT, nullable=True),
        sa.Column("outcome", sa.String(), nullable=True),
        sa.Column("wait_seconds", sa.Double(), nullable=True),
        sa.Column("agent_id", sa.String(), nullable=True),
        sa.Column("deferred", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_queue_wait"),
    )
    op.create_index("ix_queue_wait_joined_at", "queue_wait", ["joined_at"])
    op.create_index("ix_queue_wait_ended_at", "queue_wait", ["ended_at"])
    op.create_index("ix_interaction_ended_at", "interaction", ["ended_at"])
    op.add_column("contact", sa.Column("wait_id", _NUMBER, nullable=True))
    op.add_column(
        "contact", sa.Column("transfers", sa.Integer(), nullable=False, server_default="0")
    )
