"""Customers under what they can be found by; imports of customers."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _search()
    _imports()


def _search() -> None:
    op.create_table(
        "customer_term",
        sa.Column(
            "term",
            sa.String().with_variant(sa.VARCHAR(collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("customer_id", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("term", "customer_id", name="pk_customer_term"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "customer_terms",
        sa.Column("customer_id", sa.String(), nullable=False),
        sa.Column("team", sa.String(), nullable=True),
        sa.Column("terms", sa.String(), nullable=False),
        sa.Column("keys", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["customer_id"],
            ["customer.id"],
            name="fk_customer_terms_customer_id_customer",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("customer_id", name="pk_customer_terms"),
    )
    op.create_table(
        "customer_index_due",
        sa.Column("customer_id", sa.String(), nullable=False),
        sa.Column("gone", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("customer_id", name="pk_customer_index_due"),
    )
    op.create_index(
        "ix_customer_index_due_gone",
        "customer_index_due",
        ["customer_id"],
        sqlite_where=sa.text("gone IS 1"),
        postgresql_where=sa.text("gone IS true"),
    )


def _imports() -> None:
    op.create_table(
        "customer_import",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("filename", sa.String(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("columns", sa.JSON(), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("created", sa.Integer(), nullable=False),
        sa.Column("updated", sa.Integer(), nullable=False),
        sa.Column("refused", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_customer_import"),
    )
    op.create_index("ix_customer_import_created_at_id", "customer_import", ["created_at", "id"])
