"""Call-backs that only a person decides on: those of releases that dialled nobody by themselves."""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "call_back", sa.Column("by_hand", sa.Boolean(), nullable=False, server_default=sa.false())
    )
    # Customers who lost their place were all that there was before revision 0020, for agents to
    # pick from a list. What asks for a call that is made by itself came with that revision.
    op.execute(
        "UPDATE call_back SET by_hand = true WHERE closed_at IS NULL"
        " AND reason NOT IN ('asked', 'requested', 'abandoned')"
    )
