"""
What an agent does to a call, said on the desktop's stream: the verbs of REST, in one message each.

Each is answered by :class:`.phone.Done` or :class:`.phone.Refused`, :class:`Dial` by
:class:`.phone.Placed`; what becomes of it is told by the events ``interaction.state_changed``,
``consult.ended``, ``transfer.failed``, ``customer.not_reached`` and the others.
"""

from typing import Annotated, Literal

import msgspec

from crm.consents import Purpose

from .calls import MOST_ROWS, check_read_out
from .phone import Keys, LongText, Said, Text

Rows = Annotated[list[Annotated[int, msgspec.Meta(ge=0)]], msgspec.Meta(max_length=MOST_ROWS)]


class Dial(Said, frozen=True, tag="dial"):
    """
    Call somebody by number, or a customer of ours, on behalf of a queue.

    Of a customer it is the first telephone, or the one at ``number_position``.
    One's own phone rings first. ``purpose``: what the customer may have declined.
    """

    queue: Text
    number: Text | None = None
    customer_id: Text | None = None
    number_position: Annotated[int, msgspec.Meta(ge=0, le=100)] | None = None
    purpose: Purpose = "service"

    def __post_init__(self) -> None:
        if (self.number is None) == (self.customer_id is None):
            raise ValueError("either number or customer_id")
        if self.number_position is not None and self.customer_id is None:
            raise ValueError("number_position: goes with customer_id alone")


class _Verb(Said, frozen=True):
    contact_id: Text


class Hold(_Verb, frozen=True, tag="hold"):
    """Off: take the others back."""

    on: bool


class Mute(_Verb, frozen=True, tag="mute"):
    on: bool


class SendDigits(_Verb, frozen=True, tag="digits"):
    """To the customer, and to experts outside."""

    digits: Keys


class _Towards(_Verb, frozen=True):
    """``target`` is an agent's id, a queue's name, or a telephone number or SIP URI."""

    to: Literal["agent", "queue", "number"]
    target: Text


class Transfer(_Towards, frozen=True, tag="transfer"):
    """Without a word."""


class Consult(_Towards, frozen=True, tag="consult"):
    """While the customer hears music."""


class Complete(_Verb, frozen=True, tag="complete"):
    """Leave the customer to who was asked."""


class Swap(_Verb, frozen=True, tag="swap"):
    """Between the adviser and the customer."""


class Conference(_Verb, frozen=True, tag="conference"):
    """Everybody hears everybody."""


class Return(_Verb, frozen=True, tag="return"):
    """To the customer, without who was asked."""


class Release(_Verb, frozen=True, tag="release"):
    """Leave the call, or decline it while it rings."""


class ReadOut(_Verb, frozen=True, tag="read_out"):
    """
    Have a text, or rows of a query's result, spoken to the customer, over the conversation.

    See :class:`.calls.WantedReadOut`.
    """

    text: LongText | None = None
    result_id: Text | None = None
    rows: Rows = msgspec.field(default_factory=list)
    language: Text | None = None
    side_tone: bool = True
    afterwards: Text | None = None

    def __post_init__(self) -> None:
        check_read_out(self.text, self.result_id, self.rows)


class StopReadOut(_Verb, frozen=True, tag="stop_read_out"):
    """Say no more of it."""


class Record(_Verb, frozen=True, tag="record"):
    """The conversation from now on, or no more of it, where the rules leave it to people."""

    on: bool


class MaskRecording(_Verb, frozen=True, tag="mask_recording"):
    """Silence stands in recordings for what is said from now on."""

    reason: Annotated[str, msgspec.Meta(pattern=r"^[a-z][a-z0-9_]{0,31}$")]


class UnmaskRecording(_Verb, frozen=True, tag="unmask_recording"):
    """What is said from now on is recorded again."""


class Listen(_Verb, frozen=True, tag="listen"):
    """
    As a supervisor, hear the call on one's own phone; again, to be heard by others than before.

    ``agent_id``: beside which agent, where the call has several.
    """

    mode: Literal["monitor", "whisper", "barge"]
    agent_id: Text | None = None


class StopListening(_Verb, frozen=True, tag="stop_listening"):
    """The others go on."""


class TakeOver(_Verb, frozen=True, tag="take_over"):
    """The customer is the supervisor's from now on, and the agent is free."""


CallVerb = (
    Hold
    | Mute
    | SendDigits
    | Transfer
    | Consult
    | Complete
    | Swap
    | Conference
    | Return
    | Release
    | ReadOut
    | StopReadOut
    | Record
    | MaskRecording
    | UnmaskRecording
    | Listen
    | StopListening
    | TakeOver
)
