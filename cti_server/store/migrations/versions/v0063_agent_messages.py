"""What supervisors write to agents, and whether it was read."""

import sqlalchemy as sa
from alembic import op

revision = "0063"
down_revision = "0062"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    names = ("id", "kind", "agent_id", "supervisor_id")
    op.create_table(
        "agent_message",
        *(sa.Column(name, sa.String(), nullable=False) for name in names),
        sa.Column("contact_id", sa.String(), nullable=True),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("sent_at", _MOMENT, nullable=False),
        sa.Column("read_at", _MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_agent_message"),
    )
    for name, columns in (
        ("contact_id", ["contact_id"]),
        ("agent_id_sent_at", ["agent_id", "sent_at"]),
    ):
        op.create_index(f"ix_agent_message_{name}", "agent_message", columns)
