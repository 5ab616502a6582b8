"""A call that turns out to be a fax, or came to a fax machine's number: what comes is taken in."""

import asyncio

import structlog

from cti_server.fax.errors import FaxUnavailable
from cti_server.fax.protocol import UNTOLD, MachineEnded, OpenMachine
from cti_server.fax.received import ReceivedFax
from cti_server.media.plane import MediaUnavailable

from .contact import Contact
from .exchange import Exchange
from .fax_line import FaxLine
from .leg import Leg

log = structlog.get_logger()


class FaxInCall:
    """One call's. It goes on where the call ends, until what has come is kept."""

    def __init__(self, exchange: Exchange, contact: Contact, caller: Leg) -> None:
        self._exchange = exchange
        self._contact = contact
        self._caller = caller
        self._task: asyncio.Task[None] | None = None

    async def receive(self, queue: str) -> None:
        """Until it is over; agents of the queue get what comes."""
        if self._task is None:
            self._contact.fax = ""
            self._task = asyncio.create_task(self._receive(queue))
        await asyncio.shield(self._task)

    async def end(self) -> None:
        """The caller is gone: what has come is kept when this returns."""
        if self._task is not None:
            await self._task

    async def _receive(self, queue: str) -> None:
        exchange, fax_id = self._exchange, self._exchange.new_id()
        try:
            machine = await exchange.fax_machines.open(
                OpenMachine(
                    machine=fax_id,
                    calling=False,
                    sends=False,
                    document=str(exchange.fax_inbox.place(fax_id)),
                    ident=exchange.fax.number or "",
                )
            )
        except FaxUnavailable:
            return  # logged where it is raised
        t38 = exchange.fax.t38
        line = FaxLine(
            exchange.plane, exchange.new_id, self._caller, machine, takes=t38, offers=t38
        )
        ended: MachineEnded | None = None
        try:
            ended = await line.run()
        except MediaUnavailable as error:
            log.warning("fax.not_received", contact_id=self._contact.id, reason=str(error))
        finally:
            machine.close()
        if ended is None:
            ended = machine.lost("no line to it")
        pages = ended.pages
        if ended.code == UNTOLD:
            pages = max(pages, await exchange.fax_inbox.whole_pages(fax_id))
        if pages == 0:
            exchange.fax_inbox.drop(fax_id)
            log.info("fax.nothing_came", contact_id=self._contact.id, reason=ended.reason)
            return
        self._contact.fax = fax_id
        exchange.fax_inbox.put(self._received(fax_id, queue, pages, ended))

    def _received(self, fax_id: str, queue: str, pages: int, ended: MachineEnded) -> ReceivedFax:
        contact = self._contact
        return ReceivedFax(
            id=fax_id,
            queue=queue,
            number=contact.caller_number,
            dialled_number=contact.dialled_number,
            ident=ended.remote_ident,
            pages=pages,
            whole=ended.whole,
            reason="" if ended.whole else ended.reason,
            way="t38" if ended.by_packets else "audio",
            received_at=self._exchange.clock.now(),
            call_contact_id=contact.id,
        )
