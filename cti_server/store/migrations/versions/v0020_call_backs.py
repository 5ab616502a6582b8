"""When call-backs are due, what was tried, and what their place in the queue goes by."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name in ("priority", "failed"):
        op.add_column(
            "call_back", sa.Column(name, sa.Integer(), nullable=False, server_default="0")
        )
    for name, empty in (("requirements", "{}"), ("tried", "[]")):
        op.add_column("call_back", sa.Column(name, sa.JSON(), nullable=False, server_default=empty))
    for name in ("language", "customer_id", "asked_by", "cause"):
        op.add_column("call_back", sa.Column(name, sa.String(), nullable=True))
    for name in ("due_at", "wished_at"):
        op.add_column("call_back", sa.Column(name, sa.DateTime(timezone=True), nullable=True))
    op.add_column(
        "call_back", sa.Column("dialling", sa.Boolean(), nullable=False, server_default=sa.false())
    )
    op.execute("UPDATE call_back SET due_at = wanted_at")
    with op.batch_alter_table("call_back") as call_back:
        call_back.alter_column("due_at", nullable=False)
