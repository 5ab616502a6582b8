"""What a customer said of a ticket, in their own voice."""

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0031"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "ticket", sa.Column("recording_ids", sa.JSON(), nullable=False, server_default="[]")
    )
