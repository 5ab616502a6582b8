"""A customer calls: answer, menu, queue or number."""

from config.numbers import Destination
from ivr.actions import Enqueue
from ivr.walk import Walk

from .around import Around
from .broadcast_hearing import BroadcastHearing
from .call import Call
from .caller_line import CallerLine
from .menu import Menu
from .story import arrived


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
        arrived(call, self._line.called)
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
