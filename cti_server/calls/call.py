"""One call, from its beginning to the last leg's end, whatever it is for."""

import asyncio
from collections.abc import Coroutine
from typing import Any, Protocol

import structlog

from acd.errors import UnknownQueue
from acd.model import ContactId, Offer, Outcome
from cti_server.media.plane import MediaUnavailable
from cti_server.sip.errors import SipError
from cti_server.wire.events import CallEnded, ContactEnded
from ivr.actions import Answer, Enqueue, HangUp, LeftQueue, NotConnected, Transfer
from ivr.walk import Walk

from . import termination
from .contact import Contact
from .control import CallControl
from .conversation import Conversation
from .dialling import Dialling
from .errors import NotWaiting
from .exchange import Exchange
from .leg import Leg
from .member import Member, Requeue
from .menu import Menu
from .messages import Messages
from .phones import Invitation
from .queue_stay import QueueStay
from .read_out import ReadOuts
from .supervision import Supervision
from .survey import Survey
from .talk import Role
from .termination import Over, Termination
from .ways_out import MOVED, WayOut, WaysOut

log = structlog.get_logger()


class Purpose(Protocol):
    """What the call is for: a customer who dialled, an agent who dials, a call back."""

    async def pursue(self, call: "Call") -> None:
        """Log its beginning, then lead it to its end. Raises Over; to return ends the flow."""


