"""What a contact is in now."""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Of those that are not over nothing goes on: a server that was stopped ended them, and the next
    # one tells so.
    op.add_column(
        "contact", sa.Column("phase", sa.String(), nullable=False, server_default="ringing")
    )
    op.execute("UPDATE contact SET phase = 'ended' WHERE ended_at IS NOT NULL")
    moment = sa.DateTime(timezone=True)
    op.add_column("contact", sa.Column("phase_since", moment, nullable=True))
    op.add_column("contact", sa.Column("in_hand", sa.JSON(), nullable=False, server_default="{}"))
