"""What other systems know of our customers, and what agents are advised."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "timeline_event",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("customer_id", sa.String(), nullable=False),
        sa.Column("at", moment, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("external_id", sa.String(), nullable=True),
        sa.Column("added_by", sa.String(), nullable=False),
        sa.Column("added_at", moment, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_timeline_event"),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customer.id"], name="fk_timeline_event_customer_id_customer"
        ),
        sa.UniqueConstraint("source", "external_id", name="uq_timeline_event_source_external_id"),
    )
    op.create_table(
        "next_action_rule",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("labels", sa.JSON(), nullable=False),
        sa.Column("conditions", sa.JSON(), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", moment, nullable=False),
        sa.Column("updated_at", moment, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_next_action_rule"),
    )
    op.create_index("ix_next_action_rule_position", "next_action_rule", ["position"])
    # The moment by which a customer's newest contacts are found.
    op.add_column("contact_customer", sa.Column("arrived_at", moment, nullable=True))
    op.execute(
        "UPDATE contact_customer SET arrived_at ="
        " (SELECT arrived_at FROM contact WHERE contact.id = contact_customer.contact_id)"
    )
    op.execute("DELETE FROM contact_customer WHERE arrived_at IS NULL")
    with op.batch_alter_table("contact_customer") as table:
        table.alter_column("arrived_at", existing_type=moment, nullable=False)
    op.create_index(
        "ix_contact_customer_customer_id_arrived_at_contact_id",
        "contact_customer",
        ["customer_id", "arrived_at", "contact_id"],
    )
    op.create_index("ix_timeline_event_customer_id_at", "timeline_event", ["customer_id", "at"])
