"""Waits: each stay of a contact in a queue, until somebody spoke with it or it went."""

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from .base import Base, SequenceNumber


class QueueWait(Base, kw_only=True):
    """
    One wait; its id is the number of the event that began it.

    ``since`` counts: a contact that comes from another queue has waited there already. ``outcome``:
    "answered", "abandoned", "overflowed" (to another queue, or outside), "exited", "sent_away" (by
    a rule), "lost" (a fault of ours), or "turned_away" (it was not let in); ``deferred`` ones
    nobody waits for at the line.
    """

    __tablename__ = "queue_wait"

    id: Mapped[int] = mapped_column(SequenceNumber, primary_key=True, autoincrement=False)
    contact_id: Mapped[str]
    queue: Mapped[str]
    joined_at: Mapped[datetime] = mapped_column(index=True)
    since: Mapped[datetime]
    ended_at: Mapped[datetime | None] = mapped_column(default=None, index=True)
    outcome: Mapped[str | None] = mapped_column(default=None)
    wait_seconds: Mapped[float | None] = mapped_column(default=None)
    agent_id: Mapped[str | None] = mapped_column(default=None)
    deferred: Mapped[bool] = mapped_column(default=False)
