"""Agents whose phones pick up by themselves; who made an agent ready, not ready or logged out."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("agent", sa.Column("auto_answer", sa.Boolean(), nullable=True))
    op.add_column("agent_state_period", sa.Column("chosen_by", sa.String(), nullable=True))
