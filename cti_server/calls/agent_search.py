"""Finding an agent for a waiting caller: offer by offer, until one picks up."""

import asyncio

import structlog

from acd.errors import AcdError
from acd.model import ContactId, Offer, Outcome, WaitingContact, required
from config.settings import QueueSettings
from cti_server.media.plane import MediaUnavailable
from cti_server.sip.errors import SipError
from ivr.actions import Enqueue

from . import termination
from .contact import Contact
from .dialling import Dialling
from .exchange import Exchange
from .leg import Leg
from .phones import Invitation, PhoneUnreachable
from .termination import Over
from .waiting import start_entertaining

log = structlog.get_logger()


class AgentSearch:
    """
    One caller's wait in a queue.

    The ACD speaks through :meth:`offered` and :meth:`offer_ended`, at any moment; an offer that
    ended while the record was looked up or the phone was ringing is let go.
    """

    def __init__(
        self, exchange: Exchange, contact: Contact, caller: Leg, dialling: Dialling
    ) -> None:
        self._exchange = exchange
        self._contact = contact
        self._caller = caller
        self._dialling = dialling
        self._offers: asyncio.Queue[Offer] = asyncio.Queue()
        self._dead: set[str] = set()
        self._ringing: tuple[str, Leg] | None = None

    # --- what the ACD tells it ----------------------------------------------------------------

    def offered(self, offer: Offer) -> None:
        self._offers.put_nowait(offer)

    def offer_ended(self, offer: Offer, outcome: Outcome) -> None:
        self._dead.add(offer.id)
        if self._ringing is not None and self._ringing[0] == offer.id:
            missed = outcome is Outcome.TIMED_OUT
            self._ringing[1].let_go(
                termination.NOT_ANSWERED if missed else termination.OFFER_WITHDRAWN
            )

    # --- what the call asks of it -------------------------------------------------------------

    async def find(
        self, enqueue: Enqueue, queue: QueueSettings, *, lost_by: str | None = None
    ) -> tuple[Offer, Leg]:
        """
        Wait, with music, until an agent has picked up; the offer is accepted then.

        A caller whom an agent lost (``lost_by``) keeps the first moment, and so the place. Raises
        Over where the queue takes nobody.
        """
        self._enqueue(enqueue, lost_by)
        every = queue.announce_position_every
        music = start_entertaining(
            self._caller,
            self._exchange.prompts,
            language=self._contact.language,
            every=every.total_seconds() if every else None,
            position=lambda: self._exchange.floor.position(ContactId(self._contact.id)),
        )
        try:
            while True:
                offer = await self._offers.get()
                agent = await self._try(offer)
                if agent is not None:
                    return offer, agent
        finally:
            music.cancel()

    def _enqueue(self, enqueue: Enqueue, lost_by: str | None) -> None:
        returning = self._contact.queued_at is not None
        queued_at = self._contact.queued_at or self._exchange.clock.now()
        self._contact.queued_at = queued_at
        contact = WaitingContact(
            id=ContactId(self._contact.id),
            queue=enqueue.queue,
            queued_at=queued_at,
            priority=enqueue.priority,
            requirements=required(enqueue.requirements),
        )
        try:
            self._exchange.floor.enqueue(contact, returning=returning, lost_by=lost_by)
        except AcdError as error:
            log.info("call.not_queued", queue=enqueue.queue, reason=str(error))
            raise Over(termination.QUEUE_FULL) from error

    async def _try(self, offer: Offer) -> Leg | None:
        """Show the customer to the agent, then ring; the leg if the agent picked up."""
        if offer.id in self._dead:
            return None
        desks = self._exchange.desks
        desks.present(offer.agent_id, await self._contact.screen_pop(offer))
        await desks.delivered(offer.agent_id)
        if offer.id in self._dead:
            return None
        leg = self._dialling.new_leg(termination.AGENT_HUNG_UP)
        self._ringing = (offer.id, leg)
        try:
            if await self._ring(leg, offer):
                self._exchange.floor.accept(offer.id)
                return leg
        except AcdError:  # answered in the very moment the offer ended
            self._dead.add(offer.id)
            leg.let_go(termination.OFFER_WITHDRAWN)
        finally:
            self._ringing = None
        self._tell_floor(leg, offer)
        await leg.close(termination.RELEASED)
        return None

    async def _ring(self, leg: Leg, offer: Offer) -> bool:
        """Whether the agent picked up, though perhaps only for a moment."""
        try:
            phone = self._exchange.phones.of(offer.agent_id)
            invitation = Invitation(
                caller_number=self._contact.caller_number,
                codec=self._caller.codec,
                contact_id=self._contact.id,
                interaction_id=offer.id,
                queue=offer.queue,
            )
            await self._dialling.ring(leg, phone, invitation, role="agent", agent_id=offer.agent_id)
        except (PhoneUnreachable, MediaUnavailable, SipError) as error:
            log.info("call.agent_unreachable", agent_id=offer.agent_id, reason=str(error))
            leg.let_go(termination.UNREACHABLE)
        return await leg.settled()

    def _tell_floor(self, leg: Leg, offer: Offer) -> None:
        """The phone did not take it: declined, or not there."""
        if offer.id in self._dead:
            return
        if leg.termination is termination.DECLINED:
            self._exchange.floor.decline(offer.id)
        else:
            self._exchange.floor.unreachable(offer.id)
