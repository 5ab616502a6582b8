"""Running calls: who is in them, and what agents have done to them."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from crm.consents import Purpose

from .resource import Identifier, Resource


class CallTarget(Resource):
    """Where to: exactly one of the three. ``number`` is a telephone number or SIP URI."""

    queue: Identifier | None = None
    agent: Identifier | None = None
    number: Annotated[str, Field(min_length=1, max_length=128)] | None = None

    @model_validator(mode="after")
    def _is_one(self) -> Self:
        if sum(one is not None for one in (self.queue, self.agent, self.number)) != 1:
            raise ValueError("name exactly one of queue, agent and number")
        return self


class QueueToWaitIn(Resource):
    """Where a contact that waits is to wait from now on."""

    queue: Annotated[str, Field(min_length=1, max_length=64)]


class DigitsToSend(Resource):
    digits: Annotated[str, Field(pattern=r"^[0-9*#A-D]{1,32}$")]


class TextToRead(Resource):
    """What the customer hears spoken; in their own language if none is named."""

    text: Annotated[str, Field(min_length=1, max_length=1000)]
    language: Annotated[str, Field(min_length=1, max_length=35)] | None = None


class NoteToKeep(Resource):
    text: Annotated[str, Field(min_length=1, max_length=2000)]


FieldName = Annotated[str, Field(min_length=1, max_length=64)]


class AttributesToKeep(Resource):
    """Fields of a form in progress; those that are not named stay as they are."""

    attributes: Annotated[
        dict[FieldName, Annotated[str, Field(max_length=500)]], Field(min_length=1, max_length=32)
    ]


class CallPartyView(Resource):
    """
    Somebody in a running call.

    ``name`` is the agent's id, or a number. ``state`` is an agent's part in it: "talking",
    "on_hold", "conference", "consulting" …, or "ringing", or "arriving" (picked up, not connected
    yet). ``hears`` are roles and names, or "music", or nothing.
    """

    role: str
    name: str
    state: str | None
    muted: bool
    on_hold: bool
    hears: list[str]


class CallView(Resource):
    """Who is in a call now."""

    contact_id: str
    parties: list[CallPartyView]


class PlaceCall(Resource):
    """
    Whom to call, by number or as a customer of ours (their first telephone), for which queue.

    The agent's phone rings first. The queue says what the customer sees; the purpose is what the
    customer may have declined, then nobody's phone rings (409, CustomerDeclines).
    """

    number: Annotated[str, Field(min_length=1, max_length=64)] | None = None
    customer_id: Identifier | None = None
    queue: Identifier
    purpose: Purpose = "service"

    @model_validator(mode="after")
    def _names_one(self) -> Self:
        if (self.number is None) == (self.customer_id is None):
            raise ValueError("either number or customer_id")
        return self


class PlacedCall(Resource):
    """A call that is on its way; what becomes of it is told on the stream."""

    contact_id: str
    call_id: str
