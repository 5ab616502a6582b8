"""What a flow may ask about while a customer walks through it, on the phone or in writing."""

from typing import Any, Protocol

from crm.pop import Pop
from cti_server.speech_recognition.recogniser import Heard, Utterance
from cti_server.wire.events import AlertRaised, ContactRated
from ivr.inquiries import (
    Alert,
    Alerted,
    AskSystem,
    CalendarSays,
    CallBackPromised,
    Inquiry,
    LookAtCalendar,
    LookUp,
    OpenTicket,
    PromiseCallBack,
    Rate,
    Rated,
    Recognise,
    Recognised,
    Reply,
    RequestFax,
    TicketOpened,
)
from ivr.messages import (
    DropMessage,
    KeepMessage,
    MessageInquiry,
    MessageReply,
    PlayMessage,
    Record,
)
from ivr.vocabulary import Vocabulary

from .contact import Contact
from .exchange import Exchange
from .handling import Handling
from .opened_ticket import number_of_new
from .promised_call_back import promise
from .requested_fax import requested


class Messages(Protocol):
    """What a customer leaves: :class:`.messages.Messages`, where they can be heard."""

    async def reply(self, wish: MessageInquiry) -> MessageReply: ...


class Around:
    """The centre as one contact sees it."""

    def __init__(
        self,
        exchange: Exchange,
        contact: Contact,
        messages: Messages,
        served: Handling | None = None,
    ) -> None:
        """``served``: the conversation that a survey asks about."""
        self._exchange = exchange
        self._contact = contact
        self._messages = messages
        self._served = served

    async def reply(self, inquiry: Inquiry, ticket_id: str | None = None) -> Reply:
        """
        Each kind in its own time, which is bounded.

        ``ticket_id``: of the one that this may open, where the same may be asked again.
        """
        match inquiry:
            case LookAtCalendar(calendar):
                return CalendarSays(self._is_open(calendar))
            case Recognise():
                return recognised(await self._contact.customer())
            case PromiseCallBack():
                return CallBackPromised(await promise(self._exchange, self._contact, inquiry))
            case AskSystem():
                return await self._exchange.other_systems.ask(inquiry)
            case LookUp():
                return await self._exchange.other_systems.look_up(inquiry)
            case OpenTicket():
                number = await number_of_new(self._exchange, self._contact, inquiry, ticket_id)
                return TicketOpened(number)
            case RequestFax():
                return await requested(self._exchange, self._contact, inquiry)
            case Record() | PlayMessage() | KeepMessage() | DropMessage():
                return await self._messages.reply(inquiry)
            case Rate(question, rating, best):
                self._exchange.append(
                    ContactRated(**self._about, question=question, rating=rating, best=best)
                )
                return Rated(rating)
            case Alert(kind, message_id, ticket_number):
                self._exchange.append(
                    AlertRaised(
                        **self._about,
                        alert_id=self._exchange.new_id(),
                        kind=kind,
                        recording_id=message_id or None,
                        ticket_number=ticket_number or None,
                    )
                )
                return Alerted()

    @property
    def _about(self) -> dict[str, Any]:
        contact = {"contact_id": self._contact.id}
        return contact if self._served is None else contact | about(self._served)

    async def understood(self, utterance: Utterance, vocabulary: Vocabulary) -> Heard | None:
        return await self._exchange.recogniser.hear(utterance, vocabulary)

    def _is_open(self, calendar: str) -> bool:
        """A calendar of which nothing is known is open: better a call too many than none."""
        return self._exchange.is_open(calendar, self._exchange.clock.now())


def about(served: Handling) -> dict[str, Any]:
    """The conversation, as events of a survey name it."""
    return {
        "interaction_id": served.interaction_id,
        "about_agent": served.agent_id,
        "queue": served.queue.name,
    }


def recognised(pop: Pop) -> Recognised:
    """As the values of :data:`ivr.nodes.CUSTOMER`."""
    if pop.match != "one":
        return Recognised()
    [customer] = pop.customers
    return Recognised(
        {
            "customer_id": customer.id,
            "customer_kind": customer.kind,
            "customer_name": customer.name,
            "customer_tier": customer.tier,
            "customer_language": customer.language or "",
            "customer_tickets": len(pop.open_tickets),
        }
    )
