"""The warehouse's staging: a customer dimension, and facts from every event of the log."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0017"
branch_labels = None
depends_on = None

_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "dw_progress",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("position", _NUMBER, nullable=False),
        sa.Column("loaded_at", _MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("name", name="pk_dw_progress"),
    )
    _customers()
    _contacts()
    _facts()


def _customers() -> None:
    op.create_table(
        "dw_customer",
        sa.Column("key", _NUMBER, autoincrement=False, nullable=False),
        sa.Column("member", _NUMBER, nullable=False),
        sa.Column("survivor", _NUMBER, nullable=False),
        sa.Column("customer_id", sa.String(), nullable=False),
        sa.Column("sequence", _NUMBER, nullable=False),
        sa.Column("valid_from", _MOMENT, nullable=False),
        sa.Column("valid_to", _MOMENT, nullable=True),
        sa.Column("record_version", sa.Integer(), nullable=True),
        sa.Column("kind", sa.String(), nullable=True),
        sa.Column("tier", sa.String(), nullable=True),
        sa.Column("language", sa.String(), nullable=True),
        sa.Column("team", sa.String(), nullable=True),
        sa.Column("merged_into", sa.String(), nullable=True),
        sa.Column("erased", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_dw_customer"),
    )
    current = sa.text("valid_to IS NULL")
    op.create_index(
        "uq_dw_customer_current",
        "dw_customer",
        ["customer_id"],
        unique=True,
        sqlite_where=current,
        postgresql_where=current,
    )
    for column in ("member", "survivor", "merged_into"):
        op.create_index(f"ix_dw_customer_{column}", "dw_customer", [column])


def _contacts() -> None:
    op.create_table(
        "dw_contact",
        sa.Column("contact_id", sa.String(), nullable=False),
        sa.Column("customer_key", _NUMBER, nullable=True),
        sa.Column("first_sequence", _NUMBER, nullable=False),
        sa.Column("last_sequence", _NUMBER, nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("direction", sa.String(), nullable=False),
        sa.Column("arrived_at", _MOMENT, nullable=False),
        sa.Column("flow", sa.String(), nullable=True),
        sa.Column("queue", sa.String(), nullable=True),
        sa.Column("queued_at", _MOMENT, nullable=True),
        sa.Column("offers", sa.Integer(), nullable=False),
        sa.Column("agent_id", sa.String(), nullable=True),
        sa.Column("connected_at", _MOMENT, nullable=True),
        sa.Column("ended_at", _MOMENT, nullable=True),
        sa.Column("wait_seconds", sa.Double(), nullable=True),
        sa.Column("outcome", sa.String(), nullable=True),
        sa.Column("reason", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("contact_id", name="pk_dw_contact"),
    )
    for column in ("customer_key", "arrived_at"):
        op.create_index(f"ix_dw_contact_{column}", "dw_contact", [column])


def _facts() -> None:
    _fact("dw_event", "name", "details", maybe="record record_id action contact_id agent_id queue")
    op.create_index("ix_dw_event_name_at", "dw_event", ["name", "at"])
    _fact(
        "dw_promotion",
        "kind",
        "outcome",
        sa.Column("rating", sa.Integer(), nullable=True),
        maybe="channel purpose campaign_id contact_id response",
    )
    _fact(
        "dw_order",
        "order_id",
        "action",
        sa.Column("total", sa.BigInteger(), nullable=True),
        maybe="state contact_id taken_by currency fulfilment",
    )
    _fact(
        "dw_ticket",
        "ticket_id",
        "action",
        maybe="type state priority contact_id queue owner_id reason_id cause_id",
    )
    _fact(
        "dw_disposition",
        "interaction_id",
        "action",
        maybe="contact_id agent_id queue code_id",
    )
    for table, column in (
        ("dw_order", "order_id"),
        ("dw_ticket", "ticket_id"),
        ("dw_disposition", "interaction_id"),
    ):
        op.create_index(f"ix_{table}_{column}", table, [column])


def _fact(table: str, *always: str | sa.Column[int], maybe: str) -> None:
    """``always`` and ``maybe`` are names of texts, or columns."""
    op.create_table(
        table,
        sa.Column("sequence", _NUMBER, autoincrement=False, nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.Column("customer_key", _NUMBER, nullable=True),
        *[
            sa.Column(each, sa.String(), nullable=False) if isinstance(each, str) else each
            for each in always
        ],
        *[sa.Column(name, sa.String(), nullable=True) for name in maybe.split()],
        sa.PrimaryKeyConstraint("sequence", name=f"pk_{table}"),
    )
    op.create_index(f"ix_{table}_customer_key", table, ["customer_key"])
