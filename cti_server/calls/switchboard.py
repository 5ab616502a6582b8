"""Where calls come in: from the dialled number to a running call, and the ACD's word to it."""

import asyncio
from collections.abc import Callable, Mapping

import structlog

from acd.model import Offer, Outcome
from ivr.flow import Flow
from ivr.walk import Walk

from .arrival import Arrival
from .call import Call, Purpose
from .caller_line import CallerLine
from .dialled_numbers import DialledNumbers
from .errors import NoSuchCall
from .exchange import Exchange
from .fax_reception import FaxReception

log = structlog.get_logger()


class Switchboard:
    """All running calls. Each call's task is held here until it has ended."""

    def __init__(
        self,
        exchange: Exchange,
        numbers: DialledNumbers,
        flows: Mapping[str, Flow],
    ) -> None:
        self._exchange = exchange
        self._numbers = numbers
        self._flows = flows
        self._calls: dict[str, Call] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._idle = asyncio.Event()
        self._idle.set()
        self.total = 0

    @property
    def running(self) -> int:
        return len(self._calls)

    @property
    def calls(self) -> list[Call]:
        """All that run."""
        return list(self._calls.values())

    @property
    def contact_ids(self) -> list[str]:
        """Of all running calls."""
        return list(self._calls)

    def arrived(self, line: CallerLine) -> Call | None:
        """A call from somebody who may call: serve it, or turn away a number that leads nowhere."""
        called = line.called
        leads_to = self._numbers.leads_to(
            called.dialled_number, called.caller_number, called.original_number
        )
        if leads_to is None:
            log.info("call.refused", reason="unknown-number", trunk=called.trunk)
            line.turn_away()
            return None
        numbers = {
            "caller_number": called.caller_number,
            "dialled_number": called.dialled_number,
            "original_number": called.original_number,
        }
        flow = self._flows[leads_to.flow] if leads_to.flow is not None else None
        walk = Walk(flow, numbers) if flow is not None else None
        call = Call(
            self._exchange,
            caller_number=called.caller_number,
            dialled_number=called.dialled_number,
            original_number=called.original_number,
            language=leads_to.language,
            walk=walk,
        )
        if leads_to.fax:
            self.run(call, FaxReception(call, line, leads_to.queue or ""))
        else:
            self.run(call, Arrival(call, line, leads_to, walk))
        return call

    def run(self, call: Call, purpose: Purpose) -> None:
        """Begin a call, whatever it is for, and hold it until it has ended."""
        self.total += 1
        self._idle.clear()
        self._calls[call.contact.id] = call
        task = asyncio.create_task(call.run(purpose), name=f"call {call.id}")
        self._tasks[call.contact.id] = task
        task.add_done_callback(lambda _: self._ended(call.contact.id))

    def begin(self, call: Call, purpose: Purpose, begin: Callable[[], None]) -> None:
        """
        Begin a call of ours. The ACD may speak to it from within ``begin``.

        What that raises is raised, and there was no call.
        """
        self._calls[call.contact.id] = call
        try:
            begin()
        except BaseException:
            del self._calls[call.contact.id]
            raise
        self.run(call, purpose)

    def call_of(self, contact_id: str) -> Call:
        """The running call of a contact. Raises NoSuchCall."""
        if (call := self.find(contact_id)) is None:
            raise NoSuchCall(contact_id)
        return call

    def find(self, contact_id: str) -> Call | None:
        """The same, or None."""
        call = self._calls.get(contact_id)
        return None if call is None or call.over else call

    def offered(self, offer: Offer) -> None:
        """The ACD reserved an agent for one of the calls."""
        call = self._calls.get(offer.contact_id)
        if call is None:
            self._exchange.floor.withdraw(offer.contact_id)  # it ended in this very moment
        else:
            call.offered(offer)

    def offer_ended(self, offer: Offer, outcome: Outcome) -> None:
        call = self._calls.get(offer.contact_id)
        if call is not None:
            call.offer_ended(offer, outcome)

    async def drain(self, seconds: float) -> bool:
        """Wait for the running calls to end by themselves; whether all of them did."""
        try:
            async with asyncio.timeout(seconds):
                await self._idle.wait()
        except TimeoutError:
            return False
        return True

    async def close(self) -> None:
        """End every call now and wait until each has given everything back."""
        for call in list(self._calls.values()):
            call.stop()
        await asyncio.gather(*self._tasks.values())

    def _ended(self, contact_id: str) -> None:
        del self._calls[contact_id], self._tasks[contact_id]
        if not self._calls:
            self._idle.set()
