"""For how long each interaction was held."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "interaction",
        sa.Column("held_seconds", sa.Double(), nullable=False, server_default="0"),
    )
    op.add_column("interaction", sa.Column("held_at", sa.DateTime(timezone=True), nullable=True))
