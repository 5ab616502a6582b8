"""How callers fare in flows: walks, and stays at nodes."""

import sqlalchemy as sa
from alembic import op

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None

_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "flow_walk",
        sa.Column("id", _NUMBER, autoincrement=False, nullable=False),
        sa.Column("contact_id", sa.String(), nullable=False),
        sa.Column("flow", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("began_at", _MOMENT, nullable=False),
        sa.Column("left_at", _MOMENT, nullable=True),
        sa.Column("seconds", sa.Double(), nullable=True),
        sa.Column("end", sa.String(), nullable=True),
        sa.Column("served", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_flow_walk"),
    )
    op.create_index("ix_flow_walk_began_at", "flow_walk", ["began_at"])
    op.create_table(
        "node_stay",
        sa.Column("id", _NUMBER, autoincrement=False, nullable=False),
        sa.Column("flow", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("part", sa.String(), nullable=False),
        sa.Column("node", sa.String(), nullable=False),
        sa.Column("entered_at", _MOMENT, nullable=False),
        sa.Column("seconds", sa.Double(), nullable=True),
        sa.Column("way", sa.String(), nullable=True),
        sa.Column("gone", sa.Boolean(), nullable=False),
        sa.Column("asked", sa.Integer(), nullable=False),
        sa.Column("wrong", sa.Integer(), nullable=False),
        sa.Column("silent", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_node_stay"),
    )
    op.create_index("ix_node_stay_flow_entered_at", "node_stay", ["flow", "entered_at"])
    op.add_column("contact", sa.Column("walk_id", _NUMBER, nullable=True))
    op.add_column("contact", sa.Column("stay_id", _NUMBER, nullable=True))
