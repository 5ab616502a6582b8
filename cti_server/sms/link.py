"""
The connection to one SMS centre, as long as the server runs: bound, lost, bound again.

What is submitted keeps to the pace that the operator allows, and slows down when the centre says
that it is too much.
"""

import asyncio
import ssl
from collections.abc import Awaitable, Callable, Collection, Sequence
from datetime import timedelta
from typing import Final

import smpp34
import structlog

from config.sms import SmppSettings
from fax_sms_email.attempts import Pace
from fax_sms_email.errors import NotSent, TextRefused
from fax_sms_email.smpp.errors import LinkLost, Malformed, Refused
from fax_sms_email.smpp.pdu import Account
from fax_sms_email.smpp.session import Session, Times, bound
from fax_sms_email.smpp.wording import Alphabet, Part, address, submitted

log = structlog.get_logger()

AGAIN: Final = Pace(timedelta(seconds=1), timedelta(minutes=1))
THROTTLED_FOR: Final = 1.0  # seconds; twice as long each time, up to the longest
LONGEST_THROTTLE: Final = 30.0

Taken = Callable[[str, Sequence[smpp34.DeliverSm]], Awaitable[Sequence[int]]]
"""Gateway and what it delivered; the command_status of each's answer."""


class Turnstile:
    """Lets through so many a second, evenly, and nobody for a while after :meth:`throttled`."""

    def __init__(self, a_second: float, now: Callable[[], float]) -> None:
        """``now``: in seconds, of a clock that never goes back."""
        self._gap = 1.0 / a_second
        self._now = now
        self._next = 0.0
        self._pause = THROTTLED_FOR

    def wait(self) -> float:
        """How long the next has to wait, in seconds: its place is taken with this."""
        at = max(self._now(), self._next)
        self._next = at + self._gap
        return at - self._now()

    def throttled(self) -> None:
        self._next = max(self._next, self._now() + self._pause)
        self._pause = min(self._pause * 2, LONGEST_THROTTLE)

    def flowing(self) -> None:
        self._pause = THROTTLED_FOR


class SmppLink:
    """A way out for texts, and a way in for :meth:`open`'s; :meth:`start` comes after that."""

    def __init__(
        self,
        name: str,
        settings: SmppSettings,
        password: str,
        tls: ssl.SSLContext | None,
        now: Callable[[], float],
        chance: Callable[[], float],
        times: Times | None = None,
    ) -> None:
        self.name = name
        self._settings = settings
        self._account = Account(
            system_id=settings.system_id, password=password, system_type=settings.system_type
        )
        self._tls = tls
        self._turnstile = Turnstile(settings.parts_a_second, now)
        self._chance = chance
        self._times = times
        self._session: Session | None = None
        self._taken: Taken | None = None
        self._running: asyncio.Task[None] | None = None

    @property
    def alphabet(self) -> Alphabet:
        return self._settings.alphabet

    @property
    def is_up(self) -> bool:
        return self._session is not None

    def open(self, taken: Taken) -> None:
        """Who takes what comes."""
        self._taken = taken

    def start(self) -> None:
        if self._taken is None:
            raise RuntimeError("nobody takes what comes by this link")
        running = self._keep_up(self._taken)
        self._running = asyncio.create_task(running, name=f"sms link {self.name}")

    async def close(self) -> None:
        """In good order, where the centre answers in time."""
        if self._running is not None:
            self._running.cancel()
            await asyncio.gather(self._running, return_exceptions=True)

    async def submit(
        self,
        job_id: str,
        sender: str,
        recipient: str,
        text: str,
        done: Collection[int],
        took: Callable[[int, str], None],
    ) -> None:
        try:
            parts = submitted(text, job_id, self._settings.alphabet)
        except TextRefused as refused:
            raise NotSent(str(refused), permanent=True) from refused
        for number, part in enumerate(parts, 1):
            if number not in done:
                took(number, await self._submit(sender, recipient, part))

    async def _submit(self, sender: str, recipient: str, part: Part) -> str:
        session = self._session
        if session is None:
            raise NotSent("there is no connection to the SMS centre", permanent=False)
        await asyncio.sleep(self._turnstile.wait())
        try:
            gateway_id = await session.submit(self._message(sender, recipient, part))
        except Refused as refused:
            if refused.is_throttling:
                self._turnstile.throttled()
            raise NotSent(str(refused), permanent=refused.permanent) from refused
        except (LinkLost, Malformed) as error:
            raise NotSent(str(error), permanent=False) from error
        self._turnstile.flowing()
        return gateway_id

    def _message(self, sender: str, recipient: str, part: Part) -> smpp34.SubmitSm:
        (source, source_ton, source_npi), (to, ton, npi) = address(sender), address(recipient)
        return smpp34.SubmitSm(
            source,
            to,
            part.octets,
            source_addr_ton=source_ton,
            source_addr_npi=source_npi,
            dest_addr_ton=ton,
            dest_addr_npi=npi,
            esm_class=part.esm_class,
            data_coding=part.data_coding,
            registered_delivery=1 if self._settings.receipts else 0,
        )

    async def _keep_up(self, taken: Taken) -> None:
        """For ever: it is ended by being cancelled."""
        failures = 0
        while True:
            try:
                session = await self._bound(taken)
                failures = 0
                await self._live(session)
            except (LinkLost, Refused, Malformed) as error:
                log.warning("sms.link_down", gateway=self.name, reason=str(error))
            failures += 1
            await asyncio.sleep(AGAIN.wait(failures, self._chance()).total_seconds())

    async def _bound(self, taken: Taken) -> Session:
        return await bound(
            self._settings.host,
            self._settings.port,
            self._account,
            lambda deliveries: taken(self.name, deliveries),
            tls=self._tls,
            times=self._times,
            window=self._settings.window,
        )

    async def _live(self, session: Session) -> None:
        log.info("sms.link_up", gateway=self.name)
        self._session = session
        running = asyncio.create_task(session.run(), name=f"sms session {self.name}")
        try:
            await asyncio.shield(running)
        except asyncio.CancelledError:
            await session.unbind()
            raise
        finally:
            self._session = None
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)
