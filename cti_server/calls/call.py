"""One call, from arrival to the last leg's end: menu, queue, agent, conversation."""

import asyncio
from datetime import datetime

import structlog

from acd.errors import AcdError
from acd.model import Offer, WaitingContact
from config.settings import NumberSettings, QueueSettings
from crm.pop import Pop
from cti_server.media.plane import MediaUnavailable
from cti_server.sip.errors import SipError
from cti_server.sip.offer_answer import NoCommonCodec
from cti_server.sip.user_agent import IncomingCall
from cti_server.wire.events import (
    CallArrived,
    CallEnded,
    ContactEnded,
    CustomerMatched,
    InteractionStarted,
    LegStarted,
)
from cti_server.wire.stream import ScreenPop
from ivr.actions import Enqueue, HangUp, Transfer
from ivr.flow import Flow
from ivr.walk import Walk
from recording.capture import CaptureInfo

from . import termination
from .exchange import Exchange
from .leg import Leg
from .menu import Menu
from .phones import PhoneUnreachable
from .recorder import Recorder
from .termination import Over, Termination
from .waiting import entertain

log = structlog.get_logger()


class Call:
    """
    A customer's call. :meth:`run` is its task; the caller's leg ending ends it at any step.

    The queue's side reaches it through :meth:`offered` and :meth:`offer_ended`.
    """

    def __init__(
        self, exchange: Exchange, incoming: IncomingCall, leads_to: NumberSettings, flow: Flow | None
    ) -> None:
        self.id = exchange.new_id()
        self.contact_id = exchange.new_id()
        self.started_at = exchange.clock.now()
        self._exchange = exchange
        self._incoming = incoming
        self._leads_to = leads_to
        self._flow = flow
        self._walk = Walk(flow, {"caller_number": incoming.caller_number}) if flow else None
        self.caller = self._new_leg(termination.CALLER_HUNG_UP)
        self._agent: Leg | None = None
        self._pop: asyncio.Task[Pop] | None = None
        self._offers: asyncio.Queue[Offer] = asyncio.Queue()
        self._ringing: tuple[str, Leg] | None = None
        self._dead_offers: set[str] = set()
        self._queued_at: datetime | None = None
        self._interaction: Offer | None = None
        self._started = False
        self._recorder: Recorder | None = None

    # --- what the queue tells it --------------------------------------------------------------

    def offered(self, offer: Offer) -> None:
        self._offers.put_nowait(offer)

    def offer_ended(self, offer: Offer, outcome: str) -> None:
        """The ACD took the offer back: the agent's phone stops ringing."""
        self._dead_offers.add(offer.id)
        if self._ringing is not None and self._ringing[0] == offer.id:
            self._ringing[1].let_go(
                termination.NOT_ANSWERED if outcome == "timed_out" else termination.OFFER_WITHDRAWN
            )

    # --- the call's task ----------------------------------------------------------------------

    async def run(self) -> None:
        """Serve the caller until the call is over, then give everything back."""
        structlog.contextvars.bind_contextvars(call_id=self.id)
        why = termination.SERVER_STOPPED
        self._arrived()
        try:
            async with asyncio.TaskGroup() as tasks:
                self._pop = tasks.create_task(self._look_up())
                tasks.create_task(self._watch_caller())
                await self._serve()
        except* Over as overs:
            why = _first(overs).termination
        except* Exception:  # noqa: BLE001 - the call's net: this call ends, the others live
            log.exception("call.failed", call_id=self.id)
            why = termination.INTERNAL_ERROR
        finally:
            await self._finish(why)

    async def _serve(self) -> None:
        await self._answer()
        if self._walk is None or self._flow is None:
            queue = self._leads_to.queue
            if queue is None:
                raise Over(termination.FLOW_ENDED)
            await self._wait_and_talk(Enqueue(queue=queue, priority=0, requirements={}))
            return
        flow = self._flow.name
        menu = Menu(
            self._walk,
            self.caller,
            lambda prompts: self._exchange.prompts.of_flow(flow, prompts),
            flow=flow,
            contact_id=self.contact_id,
            append=self._exchange.append,
        )
        match await menu.run():
            case Enqueue() as enqueue:
                await self._wait_and_talk(enqueue)
            case Transfer(target=target):
                await self._transfer(target)
            case HangUp(reason=reason):
                looped = reason == "flow-loop"
                raise Over(termination.FLOW_LOOP if looped else termination.FLOW_ENDED)

    async def _answer(self) -> None:
        """Agree on media and pick up."""
        try:
            await self.caller.open_media(self._exchange.plane)
        except MediaUnavailable as error:
            self._incoming.refuse(503, headers=[("Retry-After", "5")])
            raise Over(termination.MEDIA_UNAVAILABLE) from error
        if self._incoming.offer is None:
            self._incoming.answer(self.caller.propose(codecs=("PCMU", "PCMA")))
            if not await self.caller.settled():
                raise Over(self.caller.termination or termination.SESSION_GONE)
            return
        try:
            answer = self.caller.accept(self._incoming.offer)
        except (NoCommonCodec, SipError) as error:
            self._incoming.refuse(488)
            raise Over(termination.NO_COMMON_CODEC) from error
        self._incoming.answer(answer)
        self.caller.mark_connected()

    async def _watch_caller(self) -> None:
        await self.caller.over.wait()
        raise Over(self.caller.termination or termination.SESSION_GONE)

    async def _look_up(self) -> Pop:
        pop = await self._exchange.customers.look_up(self._incoming.caller_number)
        self._exchange.append(
            CustomerMatched(
                contact_id=self.contact_id,
                match=pop.match,
                customer_ids=[customer.id for customer in pop.customers],
            )
        )
        return pop

    # --- the queue ----------------------------------------------------------------------------

    async def _wait_and_talk(self, enqueue: Enqueue) -> None:
        queue = self._exchange.queues[enqueue.queue]
        self._queued_at = self._exchange.clock.now()
        while True:
            self._enqueue(enqueue, self._queued_at)
            offer, agent = await self._wait_for_agent(queue)
            if await self._announce(queue, offer, agent):
                await self._talk(queue, offer, agent)
            # The agent left before the two were connected: the caller keeps the place.
            self._interaction = None
            self._exchange.floor.end_interaction(offer.id, "agent")
            await agent.close(termination.AGENT_HUNG_UP)
            self._agent = None

    def _enqueue(self, enqueue: Enqueue, queued_at: datetime) -> None:
        contact = WaitingContact(
            id=self.contact_id,
            queue=enqueue.queue,
            queued_at=queued_at,
            priority=enqueue.priority,
            requirements=enqueue.requirements,
        )
        try:
            self._exchange.floor.enqueue(contact)
        except AcdError as error:
            log.info("call.not_queued", queue=enqueue.queue, reason=str(error))
            raise Over(termination.QUEUE_FULL) from error

    async def _wait_for_agent(self, queue: QueueSettings) -> tuple[Offer, Leg]:
        """Music until an agent has picked up."""
        every = queue.announce_position_every
        music = asyncio.create_task(
            entertain(
                self.caller,
                self._exchange.prompts,
                language=self._language,
                every=every.total_seconds() if every else None,
                position=lambda: self._exchange.floor.position(self.contact_id),
            )
        )
        try:
            while True:
                offer = await self._offers.get()
                agent = await self._ring(offer)
                if agent is not None:
                    return offer, agent
        finally:
            music.cancel()

    async def _ring(self, offer: Offer) -> Leg | None:
        """Show the customer to the agent, then ring; the leg if the agent picked up."""
        if offer.id in self._dead_offers:
            return None
        floor, exchange = self._exchange.floor, self._exchange
        await self._present(offer)
        if offer.id in self._dead_offers:
            return None
        leg = self._new_leg(termination.AGENT_HUNG_UP)
        self._agent, self._ringing = leg, (offer.id, leg)
        try:
            await self._dial(leg, offer)
            if await leg.settled():
                floor.accept(offer.id)
                self._interaction = offer
                return leg
        except (PhoneUnreachable, MediaUnavailable, SipError) as error:
            log.info("call.agent_unreachable", agent_id=offer.agent_id, reason=str(error))
            leg.let_go(termination.UNREACHABLE)
        except AcdError:
            leg.let_go(termination.OFFER_WITHDRAWN)  # answered in the moment the offer ended
        finally:
            self._ringing = None
        if offer.id not in self._dead_offers:
            if leg.termination is termination.DECLINED:
                floor.decline(offer.id)
            else:
                floor.unreachable(offer.id)
        await leg.close(termination.RELEASED)
        self._agent = None
        return None

    async def _present(self, offer: Offer) -> None:
        """The record on the screen; waits for the look-up no longer than its budget."""
        exchange = self._exchange
        pop = ScreenPop(
            interaction_id=offer.id,
            contact_id=self.contact_id,
            queue=offer.queue,
            caller_number=self._incoming.caller_number,
            dialled_number=self._incoming.dialled_number,
            language=self._language,
            waiting_seconds=(offer.made_at - (self._queued_at or offer.made_at)).total_seconds(),
            menu_path=list(self._walk.path) if self._walk else [],
            attributes=dict(self._walk.attributes) if self._walk else {},
            expires_at=offer.expires_at,
            customer=await self._known_customer(),
        )
        exchange.desks.present(offer.agent_id, pop)
        await exchange.desks.delivered(offer.agent_id)

    async def _known_customer(self) -> Pop:
        if self._pop is None:
            return Pop(match="unavailable")
        try:
            async with asyncio.timeout(self._exchange.pop_budget):
                return await asyncio.shield(self._pop)
        except TimeoutError:
            return Pop(match="unavailable")

    async def _dial(self, leg: Leg, offer: Offer) -> None:
        exchange = self._exchange
        line = exchange.phones.of(offer.agent_id).line()
        self._leg_started(leg, "agent", offer.agent_id, line.uri, offer.agent_id)
        await leg.open_media(exchange.plane, beside=self.caller)
        await self._invite(leg, line.uri, line.flow)

    async def _invite(self, leg: Leg, uri: str, flow: object | None = None) -> None:
        mine = self.caller.codec
        other = "PCMA" if mine == "PCMU" else "PCMU"
        leg.attach(
            self._exchange.user_agent.call(
                uri,
                offer=leg.propose(codecs=(mine, other)),
                listener=leg,
                from_uri=f"sip:{self._incoming.caller_number}@{self._exchange.realm}",
                flow=flow,
            )
        )

    # --- the conversation ---------------------------------------------------------------------

    async def _announce(self, queue: QueueSettings, offer: Offer, agent: Leg) -> bool:
        """Tell the caller who serves them (AC-07); False if the agent left meanwhile."""
        number = self._exchange.floor.agent_number(offer.agent_id)
        if queue.announce_agent and number:
            said = asyncio.create_task(
                self.caller.media.play(self._exchange.prompts.agent(number, self._language))
            )
            left = asyncio.create_task(agent.over.wait())
            try:
                await asyncio.wait({said, left}, return_when=asyncio.FIRST_COMPLETED)
            finally:
                said.cancel()
                left.cancel()
        return not agent.over.is_set()

    async def _talk(self, queue: QueueSettings, offer: Offer, agent: Leg) -> None:
        """Connect the two until one of them hangs up."""
        self.caller.media.bridge(agent.media)
        self._started = True
        self._exchange.append(
            InteractionStarted(
                contact_id=self.contact_id,
                interaction_id=offer.id,
                agent_id=offer.agent_id,
                queue=offer.queue,
            )
        )
        if queue.record:
            self._recorder = Recorder(self._exchange, self._capture_info(offer))
            await self._recorder.start(self.caller, agent)
        await agent.over.wait()
        raise Over(agent.termination or termination.SESSION_GONE)

    def _capture_info(self, offer: Offer) -> CaptureInfo:
        return CaptureInfo(
            recording_id=self._exchange.new_id(),
            call_id=self.id,
            contact_id=self.contact_id,
            interaction_id=offer.id,
            agent_id=offer.agent_id,
            queue=offer.queue,
            caller_number=self._incoming.caller_number,
            dialled_number=self._incoming.dialled_number,
            started_at=self._exchange.clock.now(),
        )

    async def _transfer(self, target: str) -> None:
        """Dial a number or URI outside and connect the caller to it."""
        leg = self._new_leg(termination.TRANSFER_ENDED)
        self._agent = leg
        self._leg_started(leg, "external", target, target, None)
        try:
            await leg.open_media(self._exchange.plane, beside=self.caller)
            self.caller.media.start_play([self._exchange.prompts.music], repeat=True)
            await self._invite(leg, target)
        except (MediaUnavailable, SipError) as error:
            raise Over(termination.TRANSFER_FAILED) from error
        if not await leg.settled():
            raise Over(termination.TRANSFER_FAILED)
        self.caller.media.bridge(leg.media)
        await leg.over.wait()
        raise Over(leg.termination or termination.SESSION_GONE)

    # --- beginning and end --------------------------------------------------------------------

    @property
    def _language(self) -> str:
        return self._walk.language if self._walk else self._leads_to.language

    def _new_leg(self, hung_up: Termination) -> Leg:
        return Leg(
            leg_id=self._exchange.new_id(),
            call_id=self.id,
            session_id=self._exchange.new_session_id(),
            hung_up=hung_up,
            append=self._exchange.append,
        )

    def _arrived(self) -> None:
        incoming = self._incoming
        self._exchange.append(
            CallArrived(
                call_id=self.id,
                contact_id=self.contact_id,
                sip_call_id=incoming.sip_call_id,
                caller_number=incoming.caller_number,
                dialled_number=incoming.dialled_number,
                trunk=incoming.identity.name,
            )
        )
        self._leg_started(
            self.caller, "caller", incoming.caller_number, str(incoming.request.from_.uri), None
        )

    def _leg_started(
        self, leg: Leg, role: str, party: str, address: str, agent_id: str | None
    ) -> None:
        self._exchange.append(
            LegStarted(
                call_id=self.id,
                leg_id=leg.id,
                role=role,
                party=party,
                address=address,
                agent_id=agent_id,
            )
        )

    async def _finish(self, why: Termination) -> None:
        """Both sides hang up, the queue and the recorder are told, every port goes back."""
        exchange, agent = self._exchange, self._agent
        self.caller.let_go(why)
        if agent is not None:
            agent.let_go(termination.RELEASED)
        exchange.floor.withdraw(self.contact_id)
        if self._interaction is not None:
            exchange.floor.end_interaction(self._interaction.id, _ended_by(why))
        if self._recorder is not None:
            await self._recorder.stop()
        await self.caller.close(why)
        if agent is not None:
            await agent.close(termination.RELEASED)
        if self._recorder is not None and agent is not None:
            self._recorder.hand_over(self.caller, agent)
        exchange.append(
            ContactEnded(
                contact_id=self.contact_id, outcome=self._outcome(why), reason=why.reason
            )
        )
        exchange.append(
            CallEnded(
                call_id=self.id, contact_id=self.contact_id, result=why.result, reason=why.reason
            )
        )

    def _outcome(self, why: Termination) -> str:
        if self._started:
            return "handled"
        if why is termination.TRANSFER_ENDED:
            return "transferred"
        if why.result != "ok":
            return "failed"
        if self._queued_at is not None:
            return "abandoned"
        return "self_served"


def _ended_by(why: Termination) -> str:
    if why is termination.CALLER_HUNG_UP:
        return "caller"
    return "agent" if why is termination.AGENT_HUNG_UP else "system"


def _first(overs: BaseExceptionGroup[Over]) -> Over:
    first: BaseException = overs
    while isinstance(first, BaseExceptionGroup):
        first = first.exceptions[0]
    if not isinstance(first, Over):
        raise TypeError(type(first))
    return first


