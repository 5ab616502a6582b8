"""
An agent calls a customer: the agent's phone rings first, then the customer's.

The agent hears what the customer's network lets them hear (early media), else our ringing. They
are an interaction from the moment the customer answers; before that the agent may give up.
"""

from acd.model import ContactId, Offer, WaitingContact
from ivr.actions import Enqueue

from . import termination
from .agent_search import AgentSearch
from .call import Call
from .call_back_wishes import MayCall
from .errors import NotReached
from .first_of import first_of
from .handling import Handling
from .leg import Leg
from .member import Member
from .reaching import AGENT_LEFT, Reaching
from .talk import Role
from .termination import Over


class OutboundCall:
    """
    The purpose of a call that an agent places, or that calls somebody back at their turn.

    Whoever asked for it has to be free; at a call-back's turn the ACD chose, and chooses another
    if that one does not take it.
    """

    def __init__(
        self,
        call: Call,
        reaching: Reaching,
        *,
        offer: Offer | None = None,
        may_call: MayCall,
        request: WaitingContact | None = None,
    ) -> None:
        """
        ``may_call`` is asked before anybody's phone rings, the agent's or the customer's.

        ``offer`` and ``request``: the ACD's, and as what it knows the call, where it began it.
        """
        self._exchange = call.exchange
        self._reaching = reaching
        self._offer = offer
        self._may_call = may_call
        self._search = AgentSearch(call.exchange, call.contact, call.caller, call.legs, request)
        call.control.search = self._search

    def begin(self, call: Call, agent_id: str) -> None:
        """Log the call and reserve the agent, whom the caller of this has found free."""
        self._reaching.place(agent_id, self._offer)
        if self._offer is not None:
            self._search.offered(self._offer)
            return
        now = self._exchange.clock.now()
        request = WaitingContact(
            id=ContactId(call.contact.id),
            queue=self._reaching.queue.name,
            queued_at=call.contact.queued_at or now,
        )
        self._search.ask(agent_id, request)

    async def pursue(self, call: Call) -> None:
        try:
            if not await self._may_call():
                raise Over(termination.CALLED_OFF)
            member, handling = await self._ring_agent(call)
            await self._ring_customer(call, member, handling)
            await call.course.serve_again(await call.conversation.until_alone())
        finally:
            self._reaching.over()

    async def _ring_agent(self, call: Call) -> tuple[Member, Handling]:
        """Raises Over where the agent does not pick up after all."""
        try:
            offer, leg = await self._search.found()
        except NotReached as failure:
            raise Over(termination.AGENT_NOT_REACHED) from failure
        self._search.ringing = (offer, leg)  # what the agent releases until the customer answers
        handling = Handling(self._exchange, call.contact, self._reaching.queue, offer, leg)
        return Member(leg, Role.AGENT, offer.agent_id, handling), handling

    async def _ring_customer(self, call: Call, member: Member, handling: Handling) -> None:
        """
        Until the customer has answered and the two are connected; raises Over where they do not.

        The customer's leg being over ends the call by itself, in the midst of this.
        """
        customer, agent = call.caller, member.leg
        try:
            if not await self._may_call():  # it may have waited long for an agent
                raise Over(termination.CALLED_OFF)
            await self._announce(agent)
            await self._dial(customer, agent, handling)
            await self._reaching.answered_or(agent.over)
            if not customer.connected.is_set():
                if agent.over.is_set():
                    raise Over(agent.termination or termination.AGENT_HUNG_UP)
                raise Over(self._reaching.given_up())
            agent.media.stop_play()
            call.contact.wish = Enqueue(self._reaching.queue.name)  # where a failed transfer goes
            call.conversation.join(member)
        finally:
            self._search.ringing = call.control.search = None
            if not handling.started:
                self._not_reached(customer, agent, handling)

    async def _announce(self, agent: Leg) -> None:
        """To who did nothing for it: their phone picked up by itself, at the ACD's word."""
        if self._offer is not None and agent.auto_answer:
            beep = agent.media.play([self._exchange.prompts.beep])
            await first_of(beep, agent.over.wait())

    async def _dial(self, customer: Leg, agent: Leg, handling: Handling) -> None:
        await self._reaching.dial(handling.names, like=agent, on_early_media=agent.media.stop_play)
        if customer.has_media:
            self._exchange.plane.connect({agent.media: [customer.media]})
        if not customer.early_media:
            agent.media.start_play([self._exchange.prompts.ringing], repeat=True)

    def _not_reached(self, customer: Leg, agent: Leg, handling: Handling) -> None:
        """Tell the agent why, and free them."""
        left = agent.over.is_set() and not customer.over.is_set()
        self._reaching.failed(AGENT_LEFT if left else None)
        handling.end("agent" if left else "caller", met=False)
