"""A caller's stay in a queue: from the way in until an agent has picked up, or the way out."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import structlog

from acd.errors import AcdError, QueueFull, UnknownQueue
from acd.model import ContactId, WaitingContact
from acd.requirements import required
from config.floor import QueueSettings
from crm.pop import UNAVAILABLE, Pop
from cti_server.wire.events import ContactTurnedAway
from ivr.actions import Enqueue

from . import acquaintance, termination
from .agent_search import AgentSearch
from .contact import Contact
from .control import CallControl
from .dialling import Dialling
from .errors import NotReached, NotWaiting
from .exchange import Exchange
from .handling import Handling
from .leg import Leg
from .member import Member, Requeue
from .talk import Role
from .termination import Over
from .waiting import QueueWait, without_ways
from .ways_out import GONE, WayOut, WaysOut

log = structlog.get_logger()


class QueueStay:
    """One stay: the place in the queue, the search for an agent, and what is heard meanwhile."""

    def __init__(
        self,
        exchange: Exchange,
        contact: Contact,
        caller: Leg,
        dialling: Dialling,
        control: CallControl,
        ways: WaysOut,
    ) -> None:
        self._exchange = exchange
        self._contact = contact
        self._caller = caller
        self._dialling = dialling
        self._control = control
        self._ways = ways
        self._waits_in: QueueSettings | None = None
        self._since = 0.0
        self._left: WayOut | None = None

    async def until_found(self, requeue: Requeue) -> tuple[Member, Handling] | WayOut:
        """
        Wait, with music, until an agent has picked up; or the way by which the queue is left.

        Raises Over where nobody is taken.
        """
        wish, contact = requeue.wish, self._contact
        queue = self._exchange.queues.get(wish.queue)
        pop = UNAVAILABLE if queue is None else await self._acquaintance(queue)
        queue = self._exchange.queues.get(wish.queue)  # it may be another one by now, or gone
        greeting = self._greeting(pop)
        contact.queued_at = contact.queued_at or self._exchange.clock.now()
        tiers = self._exchange.tier_priorities
        contact.wish, contact.priority = wish, acquaintance.priority(pop, wish.priority, tiers)
        if wish.node:  # a flow's; agents who pass the contact on say nothing of forms
            contact.form = wish.form
        if queue is None:
            return self._gone(wish)
        if not requeue.let_in and (way := self._ways.on_arrival(queue)) is not None:
            return way
        search = AgentSearch(self._exchange, contact, self._caller, self._dialling)
        self._control.search = search
        try:
            self._take_a_place(search, queue, wish, pop, requeue.given_up_by)
        except QueueFull as error:
            self._control.search = None
            if (way := self._ways.when_full(queue)) is None:
                raise self._refused(queue.name, "full", error) from error
            return way
        except AcdError as error:
            raise self._refused(queue.name, "refused", error) from error
        prompts = self._exchange.prompts
        first = prompts.cut_off(contact.language) if requeue.cut_off else greeting
        ways = without_ways(queue) if requeue.promised else queue
        return await self._wait(search, ways, first)

    async def _wait(
        self, search: AgentSearch, queue: QueueSettings, first: Sequence[Path]
    ) -> tuple[Member, Handling] | WayOut:
        wait = QueueWait(
            self._exchange, self._contact, self._caller, queue, self._ways, self._leave
        )
        heard = wait.start(first)
        self._waits_in, self._since = queue, asyncio.get_running_loop().time()
        try:
            offer, leg = await search.found()
        except NotReached:
            if self._left is None:
                raise
            self._control.search = None
            return self._left
        finally:
            self._waits_in = None
            heard.cancel()
        self._control.search = None
        queue = self._exchange.queues[offer.queue]
        handling = Handling(self._exchange, self._contact, queue, offer, leg)
        return Member(leg, Role.AGENT, handling.agent_id, handling), handling

    def move(self, queue: str, moved_by: str) -> None:
        """
        Have the caller wait in that queue, from the same first moment; who is rung is not any more.

        Raises NotWaiting.
        """
        if self._waits_in is None or self._left is not None:
            raise NotWaiting(self._contact.id)
        if self._waits_in.name != queue:
            waited = timedelta(seconds=asyncio.get_running_loop().time() - self._since)
            self._leave(self._ways.moved(self._waits_in, queue, moved_by, waited))

    def _leave(self, way: WayOut) -> None:
        """By a rule, a key, or a supervisor's word."""
        self._left = way
        if self._control.search is not None:
            self._control.search.call_off()

    def _gone(self, wish: Enqueue) -> WayOut:
        """
        A flow, in whatever version the call began, leads to a queue that is not there any more.

        Raises Over where it says of no way what is to become of who cannot wait.
        """
        log.error("call.queue_gone", queue=wish.queue, contact_id=self._contact.id)
        if (way := self._ways.when_gone(wish)) is None:
            raise self._refused(wish.queue, GONE, UnknownQueue(wish.queue))
        return way

    async def _acquaintance(self, queue: QueueSettings) -> Pop:
        """
        Who it is, as far as this centre goes by that; it was asked for long ago.

        It is waited for once, within the look-up's budget.
        """
        matters = (
            self._exchange.tier_priorities
            or queue.keep_for_agent
            or (self._exchange.prompts.greets and self._contact.queued_at is None)
        )
        return await self._contact.customer() if matters else UNAVAILABLE

    def _greeting(self, pop: Pop) -> list[Path]:
        """By the customer's tier, when they come into a queue at first."""
        tier = acquaintance.greeted_tier(pop)
        if tier is None or self._contact.queued_at is not None:
            return []
        return self._exchange.prompts.greeting(tier, self._contact.language)

    def _take_a_place(
        self,
        search: AgentSearch,
        queue: QueueSettings,
        wish: Enqueue,
        pop: Pop,
        lost_by: str | None,
    ) -> None:
        """Raises AcdError where the queue takes nobody."""
        contact = self._contact
        wanted, wanted_next = acquaintance.wanted(pop, queue)
        returning = contact.waited_in is not None or lost_by is not None
        request = WaitingContact(
            id=ContactId(contact.id),
            queue=wish.queue,
            queued_at=contact.queued_at or self._exchange.clock.now(),
            priority=contact.priority,
            requirements=required(wish.requirements),
            wanted=wanted,
            wanted_next=wanted_next,
            wanted_for=queue.keep_for_agent,
            region=self._exchange.regions.of(contact.caller_number),
            work=queue.work,
        )
        search.wait_in_queue(request, returning=returning, lost_by=lost_by)
        contact.waited_in = wish.queue

    def _refused(self, queue: str, why: str, error: AcdError) -> Over:
        log.info("call.not_queued", queue=queue, reason=str(error))
        self._exchange.append(
            ContactTurnedAway(contact_id=self._contact.id, queue=queue, reason=why)
        )
        return Over(termination.QUEUE_FULL)
