"""Orders: catalogue, rules, orders with lines and moves; slots and reservations."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    _catalogue()
    _orders()
    _reservations()


def _catalogue() -> None:
    op.create_table(
        "product",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("labels", sa.JSON(), nullable=False),
        sa.Column("category", sa.String(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("price", sa.BigInteger(), nullable=False),
        sa.Column("active_from", _MOMENT, nullable=True),
        sa.Column("active_to", _MOMENT, nullable=True),
        *_versioned(),
        sa.PrimaryKeyConstraint("id", name="pk_product"),
    )
    op.create_table(
        "order_rule",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("labels", sa.JSON(), nullable=False),
        sa.Column("definition", sa.JSON(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        *_versioned(),
        sa.PrimaryKeyConstraint("id", name="pk_order_rule"),
    )


def _orders() -> None:
    op.create_table(
        "order",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("customer_id", sa.String(), nullable=True),
        sa.Column("contact_id", sa.String(), nullable=True),
        sa.Column("team", sa.String(), nullable=True),
        sa.Column("taken_by", sa.String(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.Column("fulfilment", sa.String(), nullable=False),
        sa.Column("prefers_pickup", sa.Boolean(), nullable=False),
        sa.Column("address", sa.String(), nullable=True),
        sa.Column("note", sa.String(), nullable=True),
        sa.Column("external_id", sa.String(), nullable=True),
        sa.Column("state_since", _MOMENT, nullable=False),
        *_versioned(),
        sa.PrimaryKeyConstraint("id", name="pk_order"),
        sa.UniqueConstraint("number", name="uq_order_number"),
    )
    op.create_index("ix_order_created_at_id", "order", ["created_at", "id"])
    op.create_index("ix_order_customer_id_created_at", "order", ["customer_id", "created_at"])
    op.create_index("ix_order_state_created_at", "order", ["state", "created_at"])
    op.create_table(
        "order_line",
        sa.Column("order_id", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("product_id", sa.String(), nullable=False),
        sa.Column("labels", sa.JSON(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("price", sa.BigInteger(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        _of_order("order_line"),
        sa.ForeignKeyConstraint(
            ["product_id"], ["product.id"], name="fk_order_line_product_id_product"
        ),
        sa.PrimaryKeyConstraint("order_id", "position", name="pk_order_line"),
    )
    op.create_table(
        "order_move",
        sa.Column("order_id", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("moved_by", sa.String(), nullable=False),
        sa.Column("note", sa.String(), nullable=True),
        sa.Column("message_id", sa.String(), nullable=True),
        _of_order("order_move"),
        sa.PrimaryKeyConstraint("order_id", "position", name="pk_order_move"),
    )
    op.create_index("uq_order_move_message", "order_move", ["order_id", "message_id"], unique=True)


def _reservations() -> None:
    op.create_table(
        "slot",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("resource", sa.String(), nullable=False),
        sa.Column("labels", sa.JSON(), nullable=False),
        sa.Column("starts_at", _MOMENT, nullable=False),
        sa.Column("ends_at", _MOMENT, nullable=False),
        sa.Column("capacity", sa.Integer(), nullable=False),
        sa.Column("taken", sa.Integer(), nullable=False),
        sa.CheckConstraint("taken >= 0 AND taken <= capacity", name="ck_slot_taken"),
        sa.PrimaryKeyConstraint("id", name="pk_slot"),
    )
    op.create_index("ix_slot_resource_starts_at", "slot", ["resource", "starts_at"])
    op.create_table(
        "reservation",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("slot_id", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("places", sa.Integer(), nullable=False),
        sa.Column("customer_id", sa.String(), nullable=True),
        sa.Column("contact_id", sa.String(), nullable=True),
        sa.Column("team", sa.String(), nullable=True),
        sa.Column("taken_by", sa.String(), nullable=False),
        sa.Column("note", sa.String(), nullable=True),
        *_versioned(),
        sa.ForeignKeyConstraint(["slot_id"], ["slot.id"], name="fk_reservation_slot_id_slot"),
        sa.PrimaryKeyConstraint("id", name="pk_reservation"),
    )
    op.create_index("ix_reservation_slot_id", "reservation", ["slot_id"])
    op.create_index(
        "ix_reservation_customer_id_created_at", "reservation", ["customer_id", "created_at"]
    )
    op.create_index("ix_reservation_created_at_id", "reservation", ["created_at", "id"])


def _versioned() -> tuple[sa.Column[Any], ...]:
    return (
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("updated_at", _MOMENT, nullable=False),
    )


def _of_order(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["order_id"], ["order.id"], name=f"fk_{table}_order_id_order", ondelete="CASCADE"
    )
