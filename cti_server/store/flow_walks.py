"""How callers fared in flows: each walk through one, and each stay at a node of it."""

from datetime import datetime

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from .base import Base, SequenceNumber


class FlowWalk(Base, kw_only=True):
    """
    One walk; its id is the number of the event that began it.

    ``end``: "queue" or "transfer" (to a person, as it was the last time it led there), "hang_up"
    (by the flow), "caller" (who hung up within), both with the caller ``served`` or not,
    "voicemail" (however the call ended, once a message was left in a mailbox), or "failed" (a fault
    of ours, or of the flow that led in a ring). None while it goes on.
    ``channel``: by which the customer came; "voice" is heard, all others are read.
    ``seconds``: at its nodes so far, without those in a queue or outside from which it went on.
    """

    __tablename__ = "flow_walk"

    id: Mapped[int] = mapped_column(SequenceNumber, primary_key=True, autoincrement=False)
    contact_id: Mapped[str]
    channel: Mapped[str]
    flow: Mapped[str]
    version: Mapped[int]
    began_at: Mapped[datetime] = mapped_column(index=True)
    left_at: Mapped[datetime | None] = mapped_column(default=None)
    seconds: Mapped[float | None] = mapped_column(default=None)
    end: Mapped[str | None] = mapped_column(default=None)
    served: Mapped[bool] = mapped_column(default=False)


class NodeStay(Base, kw_only=True):
    """
    One stay; its id is the number of the event that the caller came there by.

    ``flow`` and ``version`` are the walk's; ``part``: the flow in which the node is. ``way``: as in
    contact.node_entered, or the ``to`` of contact.flow_left; empty where the call ended there
    (``gone``: the caller hung up). None while it goes on.
    """

    __tablename__ = "node_stay"

    id: Mapped[int] = mapped_column(SequenceNumber, primary_key=True, autoincrement=False)
    flow: Mapped[str]
    version: Mapped[int]
    part: Mapped[str]
    node: Mapped[str]
    entered_at: Mapped[datetime]
    seconds: Mapped[float | None] = mapped_column(default=None)
    way: Mapped[str | None] = mapped_column(default=None)
    gone: Mapped[bool] = mapped_column(default=False)
    asked: Mapped[int] = mapped_column(default=0)
    wrong: Mapped[int] = mapped_column(default=0)
    silent: Mapped[int] = mapped_column(default=0)


Index("ix_node_stay_flow_entered_at", NodeStay.flow, NodeStay.entered_at)
