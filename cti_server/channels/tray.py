"""
All contacts that are no calls: who waits, who is rung for, who has what in hand.

One for all their channels. What a channel does with a message is its own; that somebody has to see
to it, and who, is decided here and by the floor.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Protocol

import structlog

from acd.errors import QueueFull, UnknownAgent, UnknownQueue
from acd.model import GIVEN_BACK, Channel, ContactId, Offer, Outcome, WaitingContact
from acd.requirements import required
from crm.pop import Pop
from cti_server.clock import Clock
from cti_server.floor.floor import Floor
from cti_server.store.contacts import Contact
from cti_server.store.interactions import Interaction
from cti_server.store.log import hears
from cti_server.wire.events import (
    ContactEnded,
    CustomerMatched,
    Event,
    InteractionEnded,
    Logged,
)
from cti_server.wire.screen import Note, ScreenPop

from . import story
from .errors import InHand
from .work import NOBODY, REACHED_AT, About, Holding, Work
from .works import Works

log = structlog.get_logger()


class Desks(Protocol):
    """The agents' desktops, as the tray sees them."""

    def present(self, agent_id: str, pop: ScreenPop) -> None: ...


class Tray:
    """Rings desktops for what is no call: an agent's word is what a phone's answer is to a call."""

    def __init__(
        self,
        floor: Floor,
        append: Callable[[Event], object],
        desks: Desks,
        clock: Clock,
        queues: Mapping[str, object],
        new_id: Callable[[], str],
        language: str,
    ) -> None:
        self._floor = floor
        self._append = append
        self._desks = desks
        self._clock = clock
        self._queues = queues
        self._new_id = new_id
        self._works = Works(language)

    def __len__(self) -> int:
        """How many are open."""
        return len(self._works)

    # --- coming in ----------------------------------------------------------------------------

    def receive(
        self,
        about: About,
        queue: str,
        received_from: str,
        *,
        priority: int = 0,
        requirements: Mapping[str, int] | None = None,
        customer: Pop = NOBODY,
        contact_id: str | None = None,
        since: datetime | None = None,
    ) -> str:
        """
        Let it wait for an agent; the new contact's id.

        What has waited ``since`` then goes by that, and is let in where the queue is full. Raises
        UnknownQueue, InvalidValue, and QueueFull: then it was turned away, on record.
        """
        self._need_queue(queue)
        contact_id = contact_id or self._new_id()
        waiting = WaitingContact(
            ContactId(contact_id),
            queue,
            since or self._clock.now(),
            priority,
            required(requirements or {}),
            channel=about.channel,
        )
        self._append(story.received(contact_id, about, queue, received_from))
        self._matched(contact_id, customer)
        self._works.add(Work(about, waiting, customer))
        try:
            self._floor.enqueue(waiting, returning=since is not None)
        except QueueFull:
            self._end(contact_id, "turned_away", "queue_full")
            raise
        return contact_id

    def take_over(
        self,
        about: About,
        queue: str,
        contact_id: str,
        *,
        priority: int = 0,
        requirements: Mapping[str, int] | None = None,
        customer: Pop = NOBODY,
    ) -> None:
        """
        One that a flow has served until now waits for an agent.

        Raises UnknownQueue and, on record, QueueFull: the contact is no work of anybody's then.
        """
        self._need_queue(queue)
        waiting = WaitingContact(
            ContactId(contact_id),
            queue,
            self._clock.now(),
            priority,
            required(requirements or {}),
            channel=about.channel,
        )
        self._matched(contact_id, customer)
        self._works.add(Work(about, waiting, customer))
        try:
            self._floor.enqueue(waiting)
        except QueueFull:
            self._works.remove(contact_id)
            raise

    def take_up(self, contact: Contact, interactions: list[Interaction], customer: Pop) -> None:
        """
        One that the last server left open: with whom it was in hand, or waiting at its old place.

        In a queue that is not there any more it waits nowhere: until that is back, or it is
        withdrawn.
        """
        about = About(
            channel=Channel(contact.channel),
            address=contact.caller_number or contact.attributes.get(REACHED_AT, ""),
            subject=contact.subject,
            attributes=dict(contact.attributes),
            due_at=contact.due_at,
            path=tuple(contact.path),
        )
        waiting = WaitingContact(
            ContactId(contact.id),
            contact.queue or "",
            contact.queued_at or contact.arrived_at,
            contact.priority,
            required(contact.requirements),
            channel=about.channel,
        )
        work = Work(about, waiting, customer, served=contact.connected_at is not None)
        self._works.add(work)
        for one in interactions:
            if one.ended_at is None and not self._resumed(work, one):
                self._append(story.left_behind(one))
        if work.holding is not None:
            return
        if waiting.queue not in self._queues:
            work.stranded = True
            log.error("channels.queue_gone", contact_id=contact.id, queue=waiting.queue)
            return
        self._floor.enqueue(waiting, returning=True)

    def queue_opened(self, queue: str) -> None:
        """For the queue book: what waited for it waits in it, at its old place."""
        for work in self._works:
            if work.stranded and work.waiting.queue == queue:
                work.stranded = False
                self._floor.enqueue(work.waiting, returning=True)

    def _resumed(self, work: Work, one: Interaction) -> bool:
        """Whether the agent has it again."""
        if one.accepted_at is None:
            return False
        waiting = replace(work.waiting, queue=one.queue)
        try:
            self._floor.resume(one.agent_id, waiting, one.id)
        except (UnknownAgent, UnknownQueue):
            return False
        work.waiting, work.holding = waiting, _held_again(one)
        if one.started_at is None:
            self._started(work, work.holding)
        return True

    # --- what the floor says ------------------------------------------------------------------

    def offered(self, offer: Offer) -> None:
        work = self._works.get(offer.contact_id)
        if work is None:
            self._floor.withdraw(offer.contact_id)  # it ended in this very moment
            return
        work.offer = offer
        self._desks.present(offer.agent_id, self._works.pop(work, offer, self._clock.now()))

    def offer_ended(self, offer: Offer, outcome: Outcome) -> None:
        work = self._works.get(offer.contact_id)
        if work is not None and work.offer is not None and work.offer.id == offer.id:
            work.offer = None

    @hears(InteractionEnded)
    def hear(self, logged: Logged) -> None:
        """For the log's subscribers: what the floor took from an agent waits again."""
        match logged.event:
            case InteractionEnded(contact_id=contact_id, interaction_id=ended, ended_by=by):
                work = self._works.get(contact_id)
                if work is None or work.holding is None or by != GIVEN_BACK:
                    return
                if work.holding.interaction_id == ended:
                    work.holding = None

    # --- what agents say ----------------------------------------------------------------------

    def accept(self, contact_id: str, agent_id: str) -> None:
        """Raises NoSuchWork, and NotRinging where the agent is not rung for it (any more)."""
        work, offer = self._works.rung(contact_id, agent_id)
        self._floor.accept(offer.id)
        before = work.holding
        now = self._clock.now()
        work.offer, work.holding = None, Holding(offer.id, agent_id, offer.queue, now)
        if before is not None:
            self._handed_on(work, before, "agent", agent_id)
        self._started(work, work.holding)

    def decline(self, contact_id: str, agent_id: str) -> None:
        """Raises as :meth:`accept` does."""
        _, offer = self._works.rung(contact_id, agent_id)
        self._floor.decline(offer.id)

    def complete(self, contact_id: str, agent_id: str, reason: str) -> None:
        """It is done. Raises NoSuchWork and NotTheirs."""
        work, holding = self._works.held(contact_id, agent_id)
        self._stop_ringing(work)
        self._floor.end_interaction(holding.interaction_id, "agent")
        self._end(contact_id, "handled", reason)

    def give_back(self, contact_id: str, agent_id: str) -> None:
        """Somebody else is to have it, from its old place on. Raises NoSuchWork and NotTheirs."""
        work, holding = self._works.held(contact_id, agent_id)
        self._stop_ringing(work)
        work.transferred_by = agent_id
        self._floor.give_back(holding.interaction_id, lost_by=agent_id)

    def transfer_to_queue(self, contact_id: str, agent_id: str, queue: str) -> None:
        """
        It waits there as long as it has waited already.

        Raises NoSuchWork, NotTheirs and UnknownQueue.
        """
        self._need_queue(queue)
        work, holding = self._works.held(contact_id, agent_id)
        self._stop_ringing(work)
        work.holding, work.transferred_by = None, agent_id
        work.waiting = replace(work.waiting, queue=queue)
        self._handed_on(work, holding, "queue", queue)
        self._floor.enqueue(work.waiting, returning=True, lost_by=agent_id)

    def transfer_to_agent(self, contact_id: str, agent_id: str, target: str) -> None:
        """
        Ring that agent, who has it when they accept; until then it stays where it is.

        Raises NoSuchWork, NotTheirs and AgentNotFree.
        """
        work, _ = self._works.held(contact_id, agent_id)
        self._floor.need_free(target, work.about.channel)
        self._stop_ringing(work)
        work.transferred_by = agent_id
        self._floor.offer_to(target, work.waiting)

    def withdraw(self, contact_id: str, reason: str) -> None:
        """It is not wanted any more, whoever has it. Raises NoSuchWork."""
        work = self._works.need(contact_id)
        self._floor.withdraw(contact_id)
        if work.holding is not None:
            self._floor.end_interaction(work.holding.interaction_id, "system")
        self._end(contact_id, "handled" if work.served else "abandoned", reason)

    def move(self, contact_id: str, queue: str, moved_by: str) -> None:
        """
        It waits there as long as it has waited already; who is rung for it is not any more.

        Also what waits nowhere, as its queue is gone. Raises NoSuchWork, UnknownQueue and InHand.
        """
        self._need_queue(queue)
        work = self._works.need(contact_id)
        if work.holding is not None:
            raise InHand(contact_id, work.holding.agent_id)
        if work.waiting.queue == queue:
            return
        place = self._floor.position(contact_id) or 0
        self._floor.withdraw(contact_id)
        self._append(story.moved(work.waiting, queue, place, moved_by))
        work.waiting, work.stranded = replace(work.waiting, queue=queue), False
        self._floor.enqueue(work.waiting, returning=True)

    def find(self, contact_id: str) -> Work | None:
        return self._works.get(contact_id)

    def on_desk(self, agent_id: str) -> list[tuple[ScreenPop, bool]]:
        """What rings at the agent's desktop and what they have, each with whether they have it."""
        return self._works.on_desk(agent_id, self._clock.now())

    def is_of(self, contact_id: str, customer: Pop) -> None:
        """Somebody has said whose it is. Harmless if it is not open."""
        work = self._works.get(contact_id)
        if work is not None:
            work.customer = customer

    def has(self, contact_id: str) -> bool:
        """Whether it is open, and no call."""
        return self._works.get(contact_id) is not None

    def need_held(self, contact_id: str, agent_id: str) -> None:
        """Raises NoSuchWork, and NotTheirs where the agent has it not in hand."""
        self._works.held(contact_id, agent_id)

    def note(self, contact_id: str, note: Note) -> None:
        """For whoever has it next. Harmless if it is not open."""
        work = self._works.get(contact_id)
        if work is not None:
            work.notes.append(note)

    def annotate(self, contact_id: str, attributes: Mapping[str, str]) -> None:
        """Likewise what is filled in so far."""
        work = self._works.get(contact_id)
        if work is not None:
            known = {**work.about.attributes, **attributes}
            work.about = replace(work.about, attributes=known)

    def screens_with(self, contact_id: str) -> list[tuple[str, ScreenPop]]:
        """The agents who see it, with what they are shown."""
        return self._works.screens_with(contact_id, self._clock.now())

    def in_hand(self) -> dict[str, list[Work]]:
        """By agent, what they have, the oldest first; who has nothing is not there."""
        return self._works.in_hand()

    # --- inside -------------------------------------------------------------------------------

    def _need_queue(self, queue: str) -> None:
        if queue not in self._queues:
            raise UnknownQueue(queue)

    def _matched(self, contact_id: str, customer: Pop) -> None:
        if customer is not NOBODY:
            ids = [one.id for one in customer.customers]
            self._append(
                CustomerMatched(contact_id=contact_id, match=customer.match, customer_ids=ids)
            )

    def _stop_ringing(self, work: Work) -> None:
        """Whoever it was being handed to is not wanted any more."""
        if work.offer is not None:
            self._floor.withdraw(work.id)

    def _started(self, work: Work, holding: Holding) -> None:
        work.served = True
        self._append(story.started(work.id, holding, work.about.channel))

    def _handed_on(self, work: Work, holding: Holding, to: str, target: str) -> None:
        self._floor.end_interaction(holding.interaction_id, "transfer")
        self._append(story.handed_on(work.id, holding, to, target))

    def _end(self, contact_id: str, outcome: str, reason: str) -> None:
        self._works.remove(contact_id)
        self._append(ContactEnded(contact_id=contact_id, outcome=outcome, reason=reason))


def _held_again(one: Interaction) -> Holding:
    """As before a restart, of one that was accepted."""
    since = one.started_at or one.accepted_at or one.offered_at
    return Holding(one.id, one.agent_id, one.queue, since)
