"""Reaching a customer: their phone is rung for a queue until they answer or are given up."""

import asyncio
from collections.abc import Callable

import structlog

from acd.model import Offer
from config.floor import QueueSettings
from crm.call_backs import AttemptOutcome
from crm.numbers import mask
from cti_server.media.plane import MediaUnavailable
from cti_server.sip.errors import SipError
from cti_server.wire.events import CallPlaced, CustomerNotReached, CustomerRinging

from . import termination
from .call import Call
from .call_backs import CallBacks
from .leg import Leg
from .open_call_back import OpenCallBack
from .phones import Invitation
from .termination import Termination

log = structlog.get_logger()

AGENT_LEFT = "agent-left"
NOT_MET = "not-met"
"""The customer picked up, and hung up before an agent was there."""

_BY_STATUS = {
    404: "unknown-number",
    410: "unknown-number",
    480: "unavailable",
    484: "unknown-number",
    486: "busy",
    600: "busy",
    603: "declined",
    604: "unknown-number",
}
"""What a SIP status says of a telephone (RFC 3398 §8.2.6.1), for the agent."""

_OUTCOMES: dict[str, AttemptOutcome] = {
    "busy": "busy",
    "no-answer": "no_answer",
    "declined": "declined",
    AGENT_LEFT: "agent_left",
    NOT_MET: "not_met",
    termination.ALL_TRUNKS_BUSY.reason: "cut",
    termination.CALLED_OFF.reason: "cut",
}
"""What it is for a call-back; whatever the server itself failed in is "cut", too."""


class Reaching:
    """One attempt to reach the customer of a call, perhaps to call them back."""

    def __init__(
        self,
        call: Call,
        number: str,
        queue: QueueSettings,
        call_backs: CallBacks,
        call_back: OpenCallBack | None,
    ) -> None:
        self._call = call
        self._exchange = call.exchange
        self._call_backs = call_backs
        self._call_back = call_back
        self._names: dict[str, str] | None = None  # of the agent, once the customer is dialled
        self._told = False
        self.number = number
        self.queue = queue

    @property
    def _customer(self) -> Leg:
        return self._call.caller

    def place(self, agent_id: str, offer: Offer | None = None) -> None:
        """
        Log the call; the customer's wait counts from its first moment.

        ``offer``: the ACD's, that began it.
        """
        contact, call_back = self._call.contact, self._call_back
        contact.queued_at = call_back.queued_at if call_back is not None else None
        log.info(
            "call.placed",
            call_id=self._call.id,
            contact_id=contact.id,
            agent_id=agent_id,
            customer_number=mask(self.number),
        )
        self._exchange.append(
            CallPlaced(
                call_id=self._call.id,
                contact_id=contact.id,
                customer_number=self.number,
                shown_number=contact.dialled_number,
                queue=self.queue.name,
                masked=contact.masked,
                call_back_of=call_back.id if call_back is not None else None,
                queued_at=contact.queued_at,
                interaction_id=offer.id if offer is not None else None,
            )
        )

    async def dial(
        self,
        names: dict[str, str],
        *,
        like: Leg,
        on_early_media: Callable[[], None] = lambda: None,
    ) -> None:
        """
        Have the customer's phone ring, and tell the agent of these ``names`` when it does.

        ``like``: whose codec is offered first. Whatever fails ends the customer's leg.
        """
        customer, told = self._customer, set[bool]()

        def rang() -> None:
            early_media = customer.early_media
            if early_media in told:
                return  # phones and proxies say it again and again
            told.add(early_media)
            if early_media:
                on_early_media()
            self._exchange.append(CustomerRinging(**names, early_media=early_media))

        customer.on_rang = rang
        self._names = names
        if self._call_back is not None:
            self._call_backs.dialled(self._call_back)
        invitation = Invitation(
            caller_number="",
            codec=like.codec,
            contact_id=self._call.contact.id,
            queue=self.queue.name,
            comfort_noise=like.comfort_noise,
        )
        try:
            await self._call.legs.ring(
                customer, self._exchange.phones.at(self.number), invitation, role="customer"
            )
        except MediaUnavailable:
            customer.let_go(termination.MEDIA_UNAVAILABLE)
        except SipError:
            customer.let_go(termination.UNREACHABLE)

    async def answered_or(self, other: asyncio.Event) -> None:
        """Wait for whatever comes first, for as long as a customer is rung at most."""
        waits = [
            asyncio.create_task(self._customer.settled()),
            asyncio.create_task(other.wait()),
        ]
        try:
            await asyncio.wait(
                waits,
                timeout=self.queue.customer_ring_for.total_seconds(),
                return_when=asyncio.FIRST_COMPLETED,
            )
        finally:
            for wait in waits:
                wait.cancel()

    def given_up(self) -> Termination:
        """Nobody waits for the customer any longer: why the call ends without them."""
        if not self._customer.over.is_set():
            self._customer.let_go(termination.NOT_ANSWERED)
        return self._customer.termination or termination.NOT_ANSWERED

    def failed(self, cause: str | None = None) -> None:
        """The customer was not spoken with: tell the agent why, and count the attempt; once."""
        if self._names is None or self._told:
            return
        self._told = True
        cause = cause or cause_of(self._customer)
        self._exchange.append(
            CustomerNotReached(**self._names, cause=cause, status=self._customer.status)
        )
        if self._call_back is not None:
            agent_id = self._names["agent_id"]
            self._call_backs.not_reached(self._call_back, self._outcome(cause), agent_id)

    def over(self) -> None:
        """The call is over: a call-back that nobody was reached by is free for others."""
        self._customer.on_rang = None
        if (one := self._call_back) is None:
            return
        if self._call_backs.is_open(one):
            self.failed(NOT_MET)
        self._exchange.floor.withdraw(self._call.contact.id)
        self._call_backs.let_go(one, self._call.contact.id)

    def _outcome(self, cause: str) -> AttemptOutcome:
        why = self._customer.termination
        if why is not None and why.result == "server_error":
            return "cut"
        return _OUTCOMES.get(cause, "unreachable")


def cause_of(customer: Leg) -> str:
    """Why the customer was not reached, in one word."""
    if customer.status in _BY_STATUS:
        return _BY_STATUS[customer.status]
    reason = (customer.termination or termination.RELEASED).reason
    return "no-answer" if reason == termination.NOT_ANSWERED.reason else reason
