"""What became of the advice that agents were given."""

import sqlalchemy as sa
from alembic import op

revision = "0061"
down_revision = "0060"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "next_action_answer",
        *(sa.Column(name, sa.String(), nullable=False) for name in ("id", "contact_id")),
        sa.Column("customer_id", sa.String(), nullable=True),
        *(sa.Column(name, sa.String(), nullable=False) for name in ("agent_id", "rule_id")),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("accepted", sa.Boolean(), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_next_action_answer"),
    )
    for name, columns in (
        ("contact_id", ["contact_id"]),
        ("answered_at_rule_id", ["answered_at", "rule_id"]),
    ):
        op.create_index(f"ix_next_action_answer_{name}", "next_action_answer", columns)
