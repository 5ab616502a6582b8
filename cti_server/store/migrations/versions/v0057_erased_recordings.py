"""Which recordings went with an erasure."""

import sqlalchemy as sa
from alembic import op

revision = "0057"
down_revision = "0056"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "erased_recording",
        *(sa.Column(name, sa.String(), nullable=False) for name in ("erasure_id", "recording_id")),
        sa.Column("stores", sa.JSON(), nullable=False),
        sa.Column("destroyed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("erasure_id", "recording_id", name="pk_erased_recording"),
    )
