"""By which channel a customer came into a flow: until now, all of them called."""

import sqlalchemy as sa
from alembic import op

revision = "0044"
down_revision = "0043"
branch_labels = None
depends_on = None


def upgrade() -> None:
    called = sa.Column("channel", sa.String(), nullable=False, server_default="voice")
    op.add_column("flow_walk", called)
    with op.batch_alter_table("flow_walk") as table:
        table.alter_column("channel", server_default=None)
