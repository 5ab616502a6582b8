"""
Who may write to the database: one server at a time, by the number of its turn, the epoch.

The table has one row. Every writing transaction of a server reads its epoch and keeps it from
being changed until the commit (:func:`check`); who takes over changes it, and so waits for the
transactions that are under way, and every later one of the server before is refused. No clock is
in it: that a server is gone is seen by who waits (:mod:`cti_server.lease`), at a ``beat`` that
does not move. Each turn leaves a row of where in the log it began.
"""

from dataclasses import dataclass

from sqlalchemy import Connection, func, insert, select, text, update
from sqlalchemy.orm import Mapped, mapped_column

from .base import Base, SequenceNumber
from .errors import Superseded
from .stored_events import StoredEvent

LEFT_OPEN = 10
"""
Seconds that PostgreSQL leaves a server's writing transaction open in which nothing is asked: one
that is frozen in the middle of it must not keep the next one from taking over.
"""


class Writer(Base, kw_only=True):
    """
    Whose turn it is; nobody's if ``holder`` is empty.

    The epoch is the key because PostgreSQL lets :func:`check` pass beside a change of anything
    else: beats wait for no transaction, and none for them.
    """

    __tablename__ = "writer"

    epoch: Mapped[int] = mapped_column(SequenceNumber, primary_key=True, autoincrement=False)
    holder: Mapped[str]
    folder_id: Mapped[str]
    beat: Mapped[int] = mapped_column(SequenceNumber)


class WriterTurn(Base, kw_only=True):
    """A turn that there was; ``began_after``: the newest event that the database had then."""

    __tablename__ = "writer_turn"

    epoch: Mapped[int] = mapped_column(SequenceNumber, primary_key=True, autoincrement=False)
    holder: Mapped[str]
    folder_id: Mapped[str]
    began_after: Mapped[int] = mapped_column(SequenceNumber)


@dataclass(frozen=True, slots=True)
class Turn:
    """One server's turn as it is seen. ``folder_id`` is of the data folder that it serves."""

    epoch: int
    holder: str  # host and process id, for people
    folder_id: str
    beat: int

    @property
    def over(self) -> bool:
        """Whether it was given back."""
        return not self.holder


_CHECK = {
    "sqlite": text("SELECT epoch FROM writer"),  # whoever writes is alone there
    "postgresql": text(
        "SELECT epoch, set_config('idle_in_transaction_session_timeout', :left_open, true)"
        " FROM writer FOR KEY SHARE"
    ).bindparams(left_open=f"{LEFT_OPEN}s"),
}


def check(connection: Connection, epoch: int) -> None:
    """Go on only if it is still this turn, which it is then until the commit; else Superseded."""
    now = connection.execute(_CHECK[connection.dialect.name]).scalar()
    if now != epoch:
        raise Superseded(epoch, now)


def look(connection: Connection) -> Turn:
    """Whose turn it is, or was."""
    found = connection.execute(
        select(Writer.epoch, Writer.holder, Writer.folder_id, Writer.beat)
    ).one()
    return Turn(*found)


def take(connection: Connection, seen: Turn, holder: str, folder_id: str) -> int | None:
    """
    Begin the turn after the one that was seen; return its epoch.

    None if that one has beaten since, or somebody else was faster.
    """
    taken = connection.execute(
        update(Writer)
        .where(Writer.epoch == seen.epoch, Writer.beat == seen.beat, Writer.holder == seen.holder)
        .values(epoch=seen.epoch + 1, holder=holder, folder_id=folder_id, beat=0)
    )
    if taken.rowcount != 1:
        return None
    # Nobody else can add an event any more: the server before has lost its turn by that update.
    last = connection.execute(select(func.max(StoredEvent.sequence))).scalar() or 0
    connection.execute(
        insert(WriterTurn).values(
            epoch=seen.epoch + 1, holder=holder, folder_id=folder_id, began_after=last
        )
    )
    return seen.epoch + 1


def others_went_on_after(
    connection: Connection, epoch: int, now: int, folder_id: str
) -> int | None:
    """
    The newest event that the database had when another folder's server began after this turn.

    None if none did until the turn that is ``now``.
    """
    query = select(WriterTurn.began_after).where(
        WriterTurn.epoch > epoch, WriterTurn.epoch < now, WriterTurn.folder_id != folder_id
    )
    return connection.execute(query.order_by(WriterTurn.epoch).limit(1)).scalar()


def beat(connection: Connection) -> None:
    """Say that whose turn it is lives, in a transaction that :func:`check` let in."""
    connection.execute(update(Writer).values(beat=Writer.beat + 1))


def give_back(connection: Connection) -> None:
    """End the turn, in a transaction that :func:`check` let in: nobody has to wait."""
    connection.execute(update(Writer).values(holder=""))
