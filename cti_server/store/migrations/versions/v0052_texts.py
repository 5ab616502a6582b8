"""Texts (SMS): what came in, the services that are under way by them, and who wants none."""

from datetime import datetime

import sqlalchemy as sa
from alembic import op

revision = "0052"
down_revision = "0051"
branch_labels = None
depends_on = None


def _moment(name: str, *, nullable: bool = False) -> sa.Column[datetime]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _text(name: str, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.String(), nullable=nullable)


def upgrade() -> None:
    op.create_table(
        "sms_message",
        *(_text(name) for name in ("id", "gateway", "gateway_id", "number", "our_number", "text")),
        *(_moment(name) for name in ("received_at", "due_at")),
        _text("state"),
        sa.Column("attempts", sa.Integer(), nullable=False),
        _moment("seen_to_at", nullable=True),
        *(_text(name, nullable=True) for name in ("contact_id", "customer_id")),
        sa.PrimaryKeyConstraint("id", name="pk_sms_message"),
        sa.UniqueConstraint("gateway", "gateway_id", name="uq_sms_message_gateway_gateway_id"),
    )
    for columns in (
        ["state", "due_at"],
        ["number", "received_at"],
        ["contact_id"],
        ["customer_id"],
    ):
        op.create_index(f"ix_sms_message_{'_'.join(columns)}", "sms_message", columns)
    op.create_table(
        "sms_session",
        *(_text(name) for name in ("contact_id", "gateway", "number", "our_number")),
        *(_text(name) for name in ("service", "language")),
        sa.Column("flow_version", sa.Integer(), nullable=True),
        _moment("began_at"),
        sa.Column("steps", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("contact_id", name="pk_sms_session"),
    )
    op.create_table(
        "sms_sender",
        _text("digest"),
        *(_moment(name, nullable=True) for name in ("stopped_at", "told_at")),
        sa.PrimaryKeyConstraint("digest", name="pk_sms_sender"),
    )
