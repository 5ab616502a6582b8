"""Customers who are to be called back."""

from datetime import datetime

from .base import BaseEvent


class CallBackWanted(BaseEvent, frozen=True, kw_only=True, tag="call_back.wanted"):
    """
    A caller lost their place in a queue by no fault of theirs, and is to be called back.

    ``contact_id`` is the lost contact's, and the call-back's own id. ``queued_at`` is the moment
    that counted for the place; ``reason`` is that of the call's end.
    """

    contact_id: str
    number: str
    queue: str
    queued_at: datetime
    reason: str


class CallBackDialled(BaseEvent, frozen=True, kw_only=True, tag="call_back.dialled"):
    """An agent is calling back; ``new_contact_id`` is the contact of that call."""

    contact_id: str
    new_contact_id: str
    dialled_by: str


class CallBackClosed(BaseEvent, frozen=True, kw_only=True, tag="call_back.closed"):
    """It needs no further call: ``outcome`` is "reached" or "removed"."""

    contact_id: str
    outcome: str
    closed_by: str


AnyCallBackEvent = CallBackWanted | CallBackDialled | CallBackClosed
