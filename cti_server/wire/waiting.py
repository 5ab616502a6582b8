"""
Who waits in which queue: over REST, on the stream, and what supervisors do to them.

A stream whose hello says ``waiting`` (needs ``floor.read``) gets :class:`WaitingShown` after the
snapshot, then :class:`WaitingChanged` at most once a second. None of it is an event, and none of it
is kept: who comes back gets all of it anew. It is as the router has it at the moment, and so may be
ahead of the records and of the deltas.
"""

from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec
from pydantic import Field, model_validator

from .resource import Identifier, Resource
from .wait_estimates import WaitQuantiles

MOST_MOVED = 500
"""Contacts that one request can move by their ids."""


class WaitingCustomer(Resource):
    """Whose contact it is, as far as the number says."""

    id: str
    name: str
    tier: str


class WaitingContactView(Resource):
    """
    One contact that waits in a queue, or for which an agent is rung.

    Who sees a team's customers only is not told the number (it is masked) and the customer of
    others, nor of contacts for which an agent of another team is rung.
    """

    contact_id: str
    channel: str = Field(description='"voice", "callback", "chat", "sms", "email", "fax" …')
    queue: str
    purpose: Literal["serve", "consult"] = Field(
        description="consult: an agent has it already, and waits for somebody's advice."
    )
    place: int | None = Field(description="In the queue, from 1; null while an agent is rung.")
    waiting_since: datetime = Field(
        description="The first moment, which it keeps from queue to queue."
    )
    priority: int = Field(description="-100 to 100; each step is worth some waiting.")
    number: str = Field(
        description="The customer's number or address; empty where none is known, masked for who "
        "may not read contacts."
    )
    match: Literal["one", "several", "none", "unavailable"] = Field(
        description="How many customers have the number; unavailable: not known (yet)."
    )
    customer: WaitingCustomer | None = Field(description="Where it is one.")
    language: str | None = Field(description="That the customer hears or chose.")
    needs: list[str] = Field(
        description='What is asked of agents at this moment: "english>=5", "fr>=3 or it>=3".'
    )
    kept_for: str | None = Field(description="The only agent to be offered it for now.")
    offered_to: str | None = Field(description="The agent who is rung.")
    offered_until: datetime | None = Field(description="When that offer expires.")
    expected_wait: WaitQuantiles | None = Field(
        description="From now on, in seconds; null while an agent is rung or nothing is known. "
        "On the stream as of some seconds ago."
    )


class QueueWaitingView(Resource):
    """
    Who waits in a queue now: those for whom an agent is rung, then by place.

    ``waiting`` and ``offered`` count all of them, ``contacts`` are the first.
    """

    queue: str
    waiting: int
    offered: int
    contacts: list[WaitingContactView]


class WaitingShown(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", tag="waiting"):
    """
    ``queues``: of each queue by its name, ``waiting``, ``offered`` and ``contacts`` as in
    :class:`QueueWaitingView`, the contacts (the first fifty) by their ids: sort them by place,
    those without one before.
    """

    queues: dict[str, dict[str, Any]]


class WaitingChanged(
    msgspec.Struct, frozen=True, kw_only=True, tag_field="type", tag="waiting.changed"
):
    """``patch`` is a JSON merge patch (RFC 7396) to ``queues``; null: waits there no more."""

    patch: dict[str, Any]


class ContactsToMove(Resource):
    """
    Which contacts of a queue are to wait in another one (``to``), each from its own first moment:
    those named in ``contact_ids``, or ``all`` that wait there.
    """

    to: Annotated[str, Field(min_length=1, max_length=64)]
    contact_ids: Annotated[list[Identifier], Field(max_length=MOST_MOVED)] = Field(default=[])
    all: bool = False

    @model_validator(mode="after")
    def _some_or_all(self) -> "ContactsToMove":
        if self.all == bool(self.contact_ids):
            raise ValueError("contact_ids: name some, or say all")
        return self


class MovedContact(Resource):
    """
    What became of one; ``problem`` says why it was not moved, as a refusal's ``type``: "NotThere"
    (it does not wait in that queue, or not any more), "NotMovable" (a call-back, or a question to
    an adviser) …; ``detail`` in words.
    """

    contact_id: str
    moved: bool
    problem: str | None = None
    detail: str | None = None


class ContactsMoved(Resource):
    """``moved``: how many were, of those in ``contacts``, in their order."""

    moved: int
    contacts: list[MovedContact]
