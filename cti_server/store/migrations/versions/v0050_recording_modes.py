"""Which sides a recording has, in which layout; the file that a smaller one has replaced."""

import sqlalchemy as sa
from alembic import op

revision = "0050"
down_revision = "0049"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name, value in (("sides", "both"), ("layout", "stereo")):
        column = sa.Column(name, sa.String(), nullable=False, server_default=value)
        op.add_column("recording", column)
    op.add_column("recording", sa.Column("replaced", sa.String(), nullable=True))
    op.execute("UPDATE recording SET sides = 'customer', layout = 'mono' WHERE kind = 'message'")
    op.create_index(
        "ix_recording_replaced",
        "recording",
        ["replaced"],
        sqlite_where=sa.text("replaced IS NOT NULL"),
        postgresql_where=sa.text("replaced IS NOT NULL"),
    )
