"""Recordings of two kinds: conversations, and messages that callers leave."""

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    kind = sa.Column("kind", sa.String(), nullable=False, server_default="conversation")
    op.add_column("recording", kind)
