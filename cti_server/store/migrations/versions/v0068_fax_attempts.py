"""The calls by which faxes are sent."""

import sqlalchemy as sa
from alembic import op

revision = "0068"
down_revision = "0067"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "fax_attempt",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("job_id", sa.String(), nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.Column("ended_at", _MOMENT, nullable=True),
        sa.Column("trunk", sa.String(), nullable=False),
        sa.Column("way", sa.String(), nullable=False),
        sa.Column("answered", sa.Boolean(), nullable=False),
        sa.Column("pages", sa.Integer(), nullable=False),
        sa.Column("document_pages", sa.Integer(), nullable=True),
        sa.Column("sent", sa.Boolean(), nullable=False),
        sa.Column("cause", sa.String(), nullable=False),
        sa.Column("remote_ident", sa.String(), nullable=False),
        sa.Column("bit_rate", sa.Integer(), nullable=True),
        sa.Column("contact_id", sa.String(), nullable=True),
        sa.Column("customer_id", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fax_attempt")),
    )
    op.create_index("ix_fax_attempt_job_id", "fax_attempt", ["job_id"])
    op.create_index("ix_fax_attempt_contact_id", "fax_attempt", ["contact_id"])
    op.create_index("ix_fax_attempt_customer_id", "fax_attempt", ["customer_id"])
