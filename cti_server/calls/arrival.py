"""A customer calls: answer, menu, queue or number."""

import structlog

from config.numbers import Destination
from crm.numbers import mask
from cti_server.media.plane import MediaUnavailable
from cti_server.sip.errors import SipError
from cti_server.sip.incoming_call import IncomingCall
from cti_server.sip.offer_answer import NoCommonCodec
from cti_server.wire.events import CallArrived
from ivr.actions import Enqueue
from ivr.walk import Walk

from . import termination
from .around import Around
from .call import Call
from .menu import Menu
from .termination import Over

log = structlog.get_logger()


class Arrival:
    """The purpose of a call that came in, and the customer's session in it."""

    def __init__(
        self,
        call: Call,
        incoming: IncomingCall,
        leads_to: Destination,
        walk: Walk | None,
    ) -> None:
        self._incoming = incoming
        self._leads_to = leads_to
        self._walk = walk
        self.session = call.exchange.sessions.begin(call.caller, incoming.identity.name)
        self.session.attach(incoming)

    async def pursue(self, call: Call) -> None:
        self._arrived(call)
        await self._answer(call)
        await call.menu_recording.begin()
        if self._walk is None:
            await call.course.serve(Enqueue(self._leads_to.queue or ""))
        else:
            await call.course.lead_through(self._menu(call, self._walk))

    async def _answer(self, call: Call) -> None:
        """Agree on media and pick up."""
        caller = call.caller
        try:
            await caller.open_media(call.exchange.plane)
        except MediaUnavailable as error:
            self._incoming.refuse(503, headers=[("Retry-After", "5")])
            raise Over(termination.MEDIA_UNAVAILABLE) from error
        if caller.over.is_set():  # gave up while a port was found
            raise Over(caller.termination or termination.SESSION_GONE)
        offer = self._incoming.offer
        if offer is None:
            self._incoming.answer(self.session.propose())
            await caller.settled()  # if it is not, the caller's watch ends the call
            return
        try:
            answer = self.session.accept(offer)
        except (NoCommonCodec, SipError) as error:
            self._incoming.refuse(488)
            raise Over(termination.NO_COMMON_CODEC) from error
        self._incoming.answer(answer)
        caller.mark_connected()

    @staticmethod
    def _menu(call: Call, walk: Walk) -> Menu:
        return Menu(
            walk,
            call.caller,
            call.exchange.prompts,
            Around(call.exchange, call.contact, call.messages),
            contact_id=call.contact.id,
            append=call.exchange.append,
        )

    def _arrived(self, call: Call) -> None:
        incoming = self._incoming
        log.info(
            "call.arrived",
            contact_id=call.contact.id,
            sip_call_id=incoming.sip_call_id,
            dialled_number=incoming.dialled_number,
            caller_number=mask(incoming.caller_number),
            trunk=incoming.identity.name,
        )
        call.exchange.append(
            CallArrived(
                call_id=call.id,
                contact_id=call.contact.id,
                sip_call_id=incoming.sip_call_id,
                caller_number=incoming.caller_number,
                dialled_number=incoming.dialled_number,
                original_number=incoming.original_number,
                trunk=incoming.identity.name,
            )
        )
        call.legs.started(
            call.caller,
            role="caller",
            party=incoming.caller_number,
            address=_address(incoming),
        )


def _address(incoming: IncomingCall) -> str:
    """The URI that called; empty if From has none, and the trunk says it elsewhere."""
    try:
        return str(incoming.request.from_.uri)
    except SipError:
        return ""
