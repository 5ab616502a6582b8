"""
A customer is called back before the agent is rung: agents spend no time on phones that ring.

The order is: an agent is reserved (the offer stands, their phone is silent, their screen shows the
customer), the customer is rung, and only who has answered has the agent's phone ring, for its usual
time from then on. So nobody ever picks up without an agent being held for them, and the agent loses
what a customer's phone rings for, not a conversation: who does not answer leaves no trace in the
agent's figures. Should that agent not pick up after all, the customer is where they were before:
at their own place, which is the front of the queue, and hears what callers hear there. But no rule
of the queue leads them away: we called them, so that they be served here.
"""

import asyncio
from datetime import timedelta

from acd.model import Offer, Outcome, WaitingContact
from config.floor import QueueSettings
from ivr.actions import Enqueue

from . import termination
from .agent_search import AgentSearch
from .call import Call
from .call_back_wishes import MayCall
from .handling import Handling
from .leg import Leg
from .member import Member, Requeue
from .reaching import AGENT_LEFT, Reaching
from .talk import Role
from .termination import Over
from .waiting import QueueWait, without_ways

SLACK = timedelta(seconds=5)
"""That an agent is held beyond the time that the customer is rung: it must not end before."""


def held_for(queue: QueueSettings) -> timedelta:
    """How long an agent is held at most until the customer has answered."""
    if queue.call_backs.mode != "customer_first":
        return timedelta(0)
    return queue.customer_ring_for + SLACK


class HeldAgent(AgentSearch):
    """The agent who is reserved, and after them whoever the ACD finds in their place."""

    def __init__(self, call: Call, request: WaitingContact | None) -> None:
        super().__init__(call.exchange, call.contact, call.caller, call.legs, request)
        self.gone = asyncio.Event()
        """Nobody is held any more."""
        self.offer: Offer | None = None
        """Of whom is held."""

    def offered(self, offer: Offer) -> None:
        self.offer = offer
        super().offered(offer)

    def offer_ended(self, offer: Offer, outcome: Outcome) -> None:
        super().offer_ended(offer, outcome)
        if self.offer is not None and self.offer.id == offer.id:
            self.offer = None
            # The ACD may find another one in the same breath.
            asyncio.get_running_loop().call_soon(self._look)

    def _look(self) -> None:
        if self.offer is None:
            self.gone.set()

    async def _ring(self, leg: Leg, offer: Offer) -> bool:
        self._exchange.floor.start_ringing(offer.id)
        return await super()._ring(leg, offer)


class CustomerFirst:
    """The purpose of a call that calls a customer back while an agent is held for them."""

    def __init__(
        self,
        call: Call,
        reaching: Reaching,
        *,
        offer: Offer,
        may_call: MayCall,
        request: WaitingContact | None = None,
    ) -> None:
        """``request``: as what the ACD knows it."""
        self._exchange = call.exchange
        self._reaching = reaching
        self._offer = offer
        self._may_call = may_call
        self._search = HeldAgent(call, request)
        call.control.search = self._search

    def begin(self, call: Call, agent_id: str) -> None:
        """Log the call; the agent is reserved already."""
        self._reaching.place(agent_id, self._offer)
        self._search.offered(self._offer)

    async def pursue(self, call: Call) -> None:
        try:
            if not await self._may_call():
                raise Over(termination.CALLED_OFF)
            await self._reach(call)
            await call.course.serve_again(await self._connect(call))
        finally:
            self._reaching.over()

    async def _reach(self, call: Call) -> None:
        """Until the customer has answered; raises Over where they do not."""
        self._exchange.desks.present(
            self._offer.agent_id, await call.contact.screen_pop(self._offer)
        )
        customer, names = call.caller, _names(call, self._offer)
        try:
            if self._search.offer is not None:
                await self._reaching.dial(names, like=customer)
                await self._reaching.answered_or(self._search.gone)
            if not customer.connected.is_set():
                raise Over(self._reaching.given_up())
        finally:
            if not customer.connected.is_set():
                self._reaching.failed(AGENT_LEFT if self._search.gone.is_set() else None)

    async def _connect(self, call: Call) -> Requeue:
        """The customer is there, and hears so; the agent is rung, or another one."""
        contact = call.contact
        contact.wish = Enqueue(self._reaching.queue.name)
        wait = self._wait(call)
        try:
            offer, leg = await self._search.found()
        finally:
            wait.cancel()
        call.control.search = None
        handling = Handling(self._exchange, contact, self._reaching.queue, offer, leg)
        member = Member(leg, Role.AGENT, handling.agent_id, handling)
        if not await call.conversation.introduce(member, handling):
            call.conversation.discard(member)
            return Requeue(contact.wish, handling.agent_id, promised=True)
        call.conversation.join(member)
        return await call.conversation.until_alone()

    def _wait(self, call: Call) -> asyncio.Task[None]:
        """What the customer hears until an agent has picked up: who calls, then as callers do."""
        queue = without_ways(self._reaching.queue)
        wait = QueueWait(
            self._exchange, call.contact, call.caller, queue, call.course.ways_out, lambda way: None
        )
        return wait.start(self._exchange.prompts.sentence("called_back", call.contact.language))


def _names(call: Call, offer: Offer) -> dict[str, str]:
    """As the events have them that the agent's desktop hears."""
    return {
        "contact_id": call.contact.id,
        "interaction_id": offer.id,
        "agent_id": offer.agent_id,
    }
