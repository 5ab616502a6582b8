"""What SMS centres took and said of it, and parts of longer texts that wait for the others."""

import sqlalchemy as sa
from alembic import op

revision = "0070"
down_revision = "0069"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "sms_part",
        sa.Column("gateway", sa.String(), nullable=False),
        sa.Column("gateway_id", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("job_id", sa.String(), nullable=True),
        sa.Column("part", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("gateway", "gateway_id", name=op.f("pk_sms_part")),
    )
    op.create_index(op.f("ix_sms_part_at"), "sms_part", ["at"])
    op.create_index(op.f("ix_sms_part_job_id"), "sms_part", ["job_id"])
    op.create_table(
        "sms_fragment",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("gateway", sa.String(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("our_number", sa.String(), nullable=False),
        sa.Column("reference", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("part", sa.Integer(), nullable=False),
        sa.Column("data_coding", sa.Integer(), nullable=False),
        sa.Column("octets", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sms_fragment")),
        sa.UniqueConstraint(
            "gateway",
            "number",
            "our_number",
            "reference",
            "total",
            "part",
            name=op.f("uq_sms_fragment_gateway_number_our_number_reference_total_part"),
        ),
    )
    op.create_index(op.f("ix_sms_fragment_at"), "sms_fragment", ["at"])
