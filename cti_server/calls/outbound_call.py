"""
An agent calls a customer: the agent's phone rings first, then the customer's.

The agent hears what the customer's network lets them hear (early media), else our ringing. They
are an interaction from the moment the customer answers; before that the agent may give up.
"""

import asyncio

import structlog

from acd.model import ContactId, WaitingContact
from crm.numbers import mask
from cti_server.media.plane import MediaUnavailable
from cti_server.sip.errors import SipError
from cti_server.wire.events import CallPlaced, CustomerNotReached, CustomerRinging
from ivr.actions import Enqueue

from . import termination
from .agent_search import AgentSearch
from .call import Call
from .call_backs import CallBacks, Claim
from .conversation import Member
from .errors import NotReached
from .handling import Handling
from .leg import Leg
from .phones import Invitation
from .talk import Role
from .termination import Over, Termination

log = structlog.get_logger()

AGENT_LEFT = "agent-left"
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


class OutboundCall:
    """The purpose of a call that an agent places, perhaps to call somebody back."""

    def __init__(
        self,
        call: Call,
        *,
        agent_id: str,
        number: str,
        queue: str,
        call_backs: CallBacks,
        claim: Claim | None = None,
    ) -> None:
        self._exchange = call.exchange
        self._agent_id = agent_id
        self._number = number
        self._queue = call.exchange.queues[queue]
        self._call_backs = call_backs
        self._claim = claim
        self._search = AgentSearch(call.exchange, call.contact, call.caller, call.legs)
        call.control.search = self._search

    def begin(self, call: Call) -> None:
        """Log the call and reserve the agent, whom the caller of this has found free."""
        contact, claim, now = call.contact, self._claim, self._exchange.clock.now()
        contact.queued_at = claim.queued_at if claim is not None else None
        log.info(
            "call.placed",
            call_id=call.id,
            contact_id=contact.id,
            agent_id=self._agent_id,
            customer_number=mask(self._number),
        )
        self._exchange.append(
            CallPlaced(
                call_id=call.id,
                contact_id=contact.id,
                customer_number=self._number,
                shown_number=contact.dialled_number,
                queue=self._queue.name,
                masked=contact.masked,
                call_back_of=claim.id if claim is not None else None,
                queued_at=contact.queued_at,
            )
        )
        if claim is not None:
            self._call_backs.dialled(claim.id, contact.id)
        request = WaitingContact(
            id=ContactId(contact.id), queue=self._queue.name, queued_at=contact.queued_at or now
        )
        self._search.ask(self._agent_id, request)

    async def pursue(self, call: Call) -> None:
        try:
            member, handling = await self._ring_agent(call)
            await self._ring_customer(call, member, handling)
        finally:
            if self._claim is not None:
                self._call_backs.let_go(self._claim.id)
        await call.serve_again(await call.conversation.until_alone())

    async def _ring_agent(self, call: Call) -> tuple[Member, Handling]:
        """Raises Over where the agent does not pick up after all."""
        try:
            offer, leg = await self._search.found()
        except NotReached as failure:
            raise Over(termination.AGENT_NOT_REACHED) from failure
        self._search.ringing = (offer, leg)  # what the agent releases until the customer answers
        handling = Handling(self._exchange, call.contact, self._queue, offer, leg)
        return Member(leg, Role.AGENT, offer.agent_id, handling), handling

    async def _ring_customer(self, call: Call, member: Member, handling: Handling) -> None:
        """
        Until the customer has answered and the two are connected; raises Over where they do not.

        The customer's leg being over ends the call by itself, in the midst of this.
        """
        customer = call.caller
        try:
            await self._dial(call, member, handling)
            await self._answered_or_left(customer, member.leg)
            if not customer.connected.is_set():
                raise Over(self._gave_up(customer, member.leg))
            member.leg.media.stop_play()
            if self._claim is not None:
                self._call_backs.reached(self._claim.id)
            call.contact.wish = Enqueue(self._queue.name)  # where it goes if a transfer fails
            call.conversation.join(member)
        finally:
            customer.on_rang = None
            self._search.ringing = call.control.search = None
            if not handling.started:
                self._not_reached(customer, member.leg, handling)

    async def _dial(self, call: Call, member: Member, handling: Handling) -> None:
        customer, agent = call.caller, member.leg
        told: set[bool] = set()

        def rang() -> None:
            early_media = customer.early_media
            if early_media in told:
                return  # phones and proxies say it again and again
            told.add(early_media)
            if early_media:
                agent.media.stop_play()
            self._exchange.append(CustomerRinging(**handling.names, early_media=early_media))

        customer.on_rang = rang
        invitation = Invitation(
            caller_number="",
            codec=agent.codec,
            contact_id=call.contact.id,
            queue=self._queue.name,
            comfort_noise=agent.comfort_noise,
        )
        try:
            await call.legs.ring(
                customer, self._exchange.phones.at(self._number), invitation, role="customer"
            )
        except MediaUnavailable:
            customer.let_go(termination.MEDIA_UNAVAILABLE)
        except SipError:
            customer.let_go(termination.UNREACHABLE)
        if customer.has_media:
            self._exchange.plane.connect({agent.media: [customer.media]})
        if not customer.early_media:
            agent.media.start_play([self._exchange.prompts.ringing], repeat=True)

    async def _answered_or_left(self, customer: Leg, agent: Leg) -> None:
        """Wait for whatever comes first, for as long as a customer is rung at most."""
        waits = [
            asyncio.create_task(customer.settled()),
            asyncio.create_task(agent.over.wait()),
        ]
        try:
            await asyncio.wait(
                waits,
                timeout=self._queue.customer_ring_for.total_seconds(),
                return_when=asyncio.FIRST_COMPLETED,
            )
        finally:
            for wait in waits:
                wait.cancel()

    def _gave_up(self, customer: Leg, agent: Leg) -> Termination:
        """Why the call ends without the customer."""
        if agent.over.is_set():
            return agent.termination or termination.AGENT_HUNG_UP
        if not customer.over.is_set():
            customer.let_go(termination.NOT_ANSWERED)
        return customer.termination or termination.NOT_ANSWERED

    def _not_reached(self, customer: Leg, agent: Leg, handling: Handling) -> None:
        """Tell the agent why, and free them."""
        left = agent.over.is_set() and not customer.over.is_set()
        cause = AGENT_LEFT if left else cause_of(customer)
        self._exchange.append(
            CustomerNotReached(**handling.names, cause=cause, status=customer.status)
        )
        handling.end("agent" if left else "caller")


def cause_of(customer: Leg) -> str:
    """Why the customer was not reached, in one word."""
    if customer.status in _BY_STATUS:
        return _BY_STATUS[customer.status]
    reason = (customer.termination or termination.RELEASED).reason
    return "no-answer" if reason == termination.NOT_ANSWERED.reason else reason
