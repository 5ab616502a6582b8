"""Published versions of flows: their recordings, and which one a contact walked through."""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "flow_sound",
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("sha256", name="pk_flow_sound"),
    )
    op.add_column("contact", sa.Column("flow_version", sa.Integer(), nullable=True))
