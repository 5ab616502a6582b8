"""Where one customer is led: through flows, into queues, to numbers outside."""

import asyncio

import structlog

from acd.errors import UnknownQueue
from cti_server.media.plane import MediaUnavailable
from cti_server.sip.errors import SipError
from ivr.actions import Answer, Enqueue, HangUp, LeftQueue, NotConnected, Transfer
from ivr.messages import MessageKept

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
from .phones import Invitation
from .queue_stay import QueueStay
from .talk import Role
from .termination import Over, Termination
from .ways_out import GONE, MOVED, WayOut, WaysOut

log = structlog.get_logger()


class Course:
    """
    A customer's way through one call, step by step.

    Each step raises Over where the call ends with it.
    """

    def __init__(
        self,
        exchange: Exchange,
        contact: Contact,
        caller: Leg,
        legs: Dialling,
        control: CallControl,
        conversation: Conversation,
    ) -> None:
        self._exchange = exchange
        self._contact = contact
        self._caller = caller
        self._legs = legs
        self._control = control
        self._conversation = conversation
        self.ways_out = WaysOut(exchange, contact, caller)
        self._stay: QueueStay | None = None  # the latest
        self._back_in_flow: WayOut | None = None  # by which the caller is there, if they are
        self._menu: Menu | None = None  # the flow that the customer is in, or was in last
        self._led_outside = False  # the customer has been with somebody there

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
        requeue = Requeue(wish, back=self._contact.waited_in == wish.queue)
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
            if not await self._conversation.introduce(member, handling):
                # The agent left before the two were connected: the customer keeps the place.
                self._conversation.discard(member)
                requeue = requeue.followed_by(Requeue(requeue.wish, handling.agent_id))
                continue
            self._conversation.join(member)
            requeue = (await self._conversation.until_alone()).for_good

    def move(self, queue: str, moved_by: str) -> None:
        """Have a customer who waits do so in another queue. Raises UnknownQueue and NotWaiting."""
        if queue not in self._exchange.queues:
            raise UnknownQueue(queue)
        if self._stay is None:
            raise NotWaiting(self._contact.id)
        self._stay.move(queue, moved_by)

    def _new_stay(self) -> QueueStay:
        return QueueStay(
            self._exchange, self._contact, self._caller, self._legs, self._control, self.ways_out
        )

    async def lead_to(self, transfer: Transfer) -> NotConnected:
        """
        Connect the customer to a number or URI outside, until the call is over.

        Or until it is known that nobody picks up there, where the flow has a way for that.
        """
        if await self._joined_by(transfer.target, transfer.ring_for):
            await self._conversation.until_alone()
            raise Over(termination.FLOW_ENDED)
        if not transfer.returns:
            raise Over(termination.TRANSFER_FAILED)
        return NotConnected()

    async def _joined_by(self, target: str, ring_for: float | None = None) -> bool:
        """Whether whoever is there has picked up in time (seconds), and talks with the customer."""
        leg = self._legs.new_leg(termination.TRANSFER_ENDED)
        self._caller.media.start_play([self._exchange.prompts.music], repeat=True)
        try:
            await self._legs.ring(
                leg,
                self._exchange.phones.at(target),
                Invitation(
                    self._contact.caller_number,
                    self._caller.codec,
                    self._contact.id,
                    comfort_noise=self._caller.comfort_noise,
                ),
                role="external",
            )
        except (MediaUnavailable, SipError) as error:
            log.info("call.outside_not_reached", reason=str(error))
            leg.let_go(termination.UNREACHABLE)
        if not await _picked_up(leg, ring_for):
            await leg.close(termination.RELEASED)
            return False
        self._conversation.join(Member(leg, Role.EXPERT, target))
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
            await self._conversation.until_alone()
            raise Over(termination.FLOW_ENDED)
        return self.ways_out.not_reached(way)

    async def go_on_alone(self, kept: MessageKept | None) -> None:
        """The customer has hung up: the flow does what it can alone with a message they left."""
        if self._menu is None:
            return
        try:
            await self._menu.go_on_alone(kept)
        except TimeoutError:
            log.warning("call.flow_not_ended", contact_id=self._contact.id)

    def outcome(self, why: Termination) -> str:
        """What became of the contact, in one word."""
        if self._conversation.served:
            return "handled"
        if self._led_outside or why is termination.TRANSFER_ENDED:
            return "transferred"
        if self._contact.fax is not None:
            return "fax" if self._contact.fax else "failed"
        if self._contact.call_back is not None:
            return "call_back"
        if why in _TURNED_AWAY:
            return "turned_away"
        waits = self._contact.queued_at is not None and self._back_in_flow is None
        if self._contact.mailbox is not None and not waits:
            return "voicemail"
        if self._contact.direction == "outbound" and why.result != "server_error":
            return "not_reached"
        if why.result != "ok":
            return "failed"
        if self._contact.queued_at is None:
            return "self_served"
        if waits or self._back_in_flow is None:
            return "abandoned"
        if self._back_in_flow.reason in _NOT_LET_IN:
            return "turned_away"
        return "self_served" if why is termination.FLOW_ENDED else "abandoned"


_TURNED_AWAY = (termination.QUEUE_FULL, termination.QUEUE_CLOSED, termination.OVERFLOWED)
_NOT_LET_IN = ("closed", "full", "size", "nobody_there", GONE)
"""Why a flow had its caller back from a queue, and nothing else became of it."""


async def _picked_up(leg: Leg, ring_for: float | None) -> bool:
    try:
        async with asyncio.timeout(ring_for):
            return await leg.settled()
    except TimeoutError:
        leg.let_go(termination.NOT_ANSWERED)
        return False
