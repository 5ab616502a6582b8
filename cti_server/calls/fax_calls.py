"""Calls of ours that fax a document: no customer is on the line, and no agent."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

import structlog

from crm.numbers import mask
from cti_server.fax.errors import FaxUnavailable
from cti_server.fax.machines import FaxMachine, FaxMachines
from cti_server.fax.protocol import MachineEnded, OpenMachine, PageDone
from cti_server.media.plane import MediaUnavailable
from cti_server.sip.errors import SipError
from cti_server.wire.events import FaxAttempted, FaxDialled, FaxPageConfirmed

from . import termination
from .dialling import Dialling
from .exchange import Exchange
from .fax_line import FaxLine
from .leg import Leg
from .number_plan import DiallingRefused
from .outbound import Outbound, TrunkCall
from .phones import Invitation, Transport
from .reaching import cause_of
from .sip_session import SipSessions

log = structlog.get_logger()

RING_FOR: Final = 60.0  # seconds
G711: Final = ("PCMA", "PCMU")
FAX: Final = "fax"
"""The role of the leg."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FaxOrder:
    """
    A document (a TIFF of fax pages) on its way to a number or SIP URI, for a job of the outbox.

    ``t38``: it is taken where the other side proposes it. ``last``: trunks that are asked last.
    """

    job_id: str
    number: str = field(repr=False)
    document: Path
    ident: str
    header: str
    t38: bool = True
    last: Sequence[str] = ()
    contact_id: str | None = None
    customer_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FaxReport:
    """
    What came of one call. ``cause`` is why, in a word or a few; empty where it was sent.

    ``permanent``: the same would come to the same. ``answered``: somebody picked up.
    """

    cause: str
    permanent: bool
    answered: bool
    pages: int
    trunk: str = ""

    @property
    def sent(self) -> bool:
        return not self.cause


class FaxCalls:
    """Places them, one after the other or many at once: how many is for who asks."""

    def __init__(self, exchange: Exchange, machines: FaxMachines) -> None:
        self._exchange = exchange
        self._machines = machines
        self._sessions = replace(exchange.sessions, codecs=G711, fallback=())

    async def send(self, order: FaxOrder) -> FaxReport:
        """
        Whatever hinders it is in the report.

        Who is cancelled hangs up: what was confirmed by then is in the log. At a start it waits
        until there is a way out.
        """
        await self._exchange.user_agent.started()
        try:
            machine = await self._machines.open(
                OpenMachine(
                    machine=self._exchange.new_id(),
                    calling=True,
                    sends=True,
                    document=str(order.document),
                    ident=order.ident,
                    header=order.header,
                )
            )
        except FaxUnavailable as error:
            return FaxReport(cause=str(error), permanent=False, answered=False, pages=0)
        try:
            return await _FaxCall(self._exchange, self._sessions, order, machine).place()
        finally:
            machine.close()


class _FaxPhone:
    """A :class:`.phones.Phone`: a number, over the trunks in this job's own order."""

    def __init__(self, outbound: Outbound, sessions: SipSessions, order: FaxOrder) -> None:
        self._outbound = outbound
        self._sessions = sessions
        self._order = order
        self._call: TrunkCall | None = None

    @property
    def transport(self) -> Transport:
        return "rtp"

    @property
    def trunk(self) -> str:
        return "" if self._call is None else self._call.asked

    def address(self) -> str:
        """The number itself is in the outbox, from where it can be erased; logs are kept."""
        return mask(self._order.number)

    async def ring(self, leg: Leg, invitation: Invitation) -> None:
        session = self._sessions.begin(leg)
        try:
            dialog = self._outbound.call(
                self._order.number,
                offer=session.propose(like=invitation.codec),
                listener=session,
                last=self._order.last,
            )
        except DiallingRefused as refused:
            leg.let_go(termination.of_refusal(refused.cause))
            return
        self._call = dialog if isinstance(dialog, TrunkCall) else None
        session.attach(dialog)


class _FaxCall:
    """One attempt."""

    def __init__(
        self, exchange: Exchange, sessions: SipSessions, order: FaxOrder, machine: FaxMachine
    ) -> None:
        self._exchange = exchange
        self._order = order
        self._machine = machine
        self._id = exchange.new_id()
        self._legs = Dialling(exchange, self._id)
        self._leg = self._legs.new_leg(termination.CALLER_HUNG_UP)
        self._phone = _FaxPhone(exchange.outbound, sessions, order)
        self._began_at = asyncio.get_running_loop().time()

    async def place(self) -> FaxReport:
        order, append = self._order, self._exchange.append
        structlog.contextvars.bind_contextvars(call_id=self._id)
        log.info("fax.dialled", job_id=order.job_id, number=mask(order.number))
        append(
            FaxDialled(
                job_id=order.job_id,
                call_id=self._id,
                contact_id=order.contact_id,
                customer_id=order.customer_id,
            )
        )
        self._machine.on_page = self._page_confirmed
        ended: MachineEnded | None = None
        try:
            if await self._answered():
                line = FaxLine(
                    self._exchange.plane,
                    self._exchange.new_id,
                    self._leg,
                    self._machine,
                    takes=order.t38,
                )
                ended = await line.run()
        except MediaUnavailable:
            self._leg.let_go(termination.MEDIA_UNAVAILABLE)
        finally:
            await self._legs.close(termination.RELEASED)
            if ended is None and self._machine.pages:
                ended = self._machine.lost("it was cut off")  # what was confirmed, is
            report = self._report(ended)
            append(self._attempted(report, ended))
        return report

    async def _answered(self) -> bool:
        """Whether somebody picked up. Raises MediaUnavailable."""
        invitation = Invitation(caller_number="", codec=G711[0], contact_id=self._id)
        try:
            await self._legs.ring(self._leg, self._phone, invitation, role=FAX)
            async with asyncio.timeout(RING_FOR):
                return await self._leg.settled()
        except SipError:
            self._leg.let_go(termination.UNREACHABLE)
        except TimeoutError:
            self._leg.let_go(termination.NOT_ANSWERED)
        return False

    def _page_confirmed(self, page: PageDone) -> None:
        self._exchange.append(
            FaxPageConfirmed(
                job_id=self._order.job_id,
                call_id=self._id,
                page=page.number,
                bit_rate=page.bit_rate,
                ecm=page.ecm,
            )
        )

    def _report(self, ended: MachineEnded | None) -> FaxReport:
        answered = self._leg.connected.is_set()
        if ended is None:
            cause = cause_of(self._leg)
            refused = self._leg.termination
            permanent = refused is not None and refused.result == "client_error"
            permanent = permanent or cause == "unknown-number"
            return FaxReport(
                cause=cause,
                permanent=permanent,
                answered=answered,
                pages=0,
                trunk=self._phone.trunk,
            )
        return FaxReport(
            cause="" if ended.whole else ended.reason,
            permanent=ended.permanent,
            answered=answered,
            pages=ended.pages,
            trunk=self._phone.trunk,
        )

    def _attempted(self, report: FaxReport, ended: MachineEnded | None) -> FaxAttempted:
        order = self._order
        return FaxAttempted(
            job_id=order.job_id,
            call_id=self._id,
            trunk=report.trunk,
            way="t38" if ended is not None and ended.by_packets else "audio",
            answered=report.answered,
            pages=report.pages,
            document_pages=ended.document_pages if ended is not None else None,
            sent=report.sent,
            cause=report.cause,
            remote_ident=ended.remote_ident if ended is not None else "",
            bit_rate=self._machine.pages[-1].bit_rate if self._machine.pages else None,
            seconds=round(asyncio.get_running_loop().time() - self._began_at, 1),
        )
