"""Running calls: who is in them, and what agents have done to them."""

from collections.abc import Sequence
from typing import Annotated, Final, Self

from pydantic import Field, model_validator

from crm.consents import Purpose

from .resource import Identifier, Resource

MOST_ROWS: Final = 10
"""Of a query's result that are read to a customer in one go; nobody listens to more."""


def check_read_out(text: str | None, result_id: str | None, rows: Sequence[int]) -> None:
    """Raises ValueError where it is not one or the other."""
    if (text is None) == (result_id is None):
        raise ValueError("either text or result_id")
    if (result_id is None) == bool(rows):
        raise ValueError("rows: of a result at least one, and of a text none")


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


class WantedReadOut(Resource):
    """
    What the customer hears spoken: a ``text``, or ``rows`` (the first is 0) of a query's result.

    In their own language if none is named. ``side_tone``: whether the agent hears it, too.
    ``afterwards``: the flow that the customer is led into if the agent leaves while it is read;
    else they are asked how it was, where the queue does that, or hear goodbye.
    """

    text: Annotated[str, Field(min_length=1, max_length=1000)] | None = None
    result_id: Identifier | None = None
    rows: Annotated[list[Annotated[int, Field(ge=0)]], Field(max_length=MOST_ROWS)] = Field(
        default=[]
    )
    language: Annotated[str, Field(min_length=1, max_length=35)] | None = None
    side_tone: bool = True
    afterwards: Annotated[str, Field(min_length=1, max_length=64)] | None = None

    @model_validator(mode="after")
    def _either(self) -> Self:
        check_read_out(self.text, self.result_id, self.rows)
        return self


class MaskToSet(Resource):
    """Why recordings are silent for a while, ``card_number`` for instance."""

    reason: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,31}$")]


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
    """Who is in a call now, and whether it is being recorded: "off", "on" or "masked"."""

    contact_id: str
    parties: list[CallPartyView]
    recording: str


class PlaceCall(Resource):
    """
    Whom to call, by number or as a customer of ours, for which queue.

    Of a customer it is the first telephone, or the one at ``number_position`` (as in the customer's
    ``numbers``): so one can be dialled that the agent does not see.
    The agent's phone rings first. The queue says what the customer sees; the purpose is what the
    customer may have declined, then nobody's phone rings (409, CustomerDeclines).
    """

    number: Annotated[str, Field(min_length=1, max_length=64)] | None = None
    customer_id: Identifier | None = None
    number_position: Annotated[int, Field(ge=0, le=100)] | None = None
    queue: Identifier
    purpose: Purpose = "service"

    @model_validator(mode="after")
    def _names_one(self) -> Self:
        if (self.number is None) == (self.customer_id is None):
            raise ValueError("either number or customer_id")
        if self.number_position is not None and self.customer_id is None:
            raise ValueError("number_position: goes with customer_id alone")
        return self


class PlacedCall(Resource):
    """A call that is on its way; what becomes of it is told on the stream."""

    contact_id: str
    call_id: str
