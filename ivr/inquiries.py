"""
What a walk asks of the centre, beside the caller, and what it is told.

Of each kind there is the question, which names the node that it came from, and its reply.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from pydantic import SecretStr

from .messages import MessageInquiry, MessageReply
from .texts import Prompt, Value

Given = Mapping[str, str | SecretStr]
"""What another system is asked with: texts; those with a secret in them show nothing."""


@dataclass(frozen=True, slots=True)
class LookAtCalendar:
    """Find out whether this calendar is open; answer :class:`CalendarSays`."""

    calendar: str
    node: str = field(default="", kw_only=True)


@dataclass(frozen=True, slots=True)
class CalendarSays:
    """Whether the calendar is open at this moment."""

    is_open: bool


@dataclass(frozen=True, slots=True)
class Recognise:
    """Find out who calls, within the look-up's budget; answer :class:`Recognised`."""

    node: str = field(default="", kw_only=True)


@dataclass(frozen=True, slots=True)
class Recognised:
    """
    Who calls, as far as the records say: the values that :data:`ivr.nodes.WhoCalls` names.

    None if it is nobody, or several people, or the records were not to be had in time.
    """

    customer: Mapping[str, Value] | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class PromiseCallBack:
    """
    Have the caller called back; answer :class:`CallBackPromised`.

    Who has waited keeps the place with all that belongs to it: first moment, priority and skills;
    ``priority`` and ``requirements`` are of who has not.
    """

    queue: str
    number: str | None = field(default=None, repr=False)  # None: that they call from
    priority: int = 0
    requirements: Mapping[str, int] = field(default_factory=dict)
    node: str = field(default="", kw_only=True)


@dataclass(frozen=True, slots=True)
class CallBackPromised:
    """Whether somebody will call: not where there is no such number, or none that we may dial."""

    is_promised: bool


@dataclass(frozen=True, slots=True)
class AskSystem:
    """
    Have another system do or say something; answer :class:`Answered`, :class:`Refused` or
    :class:`Unanswered`, within so many seconds. The caller hears the ``prompts`` meanwhile.
    """

    connector: str
    operation: str
    values: Given = field(repr=False)
    within: float
    prompts: tuple[Prompt, ...] = ()
    node: str = field(default="", kw_only=True)

    @property
    def asked(self) -> str:
        return f"{self.connector}.{self.operation}"


@dataclass(frozen=True, slots=True)
class LookUp:
    """
    Look something up in another system's database; answer :class:`FirstRow` or
    :class:`Unanswered`, within so many seconds. The caller hears the ``prompts`` meanwhile.
    """

    look_up: str
    values: Given = field(repr=False)
    within: float
    prompts: tuple[Prompt, ...] = ()
    node: str = field(default="", kw_only=True)

    @property
    def asked(self) -> str:
        return self.look_up


@dataclass(frozen=True, slots=True)
class Answered:
    """What the system said, as JSON has it."""

    answer: Mapping[str, Any] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Refused:
    """The system understood, and will not or knows of none: a wrong PIN, no such account."""


@dataclass(frozen=True, slots=True)
class FirstRow:
    """The first that was found, by its columns; None where there is none."""

    row: Mapping[str, Any] | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class Unanswered:
    """Nothing came in time, or nothing of use. ``reason`` is for whoever runs the centre."""

    reason: str


@dataclass(frozen=True, slots=True)
class Rate:
    """Keep what the caller says of the service, from 1 to ``best``; answer :class:`Rated`."""

    question: str
    rating: int
    best: int
    node: str = field(default="", kw_only=True)


@dataclass(frozen=True, slots=True)
class Rated:
    """It is kept."""

    rating: int


@dataclass(frozen=True, slots=True)
class Alert:
    """Have a supervisor look at this; answer :class:`Alerted`. What there is not is empty."""

    kind: str
    message_id: str = ""  # what the caller said of it
    ticket_number: str = ""
    node: str = field(default="", kw_only=True)


@dataclass(frozen=True, slots=True)
class Alerted:
    """The supervisors are told."""


def revealed(given: Given) -> dict[str, str]:
    """For the one who is asked, and for nobody else."""
    return {
        name: value.get_secret_value() if isinstance(value, SecretStr) else value
        for name, value in given.items()
    }


@dataclass(frozen=True, slots=True)
class OpenTicket:
    """
    Open a ticket of this type for the caller; answer :class:`TicketOpened`.

    ``fields`` are as texts; ``customer`` is whose it is, or who calls, as far as that is known;
    ``recording`` what the caller said of it.
    """

    type: str
    subject: str = field(repr=False)
    description: str = field(default="", repr=False)
    fields: Mapping[str, str] = field(default_factory=dict, repr=False)
    priority: str = "normal"
    queue: str | None = None
    customer: str | None = None
    recording: str | None = None
    node: str = field(default="", kw_only=True)


@dataclass(frozen=True, slots=True)
class TicketOpened:
    """The ticket's number, as people say it; None where it was not opened in time."""

    number: str | None


@dataclass(frozen=True, slots=True)
class RequestFax:
    """
    Have this document faxed; answer :class:`FaxRequested` or :class:`FaxRefused`.

    The same document for the same number twice in a call is one fax.
    """

    document: str  # its code
    number: str | None = field(default=None, repr=False)  # None: that they call from
    values: Mapping[str, str] = field(default_factory=dict, repr=False)  # for its template
    node: str = field(default="", kw_only=True)


@dataclass(frozen=True, slots=True)
class FaxRequested:
    """It will be sent, whatever becomes of the call: the document's title, for the caller."""

    title: str


FaxRefusal = Literal["unknown", "bad_number", "failed"]


@dataclass(frozen=True, slots=True)
class FaxRefused:
    """No such document; no number, or none that may be dialled; or it is not kept in time."""

    reason: FaxRefusal


Enquiry = AskSystem | LookUp
"""What takes its time: another system may be slow."""

Inquiry = (
    LookAtCalendar
    | Recognise
    | PromiseCallBack
    | OpenTicket
    | RequestFax
    | AskSystem
    | LookUp
    | Rate
    | Alert
    | MessageInquiry
)
Reply = (
    CalendarSays
    | Recognised
    | CallBackPromised
    | TicketOpened
    | FaxRequested
    | FaxRefused
    | Answered
    | Refused
    | FirstRow
    | Unanswered
    | Rated
    | Alerted
    | MessageReply
)
