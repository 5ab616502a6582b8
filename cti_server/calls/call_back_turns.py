"""
Whose turn it is to be called back: call-backs wait for agents among the callers, at their place.

One that is due waits in the ACD with the caller's own first moment, so it is served exactly when
the caller would have been. When an agent is free for it, its call begins.

The contact under which it waits is the one that its call will have: an interaction belongs to one
contact, from the offer to the end of its wrap-up.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Protocol

import structlog

from acd.errors import AcdError
from acd.model import Channel, ContactId, Offer, Outcome, WaitingContact
from acd.requirements import required
from crm.calendars import Calendar
from crm.call_backs import Call, Close, Wait, turn
from cti_server.store.log import hears
from cti_server.wire.events import ContactEnded, Logged, RecordChanged

from .call_back_wishes import CallBackWishes
from .call_backs import SYSTEM, CallBacks
from .customer_first import held_for
from .errors import CallError
from .exchange import Exchange
from .open_call_back import OpenCallBack
from .switchboard import Switchboard
from .termination import CALLED_OFF

log = structlog.get_logger()

AT_ONCE = 100
"""Turns that are looked at before others' work is done."""

AGAIN = timedelta(minutes=1)
"""After which it is looked at again whether a number can be called that could not be."""


class Begins(Protocol):
    """What begins the call when an agent was found: :class:`.dial_pad.DialPad`."""

    def take_turn(self, one: OpenCallBack, offer: Offer) -> None:
        """Raises CallError where the customer cannot be called."""


