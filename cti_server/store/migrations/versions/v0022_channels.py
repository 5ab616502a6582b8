"""Contacts that are no calls; how many contacts of a channel an agent has at once."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

_OPEN = sa.text("channel NOT IN ('voice', 'callback') AND ended_at IS NULL")


def upgrade() -> None:
    op.add_column("contact", sa.Column("subject", sa.String(), nullable=False, server_default=""))
    op.add_column("contact", sa.Column("due_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index(
        "ix_contact_open", "contact", ["channel"], sqlite_where=_OPEN, postgresql_where=_OPEN
    )
    op.add_column("agent", sa.Column("capacity", sa.JSON(), nullable=False, server_default="{}"))
