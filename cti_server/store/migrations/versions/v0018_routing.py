"""What routing goes by in an agent beside skills: queues, region, nature and amount of work."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("agent", sa.Column("queues", sa.JSON(), nullable=True))
    for name in ("region", "works"):
        op.add_column("agent", sa.Column(name, sa.JSON(), nullable=False, server_default="[]"))
    op.create_index(
        "ix_ticket_open_owner_id",
        "ticket",
        ["owner_id"],
        sqlite_where=sa.text("closed_at IS NULL"),
        postgresql_where=sa.text("closed_at IS NULL"),
    )
