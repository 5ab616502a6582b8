"""Whose turn it is to write, which was nobody's so far."""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    sequence_number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    writer = op.create_table(
        "writer",
        sa.Column("epoch", sequence_number, autoincrement=False, nullable=False),
        sa.Column("holder", sa.String(), nullable=False),
        sa.Column("folder_id", sa.String(), nullable=False),
        sa.Column("beat", sequence_number, nullable=False),
        sa.PrimaryKeyConstraint("epoch", name=op.f("pk_writer")),
    )
    op.create_table(
        "writer_turn",
        sa.Column("epoch", sequence_number, autoincrement=False, nullable=False),
        sa.Column("holder", sa.String(), nullable=False),
        sa.Column("folder_id", sa.String(), nullable=False),
        sa.Column("began_after", sequence_number, nullable=False),
        sa.PrimaryKeyConstraint("epoch", name=op.f("pk_writer_turn")),
    )
    op.bulk_insert(writer, [{"epoch": 0, "holder": "", "folder_id": "", "beat": 0}])
