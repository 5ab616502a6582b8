"""A customer calls: answer, menu, queue or number."""

import structlog

from config.numbers import Destination
from crm.numbers import mask
from cti_server.wire.events import CallArrived
from ivr.actions import Enqueue
from ivr.walk import Walk

from .around import Around
from .broadcast_hearing import BroadcastHearing
from .call import Call
from .caller_line import CallerLine
from .menu import Menu

log = structlog.get_logger()


class Arrival:
    """The purpose of a call that came in, by whatever line."""

    def __init__(
        self, call: Call, line: CallerLine, leads_to: Destination, walk: Walk | None
    ) -> None:
        self._line = line
        self._leads_to = leads_to
        self._walk = walk
        line.connect(call.caller)

    async def pursue(self, call: Call) -> None:
        self._arrived(call)
        await self._line.pick_up(call.exchange.plane)
        await call.menu_recording.begin()
        await BroadcastHearing(call.exchange, call.contact, call.caller).hear_before_the_menu()
        if self._walk is None:
            await call.course.serve(Enqueue(self._leads_to.queue or ""))
        else:
            await call.course.lead_through(self._menu(call, self._walk))

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
        called = self._line.called
        log.info(
            "call.arrived",
            contact_id=call.contact.id,
            sip_call_id=called.sip_call_id,
            dialled_number=called.dialled_number,
            caller_number=mask(called.caller_number),
            trunk=called.trunk,
        )
        call.exchange.append(
            CallArrived(
                call_id=call.id,
                contact_id=call.contact.id,
                sip_call_id=called.sip_call_id,
                caller_number=called.caller_number,
                dialled_number=called.dialled_number,
                original_number=called.original_number,
                trunk=called.trunk,
            )
        )
        call.legs.started(
            call.caller, role="caller", party=called.caller_number, address=called.address
        )
