"""What the reports of months add up: quarters of an hour, lines, indexes by when things ended."""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "line_use",
        sa.Column("id", _NUMBER, autoincrement=False, nullable=False),
        sa.Column("trunk", sa.String(), nullable=False),
        sa.Column("taken_at", _MOMENT, nullable=False),
        sa.Column("freed_at", _MOMENT, nullable=True),
        sa.Column("answered", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_line_use"),
    )
    op.create_table(
        "call_refusal",
        sa.Column("id", _NUMBER, autoincrement=False, nullable=False),
        sa.Column("trunk", sa.String(), nullable=False),
        sa.Column("cause", sa.String(), nullable=False),
        sa.Column("calls", sa.Integer(), nullable=False),
        sa.Column("refused_at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_call_refusal"),
    )
    op.create_table(
        "server_start",
        sa.Column("id", _NUMBER, autoincrement=False, nullable=False),
        sa.Column("started_at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_server_start"),
    )
    _quarters()
    for table, columns in (
        ("line_use", ["taken_at"]),
        ("call_refusal", ["refused_at"]),
        ("server_start", ["started_at"]),
        ("interaction", ["offered_at"]),
        ("interaction", ["wrap_up_ended_at"]),
        ("call", ["ended_at"]),
        ("contact", ["ended_at"]),
        ("disposition", ["created_at", "code_id", "queue", "agent_id"]),
    ):
        op.create_index(f"ix_{table}_{'_'.join(columns)}", table, columns)


def _quarters() -> None:
    _quarter("counted_quarter")
    _quarter(
        "agent_quarter",
        "agent_id",
        lengths=("ready_ms", "not_ready_ms", "ringing_ms", "talking_ms", "wrap_up_ms"),
    )
    _quarter("absence_quarter", "agent_id", "reason", times=("times",), lengths=("not_ready_ms",))
    _quarter(
        "handling_quarter",
        *("agent_id", "queue", "channel"),
        times=(
            *("presented", "accepted", "missed", "declined", "unreachable", "withdrawn"),
            *("taken_over", "handled", "transferred"),
        ),
        lengths=("talk_ms", "hold_ms", "wrap_ms"),
    )
    _quarter(
        "wait_quarter",
        "queue",
        times=(
            *("offered", "overflowed", "exited", "lost", "turned_away"),
            *("deferred_offered", "deferred_answered"),
        ),
        lists=("answered", "abandoned"),
    )
    _quarter(
        "line_quarter",
        *("kind", "name"),
        times=(
            *("arrived", "answered", "refused", "unavailable", "turned_away"),
            *("placed", "placed_answered", "peak"),
        ),
        lengths=("busy_ms",),
    )
    _quarter(
        "contact_quarter",
        *("kind", "name"),
        times=(
            *("contacts", "inbound", "outbound", "connected", "handled", "self_served"),
            *("abandoned", "transferred", "turned_away", "call_back", "not_reached"),
            *("withdrawn", "failed", "transfers"),
        ),
    )


def _quarter(
    table: str,
    *names: str,
    times: tuple[str, ...] = (),
    lengths: tuple[str, ...] = (),
    lists: tuple[str, ...] = (),
) -> None:
    op.create_table(
        table,
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        *(sa.Column(name, sa.String(), nullable=False) for name in names),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in times),
        *(sa.Column(name, sa.BigInteger(), nullable=False) for name in lengths),
        *(sa.Column(name, sa.JSON(), nullable=False) for name in lists),
        sa.PrimaryKeyConstraint("number", *names, name=f"pk_{table}"),
    )
