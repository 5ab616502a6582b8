"""The first schema."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    sequence_number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "agent",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("phone", sa.String(), nullable=True),
        sa.Column("skills", sa.JSON(), nullable=False),
        sa.Column("roles", sa.JSON(), nullable=False),
        sa.Column("password_hash", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_agent"),
        sa.UniqueConstraint("number", name="uq_agent_number"),
    )
    op.create_table(
        "agent_state_period",
        sa.Column("id", sequence_number, autoincrement=False, nullable=False),
        sa.Column("agent_id", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("contact_id", sa.String(), nullable=True),
        sa.Column("interaction_id", sa.String(), nullable=True),
        sa.Column("started_at", moment, nullable=False),
        sa.Column("ended_at", moment, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_agent_state_period"),
    )
    op.create_index(
        "ix_agent_state_period_agent_id_started_at",
        "agent_state_period",
        ["agent_id", "started_at"],
    )
    op.create_table(
        "agent_status",
        sa.Column("agent_id", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("since", moment, nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("contact_id", sa.String(), nullable=True),
        sa.Column("interaction_id", sa.String(), nullable=True),
        sa.Column("period_id", sequence_number, nullable=True),
        sa.PrimaryKeyConstraint("agent_id", name="pk_agent_status"),
    )
    op.create_table(
        "call",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("contact_id", sa.String(), nullable=False),
        sa.Column("sip_call_id", sa.String(), nullable=False),
        sa.Column("caller_number", sa.String(), nullable=False),
        sa.Column("dialled_number", sa.String(), nullable=False),
        sa.Column("trunk", sa.String(), nullable=False),
        sa.Column("arrived_at", moment, nullable=False),
        sa.Column("answered_at", moment, nullable=True),
        sa.Column("ended_at", moment, nullable=True),
        sa.Column("result", sa.String(), nullable=True),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("caller_leg_id", sa.String(), nullable=True),
        sa.Column("agent_leg_id", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_call"),
    )
    op.create_index("ix_call_arrived_at", "call", ["arrived_at"])
    op.create_index("ix_call_contact_id", "call", ["contact_id"])
    op.create_table(
        "contact",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("call_id", sa.String(), nullable=False),
        sa.Column("caller_number", sa.String(), nullable=False),
        sa.Column("dialled_number", sa.String(), nullable=False),
        sa.Column("arrived_at", moment, nullable=False),
        sa.Column("customer_match", sa.String(), nullable=True),
        sa.Column("customer_ids", sa.JSON(), nullable=False),
        sa.Column("flow", sa.String(), nullable=True),
        sa.Column("path", sa.JSON(), nullable=False),
        sa.Column("attributes", sa.JSON(), nullable=False),
        sa.Column("queue", sa.String(), nullable=True),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("requirements", sa.JSON(), nullable=False),
        sa.Column("offers", sa.Integer(), nullable=False),
        sa.Column("agent_id", sa.String(), nullable=True),
        sa.Column("queued_at", moment, nullable=True),
        sa.Column("first_offered_at", moment, nullable=True),
        sa.Column("connected_at", moment, nullable=True),
        sa.Column("ended_at", moment, nullable=True),
        sa.Column("wait_seconds", sa.Double(), nullable=True),
        sa.Column("outcome", sa.String(), nullable=True),
        sa.Column("reason", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_contact"),
    )
    op.create_index("ix_contact_arrived_at", "contact", ["arrived_at"])
    op.create_index(
        "ix_contact_caller_number_arrived_at", "contact", ["caller_number", "arrived_at"]
    )
    op.create_table(
        "contact_customer",
        sa.Column("customer_id", sa.String(), nullable=False),
        sa.Column("contact_id", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("customer_id", "contact_id", name="pk_contact_customer"),
    )
    op.create_table(
        "customer",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("external_id", sa.String(), nullable=True),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("tier", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("company", sa.String(), nullable=True),
        sa.Column("tags", sa.JSON(), nullable=False),
        sa.Column("notes", sa.String(), nullable=True),
        sa.Column("created_at", moment, nullable=False),
        sa.Column("updated_at", moment, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_customer"),
        sa.UniqueConstraint("external_id", name="uq_customer_external_id"),
    )
    op.create_index("ix_customer_name", "customer", ["name"])
    op.create_table(
        "event",
        sa.Column("sequence", sequence_number, autoincrement=False, nullable=False),
        sa.Column("at", moment, nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("call_id", sa.String(), nullable=True),
        sa.Column("contact_id", sa.String(), nullable=True),
        sa.Column("payload", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("sequence", name="pk_event"),
    )
    op.create_index(
        "ix_event_call_id",
        "event",
        ["call_id"],
        sqlite_where=sa.text("call_id IS NOT NULL"),
        postgresql_where=sa.text("call_id IS NOT NULL"),
    )
    op.create_index(
        "ix_event_contact_id",
        "event",
        ["contact_id"],
        sqlite_where=sa.text("contact_id IS NOT NULL"),
        postgresql_where=sa.text("contact_id IS NOT NULL"),
    )
    op.create_table(
        "interaction",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("contact_id", sa.String(), nullable=False),
        sa.Column("call_id", sa.String(), nullable=True),
        sa.Column("agent_id", sa.String(), nullable=False),
        sa.Column("queue", sa.String(), nullable=False),
        sa.Column("offered_at", moment, nullable=False),
        sa.Column("expires_at", moment, nullable=False),
        sa.Column("accepted_at", moment, nullable=True),
        sa.Column("started_at", moment, nullable=True),
        sa.Column("ended_at", moment, nullable=True),
        sa.Column("wrap_up_ended_at", moment, nullable=True),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("ended_by", sa.String(), nullable=True),
        sa.Column("why", sa.JSON(), nullable=False),
        sa.Column("segment_id", sequence_number, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_interaction"),
    )
    op.create_index("ix_interaction_agent_id_offered_at", "interaction", ["agent_id", "offered_at"])
    op.create_index("ix_interaction_contact_id", "interaction", ["contact_id"])
    op.create_table(
        "leg",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("call_id", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("party", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("agent_id", sa.String(), nullable=True),
        sa.Column("started_at", moment, nullable=False),
        sa.Column("answered_at", moment, nullable=True),
        sa.Column("ended_at", moment, nullable=True),
        sa.Column("codec", sa.String(), nullable=True),
        sa.Column("result", sa.String(), nullable=True),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("quality", sa.JSON(), nullable=False),
        sa.Column("segment_id", sequence_number, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_leg"),
    )
    op.create_index("ix_leg_call_id", "leg", ["call_id"])
    op.create_table(
        "recording",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("call_id", sa.String(), nullable=False),
        sa.Column("contact_id", sa.String(), nullable=False),
        sa.Column("interaction_id", sa.String(), nullable=False),
        sa.Column("agent_id", sa.String(), nullable=False),
        sa.Column("queue", sa.String(), nullable=False),
        sa.Column("caller_number", sa.String(), nullable=False),
        sa.Column("dialled_number", sa.String(), nullable=False),
        sa.Column("started_at", moment, nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("failure", sa.String(), nullable=True),
        sa.Column("duration", sa.Double(), nullable=True),
        sa.Column("file", sa.String(), nullable=True),
        sa.Column("size", sa.BigInteger(), nullable=True),
        sa.Column("sha256", sa.String(), nullable=True),
        sa.Column("codec", sa.String(), nullable=True),
        sa.Column("recovered", sa.Boolean(), nullable=False),
        sa.Column("quality", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_recording"),
    )
    op.create_index("ix_recording_contact_id", "recording", ["contact_id"])
    op.create_index("ix_recording_started_at", "recording", ["started_at"])
    op.create_table(
        "segment",
        sa.Column("id", sequence_number, autoincrement=False, nullable=False),
        sa.Column("contact_id", sa.String(), nullable=False),
        sa.Column("interaction_id", sa.String(), nullable=False),
        sa.Column("call_id", sa.String(), nullable=True),
        sa.Column("caller_leg_id", sa.String(), nullable=True),
        sa.Column("agent_leg_id", sa.String(), nullable=True),
        sa.Column("agent_id", sa.String(), nullable=False),
        sa.Column("queue", sa.String(), nullable=False),
        sa.Column("started_at", moment, nullable=False),
        sa.Column("ended_at", moment, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_segment"),
    )
    op.create_index("ix_segment_agent_id_started_at", "segment", ["agent_id", "started_at"])
    op.create_index("ix_segment_contact_id", "segment", ["contact_id"])
    op.create_table(
        "sip_account",
        sa.Column("username", sa.String(), nullable=False),
        sa.Column("ha1_md5", sa.String(), nullable=False),
        sa.Column("ha1_sha256", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("username", name="pk_sip_account"),
    )
    op.create_table(
        "sip_binding",
        sa.Column("aor", sa.String(), nullable=False),
        sa.Column("contact_uri", sa.String(), nullable=False),
        sa.Column("transport", sa.String(), nullable=False),
        sa.Column("host", sa.String(), nullable=False),
        sa.Column("port", sa.Integer(), nullable=False),
        sa.Column("local_host", sa.String(), nullable=False),
        sa.Column("local_port", sa.Integer(), nullable=False),
        sa.Column("expires_at", moment, nullable=False),
        sa.Column("sip_call_id", sa.String(), nullable=False),
        sa.Column("sequence", sequence_number, nullable=False),
        sa.Column("user_agent", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("aor", "contact_uri", name="pk_sip_binding"),
    )
    op.create_table(
        "customer_number",
        sa.Column("customer_id", sa.String(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("tail", sa.String(), nullable=True),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["customer_id"],
            ["customer.id"],
            name="fk_customer_number_customer_id_customer",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("customer_id", "number", name="pk_customer_number"),
    )
    op.create_index("ix_customer_number_number", "customer_number", ["number"])
    op.create_index("ix_customer_number_tail", "customer_number", ["tail"])


def downgrade() -> None:
    op.drop_table("customer_number")
    op.drop_table("sip_binding")
    op.drop_table("sip_account")
    op.drop_table("segment")
    op.drop_table("recording")
    op.drop_table("leg")
    op.drop_table("interaction")
    op.drop_table("event")
    op.drop_table("customer")
    op.drop_table("contact_customer")
    op.drop_table("contact")
    op.drop_table("call")
    op.drop_table("agent_status")
    op.drop_table("agent_state_period")
    op.drop_table("agent")
