"""Faxes that have come."""

import sqlalchemy as sa
from alembic import op

revision = "0069"
down_revision = "0068"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "fax_document",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("dialled_number", sa.String(), nullable=False),
        sa.Column("ident", sa.String(), nullable=False),
        sa.Column("pages", sa.Integer(), nullable=False),
        sa.Column("whole", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("way", sa.String(), nullable=False),
        sa.Column("call_contact_id", sa.String(), nullable=True),
        sa.Column("tiff", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fax_document")),
    )
