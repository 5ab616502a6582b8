"""Who may come in, and what they did: users, second factors, sessions, API keys, audit trail."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_MOMENT = sa.DateTime(timezone=True)
_NEVER = "the audit trail is only ever added to"


def upgrade() -> None:
    _users()
    _sessions()
    _keys()
    _audit()


def _users() -> None:
    op.add_column(
        "agent", sa.Column("enabled", sa.Boolean(), nullable=False, server_default=sa.true())
    )
    op.add_column(
        "agent",
        sa.Column("password_is_temporary", sa.Boolean(), nullable=False, server_default=sa.false()),
    )
    op.add_column("agent", sa.Column("version", sa.Integer(), nullable=False, server_default="1"))
    op.create_table(
        "second_factor",
        sa.Column("agent_id", sa.String(), nullable=False),
        sa.Column("sealed_secret", sa.String(), nullable=False),
        sa.Column("enrolled_at", _MOMENT, nullable=False),
        sa.Column("confirmed_at", _MOMENT, nullable=True),
        sa.Column("last_step", _NUMBER, nullable=False),
        sa.Column("recovery_hashes", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["agent_id"], ["agent.id"], name="fk_second_factor_agent_id_agent", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("agent_id", name="pk_second_factor"),
    )


def _sessions() -> None:
    op.create_table(
        "session",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("agent_id", sa.String(), nullable=False),
        sa.Column("method", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("client", sa.String(), nullable=False),
        sa.Column("opened_at", _MOMENT, nullable=False),
        sa.Column("expires_at", _MOMENT, nullable=False),
        sa.Column("closed_at", _MOMENT, nullable=True),
        sa.Column("closed_by", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_session"),
    )
    op.create_index("ix_session_agent_id_expires_at", "session", ["agent_id", "expires_at"])


def _keys() -> None:
    op.create_table(
        "api_key",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("secret_hash", sa.String(), nullable=False),
        sa.Column("scopes", sa.JSON(), nullable=False),
        sa.Column("team", sa.String(), nullable=True),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("expires_at", _MOMENT, nullable=False),
        sa.Column("revoked_at", _MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_api_key"),
    )
    op.create_table(
        "api_key_use",
        sa.Column("key_id", sa.String(), nullable=False),
        sa.Column("last_used_at", _MOMENT, nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("key_id", name="pk_api_key_use"),
    )


def _audit() -> None:
    op.create_table(
        "audit_entry",
        sa.Column("sequence", _NUMBER, autoincrement=False, nullable=False),
        sa.Column("event_sequence", _NUMBER, nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("record", sa.String(), nullable=False),
        sa.Column("record_id", sa.String(), nullable=False),
        sa.Column("details", sa.String(), nullable=False),
        sa.Column("previous_hash", sa.String(), nullable=False),
        sa.Column("hash", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("sequence", name="pk_audit_entry"),
        sa.UniqueConstraint("event_sequence", name="uq_audit_entry_event_sequence"),
    )
    op.create_index("ix_audit_entry_at", "audit_entry", ["at"])
    op.create_index("ix_audit_entry_actor_sequence", "audit_entry", ["actor", "sequence"])
    op.create_index(
        "ix_audit_entry_record_record_id_sequence",
        "audit_entry",
        ["record", "record_id", "sequence"],
    )
    for statement in _guards(op.get_bind().dialect.name):
        op.execute(statement)


def _guards(dialect: str) -> list[str]:
    """What makes the database itself refuse an UPDATE or DELETE of an entry."""
    if dialect == "sqlite":
        return [
            f"CREATE TRIGGER audit_entry_no_{verb.lower()} BEFORE {verb} ON audit_entry "
            f"BEGIN SELECT RAISE(ABORT, '{_NEVER}'); END"
            for verb in ("UPDATE", "DELETE")
        ]
    return [
        "CREATE FUNCTION audit_entry_is_kept() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{_NEVER}'; END $$",
        "CREATE TRIGGER audit_entry_is_kept BEFORE UPDATE OR DELETE ON audit_entry "
        "FOR EACH ROW EXECUTE FUNCTION audit_entry_is_kept()",
    ]
