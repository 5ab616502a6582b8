"""The customer's request for service that a call carries: who, why, since when."""

import asyncio
from collections.abc import Mapping
from datetime import datetime

from acd.model import Offer
from crm.numbers import mask, normalise
from crm.pop import UNAVAILABLE, Pop
from cti_server.wire.events import (
    CallBackWanted,
    ContactAnnotated,
    ContactNoted,
    CustomerMatched,
)
from cti_server.wire.screen import Note, ScreenPop
from ivr.actions import Enqueue
from ivr.walk import Walk
from recording.rules import Conversation

from .acquaintance import greeted_tier
from .dialled_numbers import e164
from .exchange import Exchange


class Contact:
    """
    What is known of the request, for the agent's screen and for the records.

    The customer is looked up from the first moment, beside the menu (:meth:`look_up`).
    """

    def __init__(
        self,
        exchange: Exchange,
        *,
        contact_id: str,
        call_id: str,
        caller_number: str,
        dialled_number: str,
        language: str,
        original_number: str = "",
        walk: Walk | None,
        direction: str = "inbound",
        masked: bool = False,
    ) -> None:
        """``caller_number`` is the customer's, whoever dialled; ``masked``: agents don't see it."""
        self.id = contact_id
        self.direction = direction
        self.masked = masked
        self.call_id = call_id
        self.caller_number = caller_number
        self.dialled_number = dialled_number
        self.original_number = original_number
        """What the caller dialled at first, if the call was diverted to us."""
        self.began_at = exchange.clock.now()
        self.queued_at: datetime | None = None
        """The first time that it began to wait; a transfer does not change it."""
        self.priority = 0
        """In the queue, with what the customer's tier adds."""
        self.waited_in: str | None = None
        """The queue in which it had a place last, which it keeps."""
        self.call_back: CallBackWanted | None = None
        """The customer is called back, whatever becomes of this call."""
        self.mailbox: str | None = None
        """The queue whose agents listen to what the customer has left, whatever becomes of this."""
        self.fax: str | None = None
        """The contact that the pages became which came in this call; empty if none has come."""
        self.wish: Enqueue | None = None
        """What it waited for last: where it goes if whoever takes it over is lost."""
        self.form: str | None = None
        """What the flow wants agents to fill in, whoever of them has it."""
        self.transferred_by: str | None = None
        """The agent who had it last, or who asks for advice."""
        self.told_of_recording = False
        """The customer has heard, or is hearing, that they are recorded."""
        self.broadcasts_heard: set[str] = set()
        self.notes: list[Note] = []
        self._written: dict[str, str] = {}  # by agents, over what the menu learnt
        self._exchange = exchange
        self._language = language
        self._walk = walk
        self._pop: asyncio.Future[Pop] = asyncio.get_running_loop().create_future()

    @property
    def number_for_agents(self) -> str:
        """The customer's number as agents and their phones are shown it."""
        return mask(self.caller_number) if self.masked else self.caller_number

    @property
    def collected(self) -> dict[str, str]:
        """What the menu learnt and may be shown."""
        return dict(self._walk.attributes) if self._walk else {}

    @property
    def known_customer(self) -> Pop:
        """Who it is, as far as that is known at this moment."""
        return self._pop.result() if self._pop.done() else UNAVAILABLE

    def in_conversation(
        self, interaction_id: str = "", agent_id: str = "", queue: str = ""
    ) -> Conversation:
        """What the rules of recording go by, with what is known of the customer by now."""
        region, now = self._exchange.region, self._exchange.clock.now()
        return Conversation(
            contact_id=self.id,
            interaction_id=interaction_id,
            caller=normalise(self.caller_number, region).text,
            dialled=normalise(self.dialled_number, region).text,
            direction=self.direction,
            queue=queue,
            agent_id=agent_id,
            tier=greeted_tier(self.known_customer) or "",
            is_open=lambda calendar: self._exchange.is_open(calendar, now),
        )

    @property
    def _e164(self) -> str:
        """The customer's number in the one form, for who may see it; empty if it is not whole."""
        return "" if self.masked else e164(self.caller_number, self._exchange.region)

    @property
    def number_for_others(self) -> str:
        """The same for whoever is called outside; none if it is masked: the queue's is shown."""
        return "" if self.masked else self.caller_number

    @property
    def language(self) -> str:
        return self._walk.language if self._walk else self._language

    async def look_up(self) -> None:
        """Ask who it is; whoever waits for the answer gets it from :meth:`screen_pop`."""
        pop = await self._exchange.customers.look_up(self.caller_number)
        self._exchange.append(
            CustomerMatched(
                contact_id=self.id,
                match=pop.match,
                customer_ids=[customer.id for customer in pop.customers],
            )
        )
        if not self._pop.done():
            self._pop.set_result(pop)

    def is_of(self, customer: Pop) -> None:
        """Somebody has said whose it is, whatever the look-up says."""
        if self._pop.done():
            self._pop = asyncio.get_running_loop().create_future()
        self._pop.set_result(customer)

    async def screen_pop(self, offer: Offer) -> ScreenPop:
        """What the agent is shown; waits for the look-up no longer than its budget."""
        waited = offer.made_at - (self.queued_at or offer.made_at)
        known = {**(self._walk.attributes if self._walk else {}), **self._written}
        return ScreenPop(
            interaction_id=offer.id,
            contact_id=self.id,
            queue=offer.queue,
            caller_number=self.number_for_agents,
            dialled_number=self.dialled_number,
            original_number=self.original_number,
            caller_e164=self._e164,
            language=self.language,
            waiting_seconds=waited.total_seconds(),
            menu_path=list(self._walk.path) if self._walk else [],
            attributes=known,
            expires_at=offer.expires_at,
            customer=await self.customer(),
            direction=self.direction,
            purpose=offer.purpose.value,
            transferred_by=self.transferred_by,
            notes=list(self.notes),
            form=self._exchange.forms.shown(self.form, known) if self.form else None,
        )

    @property
    def numbers(self) -> dict[str, str]:
        """What a flow knows of the call from its beginning on."""
        return {
            "caller_number": self.caller_number,
            "dialled_number": self.dialled_number,
            "original_number": self.original_number,
        }

    def note(self, agent_id: str, text: str) -> None:
        """Kept for the screen of whoever has the contact next."""
        self.notes.append(Note(at=self._exchange.clock.now(), agent_id=agent_id, text=text))
        self._exchange.append(ContactNoted(contact_id=self.id, agent_id=agent_id, text=text))

    def annotate(self, attributes: Mapping[str, str]) -> None:
        """What an agent has filled in so far; whoever has the contact next goes on with it."""
        self._written |= attributes
        self._exchange.append(ContactAnnotated(contact_id=self.id, attributes=dict(attributes)))

    async def customer(self) -> Pop:
        """Who it is, if the look-up has come back; it is waited for within its budget only."""
        if self._pop.done():
            return self._pop.result()
        try:
            async with asyncio.timeout(self._exchange.pop_budget):
                return await asyncio.shield(self._pop)
        except TimeoutError:
            return UNAVAILABLE

    async def customer_id(self) -> str | None:
        """Likewise; None if it is nobody, or may be several people."""
        pop = await self.customer()
        return pop.customers[0].id if pop.match == "one" else None
