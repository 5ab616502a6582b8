"""Tickets with their types, calendars and clocks; field repairs; tasks."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "number_series",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("last", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_number_series"),
    )
    op.create_table(
        "team_turn",
        sa.Column("team", sa.String(), nullable=False),
        sa.Column("agent_id", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("team", name="pk_team_turn"),
    )
    op.create_table(
        "ticket_reason",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("parent_id", sa.String(), nullable=True),
        sa.Column("labels", sa.JSON(), nullable=False),
        sa.Column("types", sa.JSON(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", moment, nullable=False),
        sa.Column("updated_at", moment, nullable=False),
        sa.ForeignKeyConstraint(
            ["parent_id"], ["ticket_reason.id"], name="fk_ticket_reason_parent_id_ticket_reason"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_ticket_reason"),
    )
    op.create_index("ix_ticket_reason_parent_id", "ticket_reason", ["parent_id"], unique=False)
    op.create_table(
        "working_calendar",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("definition", sa.JSON(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", moment, nullable=False),
        sa.Column("updated_at", moment, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_working_calendar"),
    )
    op.create_table(
        "ticket_type",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("calendar_id", sa.String(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("definition", sa.JSON(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", moment, nullable=False),
        sa.Column("updated_at", moment, nullable=False),
        sa.ForeignKeyConstraint(
            ["calendar_id"],
            ["working_calendar.id"],
            name="fk_ticket_type_calendar_id_working_calendar",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_ticket_type"),
    )
    op.create_table(
        "ticket",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("serial", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("type", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("state_since", moment, nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("description", sa.String(), nullable=True),
        sa.Column("form", sa.JSON(), nullable=False),
        sa.Column("priority", sa.String(), nullable=False),
        sa.Column("risk", sa.Boolean(), nullable=False),
        sa.Column("risk_note", sa.String(), nullable=True),
        sa.Column("customer_id", sa.String(), nullable=True),
        sa.Column("contact_id", sa.String(), nullable=True),
        sa.Column("queue", sa.String(), nullable=True),
        sa.Column("owner_id", sa.String(), nullable=True),
        sa.Column("team", sa.String(), nullable=True),
        sa.Column("reason_id", sa.String(), nullable=True),
        sa.Column("cause_id", sa.String(), nullable=True),
        sa.Column("resolution", sa.String(), nullable=True),
        sa.Column("week", sa.String(), nullable=False),
        sa.Column("opened_at", moment, nullable=False),
        sa.Column("opened_by", sa.String(), nullable=False),
        sa.Column("responded_at", moment, nullable=True),
        sa.Column("resolved_at", moment, nullable=True),
        sa.Column("closed_at", moment, nullable=True),
        sa.Column("reopened", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", moment, nullable=False),
        sa.Column("updated_at", moment, nullable=False),
        sa.ForeignKeyConstraint(
            ["cause_id"], ["ticket_reason.id"], name="fk_ticket_cause_id_ticket_reason"
        ),
        sa.ForeignKeyConstraint(
            ["reason_id"], ["ticket_reason.id"], name="fk_ticket_reason_id_ticket_reason"
        ),
        sa.ForeignKeyConstraint(["type"], ["ticket_type.id"], name="fk_ticket_type_ticket_type"),
        sa.PrimaryKeyConstraint("id", name="pk_ticket"),
        sa.UniqueConstraint("number", name="uq_ticket_number"),
        sa.UniqueConstraint("serial", name="uq_ticket_serial"),
    )
    op.create_index(
        "ix_ticket_customer_id_opened_at", "ticket", ["customer_id", "opened_at"], unique=False
    )
    op.create_index("ix_ticket_opened_at_id", "ticket", ["opened_at", "id"], unique=False)
    op.create_index(
        "ix_ticket_owner_id_opened_at", "ticket", ["owner_id", "opened_at"], unique=False
    )
    op.create_index("ix_ticket_queue_opened_at", "ticket", ["queue", "opened_at"], unique=False)
    op.create_index("ix_ticket_team_opened_at", "ticket", ["team", "opened_at"], unique=False)
    op.create_index("ix_ticket_type_opened_at", "ticket", ["type", "opened_at"], unique=False)
    op.create_index("ix_ticket_week", "ticket", ["week"], unique=False)
    op.create_table(
        "task",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("notes", sa.String(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("assignee_id", sa.String(), nullable=True),
        sa.Column("team", sa.String(), nullable=True),
        sa.Column("role", sa.String(), nullable=True),
        sa.Column("customer_id", sa.String(), nullable=True),
        sa.Column("ticket_id", sa.String(), nullable=True),
        sa.Column("step", sa.String(), nullable=True),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("starts_at", moment, nullable=True),
        sa.Column("due_at", moment, nullable=True),
        sa.Column("remind_at", moment, nullable=True),
        sa.Column("escalate_at", moment, nullable=True),
        sa.Column("wake_at", moment, nullable=True),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.Column("ended_at", moment, nullable=True),
        sa.Column("ended_by", sa.String(), nullable=True),
        sa.Column("outcome", sa.String(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", moment, nullable=False),
        sa.Column("updated_at", moment, nullable=False),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["ticket.id"], name="fk_task_ticket_id_ticket", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_task"),
        sa.UniqueConstraint("ticket_id", "step", "round", name="uq_task_ticket_id_step_round"),
    )
    op.create_index("ix_task_assignee_id_due_at", "task", ["assignee_id", "due_at"], unique=False)
    op.create_index("ix_task_created_at_id", "task", ["created_at", "id"], unique=False)
    op.create_index("ix_task_customer_id_created_at", "task", ["customer_id", "created_at"])
    op.create_index("ix_task_due_at_id", "task", ["due_at", "id"], unique=False)
    op.create_index("ix_task_wake_at", "task", ["wake_at"], unique=False)
    op.create_table(
        "ticket_call_back",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("ticket_id", sa.String(), nullable=False),
        sa.Column("at", moment, nullable=False),
        sa.Column("called_by", sa.String(), nullable=False),
        sa.Column("reached", sa.Boolean(), nullable=False),
        sa.Column("satisfied", sa.Boolean(), nullable=True),
        sa.Column("contact_id", sa.String(), nullable=True),
        sa.Column("note", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["ticket_id"],
            ["ticket.id"],
            name="fk_ticket_call_back_ticket_id_ticket",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_ticket_call_back"),
    )
    op.create_index(
        "ix_ticket_call_back_ticket_id", "ticket_call_back", ["ticket_id"], unique=False
    )
    op.create_table(
        "ticket_clock",
        sa.Column("ticket_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("calendar_id", sa.String(), nullable=False),
        sa.Column("target", sa.Integer(), nullable=False),
        sa.Column("due_at", moment, nullable=True),
        sa.Column("met_at", moment, nullable=True),
        sa.Column("breached", sa.Boolean(), nullable=False),
        sa.Column("wake_at", moment, nullable=True),
        sa.ForeignKeyConstraint(
            ["calendar_id"],
            ["working_calendar.id"],
            name="fk_ticket_clock_calendar_id_working_calendar",
        ),
        sa.ForeignKeyConstraint(
            ["ticket_id"],
            ["ticket.id"],
            name="fk_ticket_clock_ticket_id_ticket",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("ticket_id", "kind", name="pk_ticket_clock"),
    )
    op.create_index("ix_ticket_clock_due_at", "ticket_clock", ["due_at"], unique=False)
    op.create_index("ix_ticket_clock_wake_at", "ticket_clock", ["wake_at"], unique=False)
    op.create_table(
        "ticket_comment",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("ticket_id", sa.String(), nullable=False),
        sa.Column("at", moment, nullable=False),
        sa.Column("written_by", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("to_customer", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["ticket_id"],
            ["ticket.id"],
            name="fk_ticket_comment_ticket_id_ticket",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_ticket_comment"),
    )
    op.create_index(
        "ix_ticket_comment_ticket_id_at", "ticket_comment", ["ticket_id", "at"], unique=False
    )
    op.create_table(
        "ticket_contact",
        sa.Column("ticket_id", sa.String(), nullable=False),
        sa.Column("contact_id", sa.String(), nullable=False),
        sa.Column("linked_at", moment, nullable=False),
        sa.ForeignKeyConstraint(
            ["ticket_id"],
            ["ticket.id"],
            name="fk_ticket_contact_ticket_id_ticket",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("ticket_id", "contact_id", name="pk_ticket_contact"),
    )
    op.create_index("ix_ticket_contact_contact_id", "ticket_contact", ["contact_id"], unique=False)
    op.create_table(
        "ticket_escalation",
        sa.Column("ticket_id", sa.String(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("clock", sa.String(), nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("due_at", moment, nullable=False),
        sa.Column("at", moment, nullable=False),
        sa.Column("told", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["ticket_id"],
            ["ticket.id"],
            name="fk_ticket_escalation_ticket_id_ticket",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("ticket_id", "round", "clock", "step", name="pk_ticket_escalation"),
    )
    op.create_table(
        "ticket_move",
        sa.Column("ticket_id", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("at", moment, nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("moved_by", sa.String(), nullable=False),
        sa.Column("note", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["ticket.id"], name="fk_ticket_move_ticket_id_ticket", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("ticket_id", "position", name="pk_ticket_move"),
    )
    op.create_table(
        "work_order",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("ticket_id", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("instructions", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=True),
        sa.Column("crew", sa.String(), nullable=True),
        sa.Column("not_before", moment, nullable=True),
        sa.Column("not_after", moment, nullable=True),
        sa.Column("ordered_by", sa.String(), nullable=False),
        sa.Column("reported_at", moment, nullable=True),
        sa.Column("ended_at", moment, nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", moment, nullable=False),
        sa.Column("updated_at", moment, nullable=False),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["ticket.id"], name="fk_work_order_ticket_id_ticket", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_work_order"),
        sa.UniqueConstraint("number", name="uq_work_order_number"),
    )
    op.create_index(
        "ix_work_order_state_created_at", "work_order", ["state", "created_at"], unique=False
    )
    op.create_index("ix_work_order_ticket_id", "work_order", ["ticket_id"], unique=False)
    op.create_table(
        "work_order_report",
        sa.Column("work_order_id", sa.String(), nullable=False),
        sa.Column("message_id", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("at", moment, nullable=False),
        sa.Column("received_at", moment, nullable=False),
        sa.Column("reported_by", sa.String(), nullable=False),
        sa.Column("note", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["work_order_id"],
            ["work_order.id"],
            name="fk_work_order_report_work_order_id_work_order",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("work_order_id", "message_id", name="pk_work_order_report"),
    )
