"""What customers are asked once those who served them are gone (SV-01)."""

from typing import Final

from cti_server.wire.events import SurveyStarted
from ivr.flow import Flow
from ivr.walk import Walk

from . import termination
from .around import Around, about
from .contact import Contact
from .conversation import Conversation
from .exchange import Exchange
from .handling import Handling
from .leg import Leg
from .menu import Menu
from .messages import Messages
from .termination import Termination

_NOT_OVER: Final = (termination.CALLER_HUNG_UP, termination.CALL_BACK_PROMISED)
"""Nobody is left to be asked, or it is too early to."""


class Survey:
    """The questions to one customer, about one conversation."""

    def __init__(
        self, exchange: Exchange, contact: Contact, customer: Leg, served: Handling, flow: Flow
    ) -> None:
        self._exchange = exchange
        self._contact = contact
        self._customer = customer
        self._served = served
        self._flow = flow

    @classmethod
    def after(
        cls, exchange: Exchange, contact: Contact, conversation: Conversation, why: Termination
    ) -> "Survey | None":
        """
        Of the last conversation in a queue that has one; None where nothing is to be asked.

        Nobody evades it by handing the customer on: to a queue without a survey, to one that takes
        nobody, or to a number outside.
        """
        customer = conversation.customer
        if why.result != "ok" or why in _NOT_OVER or contact.call_back is not None:
            return None
        if customer.over.is_set():
            return None
        for served in reversed(conversation.served):
            flow = exchange.survey(served.queue.survey or "")
            if flow is not None:
                return cls(exchange, contact, customer, served, flow)
        return None

    def begin(self, messages: Messages) -> Menu:
        """The customer's walk through the flow."""
        exchange, contact = self._exchange, self._contact
        exchange.append(
            SurveyStarted(contact_id=contact.id, flow=self._flow.name, **about(self._served))
        )
        self._customer.take_digits()  # what was pressed in the conversation is no answer
        return Menu(
            Walk(self._flow, contact.numbers, contact.language),
            self._customer,
            exchange.prompts,
            Around(exchange, contact, messages, self._served),
            contact_id=contact.id,
            append=exchange.append,
        )
