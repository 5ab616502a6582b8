"""Leads, opportunities, campaigns, care; what was promised to customers, and what is at risk."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column("task", sa.Column("kind", sa.String(), nullable=False, server_default="other"))
    for column in (
        sa.Column("spent", sa.Integer(), nullable=True),
        sa.Column("risk_at", _MOMENT, nullable=True),
        sa.Column("at_risk", sa.Boolean(), nullable=False, server_default=sa.false()),
    ):
        op.add_column("ticket_clock", column)
    op.create_index("ix_ticket_clock_risk_at", "ticket_clock", ["risk_at"])
    _leads()
    _opportunities()
    _campaigns()
    _care()
    _promises()


def _leads() -> None:
    op.create_table(
        "lead",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("company", sa.String(), nullable=True),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("number", sa.String(), nullable=True),
        sa.Column("mail", sa.String(), nullable=True),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("interest", sa.String(), nullable=True),
        sa.Column("notes", sa.String(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("state_since", _MOMENT, nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("score", sa.Integer(), nullable=False),
        sa.Column("owner_id", sa.String(), nullable=True),
        sa.Column("team", sa.String(), nullable=True),
        sa.Column("campaign_id", sa.String(), nullable=True),
        sa.Column("contact_id", sa.String(), nullable=True),
        sa.Column("customer_id", sa.String(), nullable=True),
        sa.Column("opportunity_id", sa.String(), nullable=True),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("updated_at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_lead"),
    )
    op.create_index("ix_lead_campaign_id", "lead", ["campaign_id"])
    op.create_index("ix_lead_created_at_id", "lead", ["created_at", "id"])
    op.create_index("ix_lead_customer_id", "lead", ["customer_id"])
    op.create_index("ix_lead_number", "lead", ["number"])
    op.create_index("ix_lead_owner_id_created_at", "lead", ["owner_id", "created_at"])
    op.create_table(
        "lead_rule",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("labels", sa.JSON(), nullable=False),
        sa.Column("conditions", sa.JSON(), nullable=False),
        sa.Column("definition", sa.JSON(), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("updated_at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_lead_rule"),
    )


def _opportunities() -> None:
    op.create_table(
        "sales_pipeline",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("definition", sa.JSON(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("updated_at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_sales_pipeline"),
    )
    op.create_table(
        "opportunity",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("customer_id", sa.String(), nullable=False),
        sa.Column("pipeline_id", sa.String(), nullable=False),
        sa.Column("stage", sa.String(), nullable=False),
        sa.Column("stage_since", _MOMENT, nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("probability", sa.Integer(), nullable=False),
        sa.Column("expected_on", sa.String(), nullable=True),
        sa.Column("owner_id", sa.String(), nullable=True),
        sa.Column("team", sa.String(), nullable=True),
        sa.Column("lost_reason", sa.String(), nullable=True),
        sa.Column("closed_at", _MOMENT, nullable=True),
        sa.Column("lead_id", sa.String(), nullable=True),
        sa.Column("campaign_id", sa.String(), nullable=True),
        sa.Column("notes", sa.String(), nullable=True),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("updated_at", _MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["pipeline_id"], ["sales_pipeline.id"], name="fk_opportunity_pipeline_id_sales_pipeline"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_opportunity"),
    )
    op.create_index("ix_opportunity_campaign_id", "opportunity", ["campaign_id"])
    op.create_index("ix_opportunity_created_at_id", "opportunity", ["created_at", "id"])
    op.create_index(
        "ix_opportunity_customer_id_created_at", "opportunity", ["customer_id", "created_at"]
    )
    op.create_index("ix_opportunity_owner_id_created_at", "opportunity", ["owner_id", "created_at"])
    op.create_index("ix_opportunity_pipeline_id_stage", "opportunity", ["pipeline_id", "stage"])
    op.create_table(
        "opportunity_move",
        sa.Column("opportunity_id", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.Column("stage", sa.String(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("probability", sa.Integer(), nullable=False),
        sa.Column("moved_by", sa.String(), nullable=False),
        sa.Column("note", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["opportunity_id"],
            ["opportunity.id"],
            name="fk_opportunity_move_opportunity_id_opportunity",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("opportunity_id", "position", name="pk_opportunity_move"),
    )


def _campaigns() -> None:
    op.create_table(
        "campaign",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("purpose", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("queue", sa.String(), nullable=False),
        sa.Column("script", sa.JSON(), nullable=False),
        sa.Column("form_id", sa.String(), nullable=True),
        sa.Column("conditions", sa.JSON(), nullable=False),
        sa.Column("responses", sa.JSON(), nullable=False),
        sa.Column("starts_at", _MOMENT, nullable=True),
        sa.Column("ends_at", _MOMENT, nullable=True),
        sa.Column("most_attempts", sa.Integer(), nullable=False),
        sa.Column("retry_after", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("state_since", _MOMENT, nullable=False),
        sa.Column("selected_to", sa.String(), nullable=True),
        sa.Column("selected_at", _MOMENT, nullable=True),
        sa.Column("team", sa.String(), nullable=True),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("updated_at", _MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["form_id"], ["form.id"], name="fk_campaign_form_id_form"),
        sa.PrimaryKeyConstraint("id", name="pk_campaign"),
    )
    op.create_index("ix_campaign_created_at_id", "campaign", ["created_at", "id"])
    op.create_index("ix_campaign_state", "campaign", ["state"])
    op.create_table(
        "campaign_member",
        sa.Column("campaign_id", sa.String(), nullable=False),
        sa.Column("customer_id", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("cause", sa.String(), nullable=True),
        sa.Column("next_at", _MOMENT, nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("agent_id", sa.String(), nullable=True),
        sa.Column("taken_until", _MOMENT, nullable=True),
        sa.Column("response", sa.String(), nullable=True),
        sa.Column("code_id", sa.String(), nullable=True),
        sa.Column("responded_at", _MOMENT, nullable=True),
        sa.Column("added_at", _MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["campaign_id"],
            ["campaign.id"],
            name="fk_campaign_member_campaign_id_campaign",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("campaign_id", "customer_id", name="pk_campaign_member"),
    )
    op.create_index("ix_campaign_member_customer_id", "campaign_member", ["customer_id"])
    op.create_index(
        "ix_campaign_member_due", "campaign_member", ["campaign_id", "state", "next_at"]
    )
    op.create_table(
        "campaign_contact",
        sa.Column("contact_id", sa.String(), nullable=False),
        sa.Column("campaign_id", sa.String(), nullable=False),
        sa.Column("customer_id", sa.String(), nullable=False),
        sa.Column("agent_id", sa.String(), nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["campaign_id"],
            ["campaign.id"],
            name="fk_campaign_contact_campaign_id_campaign",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("contact_id", name="pk_campaign_contact"),
    )
    op.create_index("ix_campaign_contact_campaign_id_at", "campaign_contact", ["campaign_id", "at"])
    op.create_index("ix_campaign_contact_customer_id", "campaign_contact", ["customer_id"])


def _care() -> None:
    op.create_table(
        "care_rule",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("definition", sa.JSON(), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("planned_to", sa.String(), nullable=True),
        sa.Column("planned_behind", sa.String(), nullable=True),
        sa.Column("next_at", _MOMENT, nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("updated_at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_care_rule"),
    )
    op.create_index("ix_care_rule_next_at", "care_rule", ["next_at"])
    op.create_table(
        "care_occasion",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("rule_id", sa.String(), nullable=False),
        sa.Column("customer_id", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.Column("about", sa.String(), nullable=True),
        sa.Column("years", sa.Integer(), nullable=True),
        sa.Column("number", sa.String(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("wake_at", _MOMENT, nullable=True),
        sa.Column("cause", sa.String(), nullable=True),
        sa.Column("task_id", sa.String(), nullable=True),
        sa.Column("feedback", sa.String(), nullable=True),
        sa.Column("rating", sa.Integer(), nullable=True),
        sa.Column("contact_id", sa.String(), nullable=True),
        sa.Column("answered_at", _MOMENT, nullable=True),
        sa.Column("answered_to", sa.String(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("updated_at", _MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["rule_id"], ["care_rule.id"], name="fk_care_occasion_rule_id_care_rule"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_care_occasion"),
        sa.UniqueConstraint(
            "rule_id", "customer_id", "key", name="uq_care_occasion_rule_id_customer_id_key"
        ),
    )
    op.create_index("ix_care_occasion_at_id", "care_occasion", ["at", "id"])
    op.create_index("ix_care_occasion_customer_id_at", "care_occasion", ["customer_id", "at"])
    op.create_index("ix_care_occasion_wake_at", "care_occasion", ["wake_at"])


def _promises() -> None:
    op.create_table(
        "service_promise",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("labels", sa.JSON(), nullable=False),
        sa.Column("tier", sa.String(), nullable=True),
        sa.Column("customer_id", sa.String(), nullable=True),
        sa.Column("terms", sa.JSON(), nullable=False),
        sa.Column("active_from", _MOMENT, nullable=True),
        sa.Column("active_to", _MOMENT, nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("updated_at", _MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customer.id"], name="fk_service_promise_customer_id_customer"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_service_promise"),
    )
    op.create_index("ix_service_promise_customer_id", "service_promise", ["customer_id"])
    op.create_index("ix_service_promise_tier", "service_promise", ["tier"])
    op.create_table(
        "ticket_history",
        sa.Column("type", sa.String(), nullable=False),
        sa.Column("clock", sa.String(), nullable=False),
        sa.Column("drawn_at", _MOMENT, nullable=False),
        sa.Column("next_at", _MOMENT, nullable=False),
        sa.Column("solved", sa.Integer(), nullable=False),
        sa.Column("open", sa.Integer(), nullable=False),
        sa.Column("quantiles", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["type"],
            ["ticket_type.id"],
            name="fk_ticket_history_type_ticket_type",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("type", "clock", name="pk_ticket_history"),
    )
    op.create_index("ix_ticket_history_next_at", "ticket_history", ["next_at"])
