"""What agents have begun to write and not handed in."""

import sqlalchemy as sa
from alembic import op

revision = "0062"
down_revision = "0061"
branch_labels = None
depends_on = None


def upgrade() -> None:
    names = ("agent_id", "kind", "about", "contact_id")
    op.create_table(
        "draft",
        *(sa.Column(name, sa.String(), nullable=False) for name in names),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("agent_id", "kind", "about", name="pk_draft"),
    )
    for name in ("contact_id", "updated_at"):
        op.create_index(f"ix_draft_{name}", "draft", [name])
