"""What was filled in when a contact's outcome was recorded, as far as it can be counted."""

import sqlalchemy as sa
from alembic import op

revision = "0067"
down_revision = "0066"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for column in ("form_id", "answers"):
        op.add_column("dw_disposition", sa.Column(column, sa.String(), nullable=True))
    op.add_column("dw_disposition", sa.Column("form_version", sa.Integer(), nullable=True))
