"""Calls out: which way a contact went, and who is to be called back."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    moment = sa.DateTime(timezone=True)
    op.add_column(
        "contact", sa.Column("direction", sa.String(), nullable=False, server_default="inbound")
    )
    op.add_column(
        "contact", sa.Column("masked", sa.Boolean(), nullable=False, server_default=sa.false())
    )
    op.add_column("contact", sa.Column("call_back_of", sa.String(), nullable=True))
    op.create_table(
        "call_back",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("queue", sa.String(), nullable=False),
        sa.Column("queued_at", moment, nullable=False),
        sa.Column("wanted_at", moment, nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("last_agent_id", sa.String(), nullable=True),
        sa.Column("last_contact_id", sa.String(), nullable=True),
        sa.Column("last_dialled_at", moment, nullable=True),
        sa.Column("closed_at", moment, nullable=True),
        sa.Column("outcome", sa.String(), nullable=True),
        sa.Column("closed_by", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_call_back"),
    )
    op.create_index("ix_call_back_closed_at_queued_at", "call_back", ["closed_at", "queued_at"])
