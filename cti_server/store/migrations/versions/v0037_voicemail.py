"""Contacts of which a message in a mailbox is what is left to do have an outcome of their own."""

import sqlalchemy as sa
from alembic import op

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "contact_quarter",
        sa.Column("voicemail", sa.Integer(), nullable=False, server_default="0"),
    )
