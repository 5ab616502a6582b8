"""A number for what was filled in, which the customer is told."""

import sqlalchemy as sa
from alembic import op

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("filled_form", sa.Column("number", sa.String(), nullable=True))
    op.create_index("ix_filled_form_number", "filled_form", ["number"], unique=True)
