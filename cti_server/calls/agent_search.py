"""Finding an agent for a call: offer by offer, until one picks up, or the one who was named."""

import asyncio

import structlog

from acd.errors import AcdError
from acd.model import ContactId, Offer, Outcome, Purpose, WaitingContact
from cti_server.media.plane import MediaUnavailable
from cti_server.sip.errors import SipError

from . import termination
from .contact import Contact
from .dialling import Dialling
from .errors import NotReached
from .exchange import Exchange
from .leg import Leg
from .phones import Invitation, PhoneUnreachable

log = structlog.get_logger()


class AgentSearch:
    """
    One wait for an agent: :meth:`wait_in_queue` or :meth:`ask`, then :meth:`found`.

    The ACD speaks through :meth:`offered` and :meth:`offer_ended`, at any moment; an offer that
    ended while the record was looked up or the phone was ringing is let go.
    """

    def __init__(
        self,
        exchange: Exchange,
        contact: Contact,
        customer: Leg,
        dialling: Dialling,
        request: WaitingContact | None = None,
    ) -> None:
        """``request``: as what the ACD knows it already."""
        self._exchange = exchange
        self._contact = contact
        self._customer = customer
        self._dialling = dialling
        self._offers: asyncio.Queue[Offer | None] = asyncio.Queue()
        self._ended: dict[str, str] = {}  # offers that came to nothing, and why
        self.ringing: tuple[Offer, Leg] | None = None
        """What rings now, and where."""
        self.waiting = False
        """Whether nothing is done but to wait for the ACD's next word."""
        self._request = request
        self._called_off = False
        self._by_name = False

    # --- what the ACD tells it ----------------------------------------------------------------

    def offered(self, offer: Offer) -> None:
        self._offers.put_nowait(offer)

    def offer_ended(self, offer: Offer, outcome: Outcome) -> None:
        self._ended[offer.id] = outcome.value
        if self.ringing is not None and self.ringing[0].id == offer.id:
            missed = outcome is Outcome.TIMED_OUT
            self.ringing[1].let_go(
                termination.NOT_ANSWERED if missed else termination.OFFER_WITHDRAWN
            )

    # --- what the call asks of it -------------------------------------------------------------

    def wait_in_queue(
        self, contact: WaitingContact, *, returning: bool = False, lost_by: str | None = None
    ) -> None:
        """
        Take a place.

        A contact that an agent lost or gave away (``lost_by``) keeps the first moment, and so the
        place. Raises AcdError where the queue takes nobody.
        """
        self._request = contact
        self._exchange.floor.enqueue(contact, returning=returning, lost_by=lost_by)

    def ask(self, agent_id: str, contact: WaitingContact) -> None:
        """Reserve this agent. Raises AcdError where they are not free."""
        self._by_name = True
        self._exchange.floor.offer_to(agent_id, contact)

    async def found(self) -> tuple[Offer, Leg]:
        """
        Wait until an agent has picked up; the offer is accepted then.

        Raises NotReached when it is called off, or the agent who was named does not take it.
        """
        while True:
            self.waiting = True
            offer = await self._offers.get()
            self.waiting = False
            if offer is None:
                raise NotReached("called_off")
            leg = await self._try(offer)
            if leg is not None:
                return offer, leg
            if self._by_name or self._called_off:
                raise NotReached(self._ended.get(offer.id, "unreachable"))

    def wait_again(self) -> None:
        """
        The ACD knows nothing of it: take the old place again, or give up who was named.

        Raises AcdError where the queue takes nobody.
        """
        if self._request is None:
            self.call_off()
        else:
            self._exchange.floor.enqueue(self._request, returning=True)

    def call_off(self) -> None:
        """Nobody is wanted any more; who is being rung is let go."""
        self._called_off = True
        self._exchange.floor.withdraw(ContactId(self._contact.id))
        self._offers.put_nowait(None)

    def ringing_at(self, agent_id: str) -> tuple[Offer, Leg] | None:
        """What rings at this agent's phone, if it is this call."""
        ringing = self.ringing
        return ringing if ringing is not None and ringing[0].agent_id == agent_id else None

    # --- inside -------------------------------------------------------------------------------

    async def _try(self, offer: Offer) -> Leg | None:
        """Show the customer to the agent, then ring; the leg if the agent picked up."""
        if offer.id in self._ended:
            return None
        desks = self._exchange.desks
        desks.present(offer.agent_id, await self._contact.screen_pop(offer))
        await desks.delivered(offer.agent_id)
        if offer.id in self._ended:
            return None
        leg = self._dialling.new_leg(termination.AGENT_HUNG_UP)
        self.ringing = (offer, leg)
        try:
            if await self._ring(leg, offer):
                self._exchange.floor.accept(offer.id)
                return leg
        except AcdError:  # answered in the very moment the offer ended
            if self._by_name:  # its time may be over and its timer still to come
                self._exchange.floor.withdraw(ContactId(self._contact.id))
            self._ended.setdefault(offer.id, Outcome.WITHDRAWN.value)
            leg.let_go(termination.OFFER_WITHDRAWN)
        finally:
            self.ringing = None
        self._tell_floor(leg, offer)
        await leg.close(termination.RELEASED)
        return None

    async def _ring(self, leg: Leg, offer: Offer) -> bool:
        """Whether the agent picked up, though perhaps only for a moment."""
        leg.auto_answer = self._picks_up_by_itself(offer)
        invitation = Invitation(
            caller_number=self._contact.number_for_agents,
            codec=self._customer.codec,
            contact_id=self._contact.id,
            interaction_id=offer.id,
            queue=offer.queue,
            comfort_noise=self._customer.comfort_noise,
            auto_answer=leg.auto_answer,
        )
        try:
            phone = self._exchange.phones.of(offer.agent_id)
            await self._dialling.ring(leg, phone, invitation, role="agent", agent_id=offer.agent_id)
        except (PhoneUnreachable, MediaUnavailable, SipError) as error:
            log.info("call.agent_unreachable", agent_id=offer.agent_id, reason=str(error))
            leg.let_go(termination.UNREACHABLE)
        return await leg.settled()

    def _picks_up_by_itself(self, offer: Offer) -> bool:
        """Never to advise in the midst of a call, nor where something is wrong with the phone."""
        floor = self._exchange.floor
        wished = floor.profile(offer.agent_id).auto_answer
        if wished is None:
            wished = self._exchange.queues[offer.queue].auto_answer
        serves = offer.purpose is Purpose.SERVE
        return wished and serves and not floor.agent(offer.agent_id).unfit

    def _tell_floor(self, leg: Leg, offer: Offer) -> None:
        """The phone did not take it: declined, or not there."""
        if offer.id in self._ended:
            return
        if leg.termination is termination.DECLINED:
            self._exchange.floor.decline(offer.id)
        else:
            self._exchange.floor.unreachable(offer.id)
