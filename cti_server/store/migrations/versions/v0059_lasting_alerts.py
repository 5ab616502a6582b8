"""Alerts that are about no contact, say how grave they are, and end by themselves."""

import sqlalchemy as sa
from alembic import op

revision = "0059"
down_revision = "0058"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("alert") as alert:
        alert.alter_column("contact_id", existing_type=sa.String(), nullable=True)
        alert.add_column(sa.Column("team", sa.String(), nullable=True))
        alert.add_column(
            sa.Column("severity", sa.String(), nullable=False, server_default="warning")
        )
        alert.add_column(sa.Column("labels", sa.JSON(), nullable=True))
        alert.add_column(sa.Column("rule_id", sa.String(), nullable=True))
        alert.add_column(
            sa.Column("lasting", sa.Boolean(), nullable=False, server_default=sa.false())
        )
        alert.add_column(sa.Column("details", sa.JSON(), nullable=True))
        alert.add_column(sa.Column("cleared_at", sa.DateTime(timezone=True), nullable=True))
    with op.batch_alter_table("alert") as alert:
        alert.alter_column("severity", server_default=None)
        alert.alter_column("lasting", server_default=None)
