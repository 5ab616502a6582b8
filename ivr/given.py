"""How things stand outside a flow on a journey: what the centre, asked by the flow, would say."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BeforeValidator, Field, model_validator

from .inquiries import (
    Alert,
    Alerted,
    Answered,
    AskSystem,
    CalendarSays,
    CallBackPromised,
    Enquiry,
    FaxRefusal,
    FaxRefused,
    FaxRequested,
    FirstRow,
    Inquiry,
    LookAtCalendar,
    LookUp,
    OpenTicket,
    PromiseCallBack,
    Rate,
    Rated,
    Recognise,
    Recognised,
    Refused,
    Reply,
    RequestFax,
    TicketOpened,
    Unanswered,
    revealed,
)
from .messages import (
    DropMessage,
    KeepMessage,
    MessageDropped,
    MessageKept,
    MessagePlayed,
    NotRecorded,
    PlayMessage,
    Record,
)
from .prompts import Section

T = TypeVar("T")
E = TypeVar("E", bound="_Elsewhere")
A_MESSAGE = "message"
"""The id of a message that a caller leaves on a journey."""


def several(value: Any) -> Any:
    return value if isinstance(value, list) else [value]


class NotGiven(Exception):
    """The flow asks for what the journey does not say."""


class _Elsewhere(Section):
    """What another system says; with what it must be ``asked``, if that is told."""

    failed: bool = False
    asked: Mapping[str, str] | None = None

    @model_validator(mode="before")
    @classmethod
    def _a_word_may_stand_alone(cls, value: Any) -> Any:
        return {value: True} if isinstance(value, str) else value

    def check(self, inquiry: Enquiry) -> None:
        """Raises NotGiven."""
        if self.asked is not None and (given := revealed(inquiry.values)) != self.asked:
            told = ", ".join(f"{name}: {value}" for name, value in sorted(given.items()))
            raise NotGiven(f"'{inquiry.asked}' is asked with {{{told}}}")

    @model_validator(mode="after")
    def _one_end(self) -> "_Elsewhere":
        ends = self.model_dump(exclude={"asked"})
        if sum(end not in (None, False) for end in ends.values()) != 1:
            raise ValueError(f"give one of {', '.join(map(repr, sorted(ends)))}")
        return self


class SystemGiven(_Elsewhere):
    """An answer, or ``refused`` or ``failed``."""

    answer: Mapping[str, Any] | None = None
    refused: bool = False

    def reply(self) -> Answered | Refused | Unanswered:
        if self.answer is not None:
            return Answered(self.answer)
        return Refused() if self.refused else Unanswered("given as failed")


class RowGiven(_Elsewhere):
    """The first row, or ``none`` or ``failed``."""

    row: Mapping[str, str | int | float | bool] | None = None
    none: bool = False

    def reply(self) -> FirstRow | Unanswered:
        return Unanswered("given as failed") if self.failed else FirstRow(self.row)


class FaxGiven(Section):
    """
    The document's ``title``, or why it was ``refused``; a bare text is the title.

    With which ``number`` it must be asked for, if that is told.
    """

    title: str | None = None
    refused: FaxRefusal | None = None
    number: str | None = None

    @model_validator(mode="before")
    @classmethod
    def _title_may_stand_alone(cls, value: Any) -> Any:
        return {"title": value} if isinstance(value, str) else value

    @model_validator(mode="after")
    def _one_end(self) -> "FaxGiven":
        if (self.title is None) is (self.refused is None):
            raise ValueError("give one of 'title', 'refused'")
        return self

    def reply(self, inquiry: RequestFax) -> FaxRequested | FaxRefused:
        """Raises NotGiven."""
        if self.number not in (None, inquiry.number):
            told = inquiry.number or "the caller's own number"
            raise NotGiven(f"the fax '{inquiry.document}' is asked for at {told}")
        return FaxRefused(self.refused) if self.refused else FaxRequested(self.title or "")


SomeSystems = Annotated[Sequence[SystemGiven], BeforeValidator(several), Field(min_length=1)]
SomeRows = Annotated[Sequence[RowGiven], BeforeValidator(several), Field(min_length=1)]
SomeFaxes = Annotated[Sequence[FaxGiven], BeforeValidator(several), Field(min_length=1)]


class Given(Section):
    """How things stand outside the flow."""

    variables: Mapping[str, str] = {}  # see :data:`ivr.model.VARIABLES`
    calendars: Mapping[str, bool] = {}  # whether each is open
    customer: Mapping[str, str | int | float | bool] | None = None  # None: nobody known
    call_back: bool | None = None  # whether one can be promised
    requests: Mapping[str, SomeSystems] = {}  # by connector.operation, one for each time
    look_ups: Mapping[str, SomeRows] = {}  # by name, one for each time
    tickets: Mapping[str, str | Literal[False]] = {}  # by type: the number, false: not opened
    faxes: Mapping[str, SomeFaxes] = {}  # by the document's code, one for each time
    disk_full: bool = False  # nothing can be recorded

    def reply(self, inquiry: Inquiry, before: Sequence[Inquiry] = ()) -> Reply:
        """What the centre would say; ``before``: what was asked already. Raises NotGiven."""
        match inquiry:
            case LookAtCalendar(calendar):
                if calendar not in self.calendars:
                    raise NotGiven(f"given.calendars does not say whether '{calendar}' is open")
                return CalendarSays(self.calendars[calendar])
            case Recognise():
                return Recognised(self.customer)
            case PromiseCallBack():
                if self.call_back is None:
                    raise NotGiven("given.call_back does not say whether one can be promised")
                return CallBackPromised(self.call_back)
            case OpenTicket(type):
                if type not in self.tickets:
                    raise NotGiven(f"given.tickets does not say which number a '{type}' gets")
                return TicketOpened(self.tickets[type] or None)
            case AskSystem():
                return _elsewhere(self.requests, "requests", inquiry, before).reply()
            case LookUp():
                return _elsewhere(self.look_ups, "look_ups", inquiry, before).reply()
            case RequestFax(document):
                times = sum(isinstance(o, RequestFax) and o.document == document for o in before)
                return _next(self.faxes, "faxes", document, times).reply(inquiry)
            case Rate(rating=rating):
                return Rated(rating)
            case Alert():
                return Alerted()
            case Record() if self.disk_full:
                return NotRecorded("failed")
            case Record():
                raise NotGiven("the flow records: give 'records' or 'says_nothing' here")
            case PlayMessage():
                return MessagePlayed()
            case KeepMessage():
                return MessageKept(A_MESSAGE)
            case DropMessage(then):
                return MessageDropped(then)


def _elsewhere(
    given: Mapping[str, Sequence[E]], where: str, inquiry: Enquiry, before: Sequence[Inquiry]
) -> E:
    """What is given for this time, asked as it says. Raises NotGiven."""
    times = sum(isinstance(one, Enquiry) and one.asked == inquiry.asked for one in before)
    found = _next(given, where, inquiry.asked, times)
    found.check(inquiry)
    return found


def _next(given: Mapping[str, Sequence[T]], where: str, asked: str, times: int) -> T:
    """What is given after so many times. Raises NotGiven."""
    some = given.get(asked, ())
    if times >= len(some):
        number = f"{times + 1}. time" if some else "first time"
        raise NotGiven(f"given.{where} does not say what '{asked}' says the {number}")
    return some[times]
