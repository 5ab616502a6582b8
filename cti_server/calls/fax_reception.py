"""A call to a number at which a fax machine answers."""

from . import termination
from .call import Call
from .caller_line import CallerLine
from .story import arrived
from .termination import Over


class FaxReception:
    """The purpose of a call that came in for the machine; a queue's agents get what comes."""

    def __init__(self, call: Call, line: CallerLine, queue: str) -> None:
        self._line = line
        self._queue = queue
        line.connect(call.caller)

    async def pursue(self, call: Call) -> None:
        arrived(call, self._line.called)
        await self._line.pick_up(call.exchange.plane)
        await call.fax.receive(self._queue)
        raise Over(termination.FLOW_ENDED)
