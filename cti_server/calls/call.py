"""One call, from arrival to the last leg's end: answer, menu, queue, conversation."""

import asyncio

import structlog

from acd.model import ContactId, Offer, Outcome
from config.settings import NumberSettings
from crm.numbers import mask
from cti_server.media.plane import MediaUnavailable
from cti_server.sip.errors import SipError
from cti_server.sip.incoming_call import IncomingCall
from cti_server.sip.offer_answer import NoCommonCodec
from cti_server.wire.events import CallArrived, CallEnded, ContactEnded
from ivr.actions import Enqueue, HangUp, Transfer
from ivr.flow import Flow
from ivr.walk import Walk

from . import termination
from .agent_search import AgentSearch
from .contact import Contact
from .conversation import Conversation
from .dialling import Dialling
from .exchange import Exchange
from .leg import Leg
from .menu import Menu
from .phones import Invitation
from .sip_session import SipSession
from .termination import Over, Termination

log = structlog.get_logger()


class Call:
    """A customer's call. :meth:`run` is its task; the caller hanging up ends it at any step."""

    def __init__(
        self,
        exchange: Exchange,
        incoming: IncomingCall,
        leads_to: NumberSettings,
        flow: Flow | None,
    ) -> None:
        numbers = {
            "caller_number": incoming.caller_number,
            "dialled_number": incoming.dialled_number,
        }
        self.id = exchange.new_id()
        self._exchange = exchange
        self._incoming = incoming
        self._leads_to = leads_to
        self._flow = flow
        self._walk = Walk(flow, numbers) if flow is not None else None
        self.contact = Contact(
            exchange,
            contact_id=exchange.new_id(),
            call_id=self.id,
            language=leads_to.language or exchange.language,
            walk=self._walk,
            **numbers,
        )
        self._legs = Dialling(exchange, self.id)
        self.caller = self._legs.new_leg(termination.CALLER_HUNG_UP)
        self.session = SipSession(self.caller, exchange.new_session_id())
        self._search = AgentSearch(exchange, self.contact, self.caller, self._legs)
        self._conversation: tuple[Conversation, Leg] | None = None

    # --- what the ACD tells it ----------------------------------------------------------------

    def offered(self, offer: Offer) -> None:
        self._search.offered(offer)

    def offer_ended(self, offer: Offer, outcome: Outcome) -> None:
        self._search.offer_ended(offer, outcome)

    # --- its task -----------------------------------------------------------------------------

    def stop(self) -> None:
        """The server stops: everybody is hung up, and the records are complete."""
        self.caller.let_go(termination.SERVER_STOPPED)

    async def run(self) -> None:
        """Serve the caller until the call is over, then give everything back."""
        structlog.contextvars.bind_contextvars(call_id=self.id)
        why = await self._until_it_is_over()
        try:
            await self._finish(why)
        except Exception:
            log.exception("call.not_given_back")

    async def _until_it_is_over(self) -> Termination:
        """The call's net: whatever goes wrong ends this call, and no other."""
        why = termination.INTERNAL_ERROR
        try:
            self._arrived()
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self.contact.look_up())
                tasks.create_task(self._watch_caller())
                await self._serve()
        except* Over as overs:
            why = _first(overs).termination
        except* Exception:
            log.exception("call.failed")
            why = termination.INTERNAL_ERROR
        return why

    async def _watch_caller(self) -> None:
        await self.caller.over.wait()
        raise Over(self.caller.termination or termination.SESSION_GONE)

    async def _serve(self) -> None:
        await self._answer()
        match await self._menu():
            case Enqueue() as enqueue:
                await self._find_agent_and_talk(enqueue)
            case Transfer(target=target):
                await self._transfer(target)
            case HangUp(reason="flow-loop" | "flow-too-long"):
                raise Over(termination.FLOW_LOOP)
            case HangUp():
                raise Over(termination.FLOW_ENDED)

    async def _answer(self) -> None:
        """Agree on media and pick up."""
        try:
            await self.caller.open_media(self._exchange.plane)
        except MediaUnavailable as error:
            self._incoming.refuse(503, headers=[("Retry-After", "5")])
            raise Over(termination.MEDIA_UNAVAILABLE) from error
        if self.caller.over.is_set():  # gave up while a port was found
            raise Over(self.caller.termination or termination.SESSION_GONE)
        offer = self._incoming.offer
        if offer is None:
            self._incoming.answer(self.session.propose())
            await self.caller.settled()  # if it is not, the caller's watch ends the call
            return
        try:
            answer = self.session.accept(offer)
        except (NoCommonCodec, SipError) as error:
            self._incoming.refuse(488)
            raise Over(termination.NO_COMMON_CODEC) from error
        self._incoming.answer(answer)
        self.caller.mark_connected()

    async def _menu(self) -> Enqueue | Transfer | HangUp:
        """What the caller chose; a number without a menu leads to its queue."""
        if self._walk is None or self._flow is None:
            return Enqueue(self._leads_to.queue or "")
        menu = Menu(
            self._walk,
            self.caller,
            self._exchange.prompts,
            flow=self._flow.name,
            contact_id=self.contact.id,
            append=self._exchange.append,
        )
        return await menu.run()

    async def _find_agent_and_talk(self, enqueue: Enqueue) -> None:
        queue = self._exchange.queues[enqueue.queue]
        lost_by: str | None = None
        while True:
            offer, agent = await self._search.find(enqueue, queue, lost_by=lost_by)
            conversation = Conversation(self._exchange, self.contact, queue, offer)
            self._conversation = (conversation, agent)
            await conversation.hold(self.caller, agent)
            # The agent left before the two were connected: the caller keeps the place.
            self._conversation = None
            conversation.end(termination.AGENT_HUNG_UP)
            await agent.close(termination.RELEASED)
            lost_by = offer.agent_id

    async def _transfer(self, target: str) -> None:
        """Dial a number or URI outside and connect the caller to it."""
        leg = self._legs.new_leg(termination.TRANSFER_ENDED)
        self.caller.media.start_play([self._exchange.prompts.music], repeat=True)
        try:
            await self._legs.ring(
                leg,
                self._exchange.phones.at(target),
                Invitation(self.contact.caller_number, self.caller.codec, self.contact.id),
                role="external",
            )
        except (MediaUnavailable, SipError) as error:
            raise Over(termination.TRANSFER_FAILED) from error
        if not await leg.settled():
            raise Over(termination.TRANSFER_FAILED)
        self.caller.media.bridge(leg.media)
        await leg.over.wait()
        raise Over(leg.termination or termination.SESSION_GONE)

    # --- beginning and end --------------------------------------------------------------------

    def _arrived(self) -> None:
        incoming = self._incoming
        log.info(
            "call.arrived",
            contact_id=self.contact.id,
            sip_call_id=incoming.sip_call_id,
            dialled_number=incoming.dialled_number,
            caller_number=mask(incoming.caller_number),
            trunk=incoming.identity.name,
        )
        self._exchange.append(
            CallArrived(
                call_id=self.id,
                contact_id=self.contact.id,
                sip_call_id=incoming.sip_call_id,
                caller_number=incoming.caller_number,
                dialled_number=incoming.dialled_number,
                trunk=incoming.identity.name,
            )
        )
        self._legs.started(
            self.caller,
            role="caller",
            party=incoming.caller_number,
            address=_address(incoming),
        )

    async def _finish(self, why: Termination) -> None:
        """All sides hang up, the queue and the recorder are told, every port goes back."""
        self._legs.hang_up(why)
        self._exchange.floor.withdraw(ContactId(self.contact.id))
        if self._conversation is None:
            await self._legs.close(why)
        else:
            conversation, agent = self._conversation
            conversation.end(why)
            await conversation.stop_recording()
            await self._legs.close(why)
            conversation.archive(self.caller, agent)
        self._exchange.append(
            ContactEnded(contact_id=self.contact.id, outcome=self._outcome(why), reason=why.reason)
        )
        log.info("call.ended", result=why.result, reason=why.reason)
        self._exchange.append(
            CallEnded(
                call_id=self.id, contact_id=self.contact.id, result=why.result, reason=why.reason
            )
        )

    def _outcome(self, why: Termination) -> str:
        if self._conversation is not None and self._conversation[0].started:
            return "handled"
        if why is termination.TRANSFER_ENDED:
            return "transferred"
        if why is termination.QUEUE_FULL:
            return "turned_away"
        if why.result != "ok":
            return "failed"
        return "self_served" if self.contact.queued_at is None else "abandoned"


def _address(incoming: IncomingCall) -> str:
    """The URI that called; empty if From has none, and the trunk says it elsewhere."""
    try:
        return str(incoming.request.from_.uri)
    except SipError:
        return ""


def _first(overs: BaseExceptionGroup[Over]) -> Over:
    """Of several reasons that came at once, the first."""
    first: BaseException = overs
    while isinstance(first, BaseExceptionGroup):
        first = first.exceptions[0]
    if not isinstance(first, Over):
        raise TypeError(type(first))
    return first
