"""Recordings are found by numbers, agents, queues and times in their order, and by noted words."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import msgspec
import sqlalchemy as sa
from alembic import op

from crm.words import words

revision = "0043"
down_revision = "0042"
branch_labels = None
depends_on = None

_BY_BYTES = sa.String().with_variant(sa.VARCHAR(collation="C"), "postgresql")
_LED_BY = ("agent_id", "queue", "caller_number", "dialled_number", "last_digits")
_AT_ONCE = 500  # notes
_MOST_WORDS, _LONGEST_WORD = 200, 32


def upgrade() -> None:
    _recordings()
    _note_words()


def _recordings() -> None:
    last_digits = sa.Column("last_digits", _BY_BYTES, nullable=False, server_default="")
    op.add_column("recording", last_digits)
    last = "right(caller_number, 4)"
    if op.get_bind().dialect.name == "postgresql":
        for number in ("caller_number", "dialled_number"):
            op.alter_column("recording", number, type_=_BY_BYTES, existing_nullable=False)
    else:
        last = "substr(caller_number, -4)"
    op.execute(sa.text(f"UPDATE recording SET last_digits = {last}"))  # noqa: S608 - of ours
    for column in _LED_BY:
        op.create_index(f"ix_recording_{column}_started_at", "recording", [column, "started_at"])


def _note_words() -> None:
    table = op.create_table(
        "note_word",
        sa.Column("word", _BY_BYTES, nullable=False),
        sa.Column("contact_id", sa.String(), nullable=False),
        sa.Column("source_id", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("word", "contact_id", "source_id", name="pk_note_word"),
    )
    op.create_index("ix_note_word_contact_id", "note_word", ["contact_id"])
    connection = op.get_bind()
    for some in _noted(connection):
        if rows := [row for note in some for row in _rows(*note)]:
            connection.execute(sa.insert(table), rows)


def _noted(connection: sa.Connection) -> Iterator[list[tuple[str, str, str, datetime]]]:
    """Texts, with their contact, source and moment: of dispositions, and of the log."""
    disposition = sa.table(
        "disposition",
        *(sa.column(name) for name in ("id", "contact_id", "note")),
        sa.column("created_at", sa.DateTime(timezone=True)),
    )
    told = disposition.c
    last = ""
    while True:
        query = sa.select(told.note, told.contact_id, told.id, told.created_at)
        query = query.where(told.note.is_not(None), told.id > last).order_by(told.id)
        rows = [tuple(row) for row in connection.execute(query.limit(_AT_ONCE))]
        if not rows:
            break
        yield rows
        last = rows[-1][2]
    event = sa.table(
        "event",
        *(sa.column(name) for name in ("sequence", "name", "contact_id", "payload")),
        sa.column("at", sa.DateTime(timezone=True)),
    )
    query = sa.select(event.c.payload, event.c.contact_id, event.c.sequence, event.c.at)
    query = query.where(event.c.name == "contact.noted").order_by(event.c.sequence)
    for row in connection.execute(query).all():
        text = msgspec.json.decode(row[0]).get("text")
        if isinstance(text, str):
            yield [(text, row[1], str(row[2]), row[3])]


def _rows(text: str, contact_id: str, source_id: str, at: datetime) -> list[dict[str, Any]]:
    found = dict.fromkeys(word[:_LONGEST_WORD] for word in words(text))
    about = {"contact_id": contact_id, "source_id": source_id, "at": at}
    return [{"word": word, **about} for word in list(found)[:_MOST_WORDS]]