class CallBackTurns:
    """
    Due work: puts call-backs among the callers and takes them out again.

    And the ACD's word to them: whose offers are of the channel ``callback``.
    """

    name = "call_backs"
    records = frozenset[str]()

    def __init__(
        self,
        call_backs: CallBacks,
        exchange: Exchange,
        switchboard: Switchboard,
        wishes: CallBackWishes,
        hours: Callable[[str | None], Calendar | None],
        begins: Begins,
        wake: Callable[[], None],
    ) -> None:
        self._call_backs = call_backs
        self._exchange = exchange
        self._switchboard = switchboard
        self._wishes = wishes
        self._hours = hours
        self._begins = begins
        call_backs.changed = wake
        call_backs.waits_no_more = self._take_back

    @hears(RecordChanged)
    def hear(self, logged: Logged) -> None:
        """For the event log: other rules of a queue."""
        match logged.event:
            case RecordChanged(record="queue"):
                self._call_backs.look_at_all()

    # --- the clock ----------------------------------------------------------------------------

    async def earliest(self) -> datetime | None:
        return self._call_backs.earliest()

    async def do(self, now: datetime) -> None:
        for one in self._call_backs.due(now)[:AT_ONCE]:
            if self._call_backs.is_open(one):
                await self._look(one, now)

    async def _look(self, one: OpenCallBack, now: datetime) -> None:
        one.look_at = None
        if one.by_hand or not self._is_free(one):
            return  # it is looked at when that is over, or decided
        one.look_at = now + AGAIN  # should anything fail on the way
        settings, calendar = self._call_backs.settings_of(one.queue), self._calendar(one.queue)
        match turn(settings, calendar, asked_at=one.asked_at, due_at=one.due_at, now=now):
            case Close(outcome):
                self._call_backs.close(one, outcome, SYSTEM)
            case Wait(until, cause):
                if cause == "closed":
                    self._call_backs.postpone(one, until, cause)
                one.look_at = until
            case Call(until):
                await self._let_wait(one, until)

    async def _let_wait(self, one: OpenCallBack, until: datetime) -> None:
        """It is due: have it wait for an agent until then, unless that is left to the agents."""
        if one.contact_id is not None:
            one.look_at = until
            return
        if not await self._wishes.may_call(one):
            return
        by_hand = self._call_backs.settings_of(one.queue).mode == "by_hand"
        one.hindrance = None if by_hand else self._hindrance(one)
        if one.hindrance is not None or not self._is_free(one):
            return
        if by_hand or self._enqueue(one):
            one.look_at = until

    def _is_free(self, one: OpenCallBack) -> bool:
        """Nothing happened to it meanwhile."""
        free = not one.in_hand and not self._call_backs.engaged(one)
        return free and self._call_backs.is_open(one)

    def _hindrance(self, one: OpenCallBack) -> str | None:
        """Why the number cannot be called from here."""
        if one.queue not in self._exchange.queues:
            return "unknown-queue"
        if self._exchange.user_agent.draining:
            return "server-stopping"
        try:
            self._exchange.outbound.shown_to(one.number, one.queue)
        except CallError as refused:
            return str(getattr(refused, "cause", type(refused).__name__))
        return None

    def _calendar(self, queue: str) -> Calendar | None:
        """In whose hours the queue's customers are called: its own, if there are no others."""
        own = self._call_backs.settings_of(queue).calendar
        settings = self._exchange.queues.get(queue)
        return self._hours(own or (settings.hours if settings is not None else None))

    # --- the queue ----------------------------------------------------------------------------

    def _enqueue(self, one: OpenCallBack) -> bool:
        """Whether it waits."""
        queue = self._exchange.queues[one.queue]
        contact_id = self._exchange.new_id()
        self._call_backs.queued(one, contact_id)
        contact = WaitingContact(
            id=ContactId(contact_id),
            queue=one.queue,
            queued_at=one.queued_at,
            priority=one.priority,
            requirements=required(one.requirements),
            region=self._exchange.regions.of(one.number),
            work=queue.work,
            channel=Channel.CALLBACK,
            held_for=held_for(queue),
        )
        one.request = contact
        try:
            self._exchange.floor.enqueue(contact, returning=True, lost_by=one.lost_by)
        except AcdError as error:
            log.warning("call_backs.not_queued", queue=one.queue, reason=str(error))
            self._call_backs.taken_back(one)
            self._withdraw(contact_id)
            return False
        one.lost_by = None
        return True

    def _take_back(self, one: OpenCallBack) -> None:
        """It must not be offered any more; a call that only waits for an agent is over."""
        if (contact_id := one.contact_id) is None:
            return
        self._call_backs.taken_back(one)
        if (call := self._switchboard.find(contact_id)) is not None:
            self._exchange.floor.withdraw(contact_id)
            call.caller.let_go(CALLED_OFF)
        else:
            self._withdraw(contact_id)

    def _withdraw(self, contact_id: str) -> None:
        """Nobody was called under this contact: whoever counts who waits is told so."""
        self._exchange.floor.withdraw(contact_id)
        self._exchange.append(
            ContactEnded(contact_id=contact_id, outcome="withdrawn", reason=CALLED_OFF.reason)
        )

    # --- the ACD's word -----------------------------------------------------------------------

    def offered(self, offer: Offer) -> None:
        """An agent is reserved for it: its call begins, if it does not wait for one already."""
        one = self._call_backs.of_contact(offer.contact_id)
        if one is None or self._exchange.user_agent.draining:
            self._exchange.floor.withdraw(offer.contact_id)
            return
        one.agent_id = offer.agent_id
        if self._switchboard.find(offer.contact_id) is not None:
            self._switchboard.offered(offer)
            return
        try:
            self._begins.take_turn(one, offer)
        except CallError as refused:
            log.info("call_backs.not_begun", contact_id=offer.contact_id, reason=str(refused))
            self._withdraw(offer.contact_id)
            self._call_backs.let_go(one, offer.contact_id)

    def offer_ended(self, offer: Offer, outcome: Outcome) -> None:
        one = self._call_backs.of_contact(offer.contact_id)
        if one is not None and one.agent_id == offer.agent_id:
            one.agent_id = None
            self._call_backs.look_again(one)  # its hours may have ended meanwhile
        self._switchboard.offer_ended(offer, outcome)
