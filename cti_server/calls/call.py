"""One call, from its beginning to the last leg's end, whatever it is for."""

import asyncio
from collections.abc import Awaitable, Coroutine
from typing import Any, Protocol, TypeVar

import structlog

from acd.model import ContactId, Offer, Outcome
from cti_server.wire.events import CallEnded, ContactEnded
from ivr.flow import Flow
from ivr.walk import Walk

from . import termination
from .around import Around
from .contact import Contact
from .control import CallControl
from .conversation import Conversation
from .course import Course
from .dialling import Dialling
from .exchange import Exchange
from .fax_in_call import FaxInCall
from .member import Requeue
from .menu import Menu
from .menu_recording import MenuRecording
from .messages import Messages
from .read_out import HeardOut, ReadOuts
from .record_key import RecordKey
from .recording_control import RecordingControl
from .supervision import Supervision
from .survey import Survey
from .termination import Over, Termination

log = structlog.get_logger()

Done = TypeVar("Done")


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
        self.conversation = Conversation(
            exchange, self.contact, self.caller, self.spawn, lambda one: self.control.left(one)
        )
        self.control = CallControl(exchange, self.contact, self.legs, self.conversation, self.spawn)
        self.supervision = Supervision(
            exchange, self.contact, self.legs, self.conversation, self.spawn
        )
        self.read_outs = ReadOuts(exchange, self.contact, self.conversation, self.spawn)
        self.recording = RecordingControl(exchange, self.contact, self.conversation, self.spawn)
        self.record_key = RecordKey(
            exchange, self.conversation, self.recording, self.control.send_digits, self.spawn
        )
        self.menu_recording = MenuRecording(exchange, self.contact, self.conversation, self.spawn)
        self.messages = Messages(exchange, self.contact, self.caller)
        self.fax = FaxInCall(exchange, self.contact, self.caller)
        self.course = Course(
            exchange, self.contact, self.caller, self.legs, self.control, self.conversation
        )
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
        """Its purpose; then what is still read to a customer whose agent left; then how it was."""
        why = await _end_of(purpose.pursue(self))
        heard: HeardOut | None = None
        while self.read_outs.outlasts(why):
            self._leave_customer(why)
            heard = await self.read_outs.heard_out()
            if (way := self._way_on(heard)) is None:
                break
            why, heard = await _end_of(way), None
            if why is termination.FLOW_ENDED:
                raise Over(why)
        survey = Survey.after(self.exchange, self.contact, self.conversation, why)
        if survey is not None:
            self._leave_customer(why)
            await self.course.lead_through(survey.begin(self.messages))
        elif heard is not None:
            goodbye = self.exchange.prompts.sentence("goodbye", self.contact.language)
            await self.caller.media.play(goodbye)
        raise Over(why)

    def _leave_customer(self, why: Termination) -> None:
        """Who served the customer is gone, and the call goes on."""
        self.control.end()
        self.conversation.dismiss(why)

    def _way_on(self, heard: HeardOut) -> Coroutine[Any, Any, object] | None:
        """Where a customer goes who has heard it to the end, or could not be told what it was."""
        match heard.way_on(self.contact.wish if self.contact.queued_at is not None else None):
            case Requeue() as requeue:
                return self.course.serve_again(requeue)
            case Flow() as flow:
                self.caller.take_digits()  # what was pressed in the conversation is no answer
                return self.course.lead_through(self._menu(flow))
            case None:
                return None

    def _menu(self, flow: Flow) -> Menu:
        contact = self.contact
        return Menu(
            Walk(flow, contact.numbers, contact.language),
            self.caller,
            self.exchange.prompts,
            Around(self.exchange, contact, self.messages),
            contact_id=contact.id,
            append=self.exchange.append,
        )

    async def _watch_caller(self) -> None:
        await self.caller.over.wait()
        raise Over(self.caller.termination or termination.SESSION_GONE)

    # --- its end ------------------------------------------------------------------------------

    async def _finish(self, why: Termination) -> None:
        """
        All sides hang up, the queue and the recorder are told, every port goes back.

        Only then does a flow go on alone with what the caller has left: it may take its time.
        """
        self.over = True
        self.legs.hang_up(why)
        self.exchange.floor.withdraw(ContactId(self.contact.id))
        self.control.end()
        self.read_outs.end()
        self.recording.end()
        self.conversation.end(why)
        await _though_it_fails(self.conversation.stop_recordings(), "call.not_given_back")
        await _though_it_fails(self.menu_recording.stop(), "call.not_given_back")
        kept = await _though_it_fails(self.messages.end(), "call.last_words_failed")
        await _though_it_fails(self.fax.end(), "call.fax_lost")
        await _though_it_fails(self.legs.close(why), "call.not_given_back")
        await _though_it_fails(self.conversation.archive(), "call.not_given_back")
        self.menu_recording.archive()
        await _though_it_fails(self.course.go_on_alone(kept), "call.last_words_failed")
        self.exchange.append(
            ContactEnded(
                contact_id=self.contact.id, outcome=self.course.outcome(why), reason=why.reason
            )
        )
        log.info("call.ended", result=why.result, reason=why.reason)
        self.exchange.append(
            CallEnded(
                call_id=self.id, contact_id=self.contact.id, result=why.result, reason=why.reason
            )
        )


async def _though_it_fails(step: Awaitable[Done], told: str) -> Done | None:
    """One step of a call's end: if it fails it is told so, and the steps after it are done."""
    try:
        return await step
    except Exception:
        log.exception(told)
        return None


async def _end_of(way: Coroutine[Any, Any, object]) -> Termination:
    """Why there is no more of it."""
    try:
        await way
    except Over as over:
        return over.termination
    return termination.FLOW_ENDED


def _first(overs: BaseExceptionGroup[Over]) -> Over:
    """Of several reasons that came at once, the first."""
    first: BaseException = overs
    while isinstance(first, BaseExceptionGroup):
        first = first.exceptions[0]
    if not isinstance(first, Over):
        raise TypeError(type(first))
    return first
