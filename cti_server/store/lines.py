"""What is kept of the trunks' lines beside calls: our own calls' use of them, and refusals."""

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from .base import Base, SequenceNumber


class LineUse(Base, kw_only=True):
    """
    A line of a trunk that a call of ours occupied; a call that came in does so itself.

    The id is the number of the event that took it. One that a dead server held was freed by the
    next :class:`ServerStart`, and has no ``freed_at``.
    """

    __tablename__ = "line_use"

    id: Mapped[int] = mapped_column(SequenceNumber, primary_key=True, autoincrement=False)
    trunk: Mapped[str]
    taken_at: Mapped[datetime] = mapped_column(index=True)
    freed_at: Mapped[datetime | None] = mapped_column(default=None)
    answered: Mapped[bool] = mapped_column(default=False)


class CallRefusal(Base, kw_only=True):
    """Calls of a trunk (or phone) that got a 503 within a second; ``id``: of their event."""

    __tablename__ = "call_refusal"

    id: Mapped[int] = mapped_column(SequenceNumber, primary_key=True, autoincrement=False)
    trunk: Mapped[str]
    cause: Mapped[str]
    calls: Mapped[int]
    refused_at: Mapped[datetime] = mapped_column(index=True)


class ServerStart(Base, kw_only=True):
    """When a server began to take calls; ``id``: of the event that says so."""

    __tablename__ = "server_start"

    id: Mapped[int] = mapped_column(SequenceNumber, primary_key=True, autoincrement=False)
    started_at: Mapped[datetime] = mapped_column(index=True)
