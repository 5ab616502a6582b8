"""What other PBXs call the calls that they have recorded here."""

import sqlalchemy as sa
from alembic import op

revision = "0058"
down_revision = "0057"
branch_labels = None
depends_on = None


def upgrade() -> None:
    told = ("id", "client", "session_id", "agent_aor", "agent_name")
    op.create_table(
        "foreign_call",
        *(sa.Column(name, sa.String(), nullable=False) for name in told),
        sa.Column("calls", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_foreign_call"),
    )
    op.create_table(
        "foreign_call_name",
        *(sa.Column(name, sa.String(), nullable=False) for name in ("id", "recording_id", "name")),
        sa.PrimaryKeyConstraint("id", name="pk_foreign_call_name"),
    )
    for name, columns in (("recording_id", ["recording_id"]), ("name", ["name", "recording_id"])):
        op.create_index(f"ix_foreign_call_name_{name}", "foreign_call_name", columns)