class Call:
    """
    A customer's leg, and whoever talks with them. :meth:`run` is its task.

    However it began: the customer's leg being over ends it at any step. Agents act on it through
    :attr:`control`.
    """

    def __init__(
        self,
        exchange: Exchange,
        *,
        caller_number: str,
        dialled_number: str,
        original_number: str = "",
        language: str | None = None,
        walk: Walk | None = None,
        direction: str = "inbound",
        masked: bool = False,
        contact_id: str | None = None,
    ) -> None:
        """``caller_number`` is the customer's, whoever dialled."""
        self.id = exchange.new_id()
        self.exchange = exchange
        self.contact = Contact(
            exchange,
            contact_id=contact_id or exchange.new_id(),
            call_id=self.id,
            caller_number=caller_number,
            dialled_number=dialled_number,
            original_number=original_number,
            language=language or exchange.language,
            walk=walk,
            direction=direction,
            masked=masked,
        )
        self.legs = Dialling(exchange, self.id)
        self.caller = self.legs.new_leg(termination.CALLER_HUNG_UP)
        self.ways_out = WaysOut(exchange, self.contact, self.caller)
        self.conversation = Conversation(
            exchange, self.contact, self.caller, self.spawn, lambda one: self.control.left(one)
        )
        self.control = CallControl(exchange, self.contact, self.legs, self.conversation, self.spawn)
        self.supervision = Supervision(
            exchange, self.contact, self.legs, self.conversation, self.spawn
        )
        self.read_outs = ReadOuts(exchange, self.contact, self.conversation, self.spawn)
        self.messages = Messages(exchange, self.contact, self.caller)
        self._stay: QueueStay | None = None  # the latest
        self._back_in_flow: WayOut | None = None  # by which the caller is there, if they are
        self._menu: Menu | None = None  # the flow that the customer is in, or was in last
        self._led_outside = False  # the customer has been with somebody there
        self._tasks: asyncio.TaskGroup | None = None
        self.over = False
        """Nobody can act on it any more."""

    # --- what the ACD tells it ----------------------------------------------------------------

    def offered(self, offer: Offer) -> None:
        search = self.control.searching
        if search is None:
            self.exchange.floor.withdraw(offer.contact_id)
        else:
            search.offered(offer)

    def offer_ended(self, offer: Offer, outcome: Outcome) -> None:
        search = self.control.searching
        if search is not None:
            search.offer_ended(offer, outcome)

    # --- its task -----------------------------------------------------------------------------

    def stop(self) -> None:
        """The server stops: everybody is hung up, and the records are complete."""
        self.caller.let_go(termination.SERVER_STOPPED)

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Work that ends with the call, and ends the call if it fails; over is over."""
        if self._tasks is None:
            raise RuntimeError(f"call {self.id} does not run")
        try:
            self._tasks.create_task(work)
        except RuntimeError:  # the group is ending: what else it is told has no meaning any more
            work.close()

    async def run(self, purpose: Purpose) -> None:
        """Serve the customer until the call is over, then give everything back."""
        structlog.contextvars.bind_contextvars(call_id=self.id)
        why = await self._until_it_is_over(purpose)
        try:
            await self._finish(why)
        except Exception:
            log.exception("call.not_given_back")

    async def _until_it_is_over(self, purpose: Purpose) -> Termination:
        """The call's net: whatever goes wrong ends this call, and no other."""
        why = termination.FLOW_ENDED
        try:
            async with asyncio.TaskGroup() as self._tasks:
                self.spawn(self.contact.look_up())
                self.spawn(self._watch_caller())
                await self._pursue(purpose)
        except* Over as overs:
            why = _first(overs).termination
        except* Exception:
            log.exception("call.failed")
            why = termination.INTERNAL_ERROR
        return why

    async def _pursue(self, purpose: Purpose) -> None:
        """Its purpose; then, once those who served the customer are gone, how it was."""
        why = termination.FLOW_ENDED
        try:
            await purpose.pursue(self)
        except Over as over:
            why = over.termination
        survey = Survey.after(self.exchange, self.contact, self.conversation, why)
        if survey is not None:
            self.control.end()
            self.conversation.dismiss(why)
            await self.lead_through(survey.begin(self.messages))
        raise Over(why)

    async def _watch_caller(self) -> None:
        await self.caller.over.wait()
        raise Over(self.caller.termination or termination.SESSION_GONE)

    # --- where it can be led ------------------------------------------------------------------

    async def lead_through(self, menu: Menu) -> None:
        """Wherever the flow leads, to its end. Raises Over where the call ends before."""
        answer: Answer | None = None
        self._menu = menu
        while True:
            match await menu.run(answer):
                case Enqueue() as wish:
                    answer = await self.serve(wish)
                case Transfer() as transfer:
                    answer = await self.lead_to(transfer)
                case HangUp(reason="flow-loop" | "flow-too-long"):
                    raise Over(termination.FLOW_LOOP)
                case HangUp():
                    return

    async def serve(self, wish: Enqueue) -> LeftQueue:
        """
        Have an agent serve the customer, and another if need be, until the call is over.

        Or until the caller leaves the queue for the flow; who comes once more has the old place.
        """
        self._back_in_flow = None
        requeue = Requeue(wish, back=self.contact.waited_in == wish.queue)
        self._back_in_flow = way = await self.serve_again(requeue)
        return LeftQueue(way.to_flow or "")

    async def serve_again(self, requeue: Requeue) -> WayOut:
        """The same for a customer who has been with somebody: nothing leads back into a flow."""
        while True:
            self._stay = self._new_stay()
            found = await self._stay.until_found(requeue)
            if isinstance(found, WayOut):
                if found.to_flow is not None:
                    self.ways_out.left(found)
                    return found
                requeue = requeue.followed_by(await self._leave_by(found))
                continue
            member, handling = found
            if not await self.conversation.introduce(member, handling):
                # The agent left before the two were connected: the customer keeps the place.
                self.conversation.discard(member)
                requeue = requeue.followed_by(Requeue(requeue.wish, handling.agent_id))
                continue
            self.conversation.join(member)
            requeue = (await self.conversation.until_alone()).for_good

    def move(self, queue: str, moved_by: str) -> None:
        """Have a customer who waits do so in another queue. Raises UnknownQueue and NotWaiting."""
        if queue not in self.exchange.queues:
            raise UnknownQueue(queue)
        if self._stay is None:
            raise NotWaiting(self.contact.id)
        self._stay.move(queue, moved_by)

    def _new_stay(self) -> QueueStay:
        return QueueStay(
            self.exchange, self.contact, self.caller, self.legs, self.control, self.ways_out
        )

    async def lead_to(self, transfer: Transfer) -> NotConnected:
        """
        Connect the customer to a number or URI outside, until the call is over.

        Or until it is known that nobody picks up there, where the flow has a way for that.
        """
        if await self._joined_by(transfer.target, transfer.ring_for):
            await self.conversation.until_alone()
            raise Over(termination.FLOW_ENDED)
        if not transfer.returns:
            raise Over(termination.TRANSFER_FAILED)
        return NotConnected()

    async def _joined_by(self, target: str, ring_for: float | None = None) -> bool:
        """Whether whoever is there has picked up in time (seconds), and talks with the customer."""
        leg = self.legs.new_leg(termination.TRANSFER_ENDED)
        self.caller.media.start_play([self.exchange.prompts.music], repeat=True)
        try:
            await self.legs.ring(
                leg,
                self.exchange.phones.at(target),
                Invitation(
                    self.contact.caller_number,
                    self.caller.codec,
                    self.contact.id,
                    comfort_noise=self.caller.comfort_noise,
                ),
                role="external",
            )
        except (MediaUnavailable, SipError) as error:
            log.info("call.outside_not_reached", reason=str(error))
            leg.let_go(termination.UNREACHABLE)
        if not await _picked_up(leg, ring_for):
            await leg.close(termination.RELEASED)
            return False
        self.conversation.join(Member(leg, Role.EXPERT, target))
        self._led_outside = True
        return True

    async def _leave_by(self, way: WayOut) -> Requeue:
        """
        Another queue to wait in; the same where nobody outside picked up.

        Raises Over when the call ends on the way.
        """
        there = await self.ways_out.go(way)
        if isinstance(there, Enqueue):
            return Requeue(there, moved=way.reason == MOVED)
        if await self._joined_by(there):
            await self.conversation.until_alone()
            raise Over(termination.FLOW_ENDED)
        return self.ways_out.not_reached(way)

    # --- its end ------------------------------------------------------------------------------

    async def _finish(self, why: Termination) -> None:
        """All sides hang up, the queue and the recorder are told, every port goes back."""
        self.over = True
        self.legs.hang_up(why)
        self.exchange.floor.withdraw(ContactId(self.contact.id))
        self.control.end()
        self.read_outs.end()
        self.conversation.end(why)
        await self.conversation.stop_recordings()
        await self._last_words()
        await self.legs.close(why)
        await self.conversation.archive()
        self.exchange.append(
            ContactEnded(contact_id=self.contact.id, outcome=self._outcome(why), reason=why.reason)
        )
        log.info("call.ended", result=why.result, reason=why.reason)
        self.exchange.append(
            CallEnded(
                call_id=self.id, contact_id=self.contact.id, result=why.result, reason=why.reason
            )
        )

    async def _last_words(self) -> None:
        """What the customer was saying is kept, and the flow does with it what it can alone."""
        kept = await self.messages.end()
        if kept is None or self._menu is None:
            return
        try:
            await self._menu.go_on_alone(kept)
        except TimeoutError:
            log.warning("call.flow_not_ended", contact_id=self.contact.id)

    def _outcome(self, why: Termination) -> str:
        if self.conversation.served:
            return "handled"
        if self._led_outside or why is termination.TRANSFER_ENDED:
            return "transferred"
        if self.contact.call_back is not None:
            return "call_back"
        if why in _TURNED_AWAY:
            return "turned_away"
        if self.contact.direction == "outbound" and why.result != "server_error":
            return "not_reached"
        if why.result != "ok":
            return "failed"
        if self.contact.queued_at is None:
            return "self_served"
        if self._back_in_flow is None:
            return "abandoned"
        if self._back_in_flow.reason in _NOT_LET_IN:
            return "turned_away"
        return "self_served" if why is termination.FLOW_ENDED else "abandoned"


_TURNED_AWAY = (termination.QUEUE_FULL, termination.QUEUE_CLOSED, termination.OVERFLOWED)
_NOT_LET_IN = ("closed", "full", "size", "nobody_there")
"""Why a flow had its caller back from a queue, and nothing else became of it."""


async def _picked_up(leg: Leg, ring_for: float | None) -> bool:
    try:
        async with asyncio.timeout(ring_for):
            return await leg.settled()
    except TimeoutError:
        leg.let_go(termination.NOT_ANSWERED)
        return False


def _first(overs: BaseExceptionGroup[Over]) -> Over:
    """Of several reasons that came at once, the first."""
    first: BaseException = overs
    while isinstance(first, BaseExceptionGroup):
        first = first.exceptions[0]
    if not isinstance(first, Over):
        raise TypeError(type(first))
    return first
