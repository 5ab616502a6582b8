"""
Softphones for tests and for trying things out, on the project's own SIP and RTP.

They prove that things work together and how much fits; only foreign phones prove correctness.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Mapping, Sequence

from cti_server.sip.authentication import Accounts
from cti_server.sip.incoming_call import IncomingCall
from cti_server.sip.message import Request, Response
from cti_server.sip.session import DEAF, SessionListener
from cti_server.sip.transport import Listen
from cti_server.sip.uri import Uri

from .changes import Changes
from .line import PhoneLine
from .phone_call import WITHIN, Listening, PhoneCall
from .registration import Registration

OnRing = Callable[[PhoneCall], None]
"""What a phone does when a call comes in."""

CODECS = ("PCMU", "PCMA")
FAREWELL = 2.0  # seconds that the last BYE and its answer get


def answer(after: float = 0.0) -> OnRing:
    """Ring for so many seconds, then pick up."""

    def act(call: PhoneCall) -> None:
        call.ring()
        call.after(after, call.answer)

    return act


def decline(status: int = 486, after: float = 0.0) -> OnRing:
    """Ring for so many seconds, then refuse."""

    def act(call: PhoneCall) -> None:
        if after > 0:
            call.ring()
        call.after(after, lambda: call.decline(status))

    return act


def ring_on(call: PhoneCall) -> None:
    """Ring, and nobody comes."""
    call.ring()


def ignore(call: PhoneCall) -> None:
    """Not even ring."""


class Softphone:
    """One number. By default it rings and is answered by the test (``call.answer()``)."""

    def __init__(self, line: "Phones", name: str, *, codecs: Sequence[str] = CODECS) -> None:
        self.name = name
        self.codecs = tuple(codecs)
        self.on_ring: OnRing = ring_on
        self.calls: list[PhoneCall] = []
        """All calls since the phone is there, also those that are over."""
        self.registration: Registration | None = None
        self._phones = line
        self._credentials: tuple[str, str] | None = None
        self._home: str | None = None
        self._arrivals: asyncio.Queue[PhoneCall] = asyncio.Queue()

    @property
    def uri(self) -> str:
        """Where this phone can be called without a server."""
        return f"sip:{self.name}@{self._phones.address}"

    def log_in(self, home: str, password: str | None, *, user: str | None = None) -> None:
        """Call as one of ``home``'s accounts: the host of From, and an answer to challenges."""
        self._home = home
        self._credentials = None if password is None else (user or self.name, password)

    async def register(self, registrar: str, password: str | None = None) -> None:
        """At ``sip:host:port``; until the phones are closed. Raises RegistrationRefused."""
        uri = Uri.parse(registrar)
        self.log_in(uri.host, password)
        self.registration = Registration(self._phones.line, uri, self.name, password)
        await self.registration.add()

    async def call(
        self, target: str, *, headers: Sequence[tuple[str, str]] = (), display: str | None = None
    ) -> PhoneCall:
        """Send the INVITE. Raises OSError if there is no port for its RTP."""
        home = self._home or Uri.parse(target).host
        call = PhoneCall(self._phones.host, target, self.codecs)
        session = self._phones.line.call(
            target,
            offer=call.offer(),
            listener=Listening(call),
            from_uri=str(Uri("sip", self.name, host=home)),
            from_display=display,
            headers=headers,
            credentials=self._credentials,
        )
        call.attach(session)
        self.calls.append(call)
        return call

    async def incoming(self, within: float = WITHIN) -> PhoneCall:
        """The next call that came in and was not asked for yet."""
        try:
            async with asyncio.timeout(within):
                return await self._arrivals.get()
        except TimeoutError:
            raise TimeoutError(f"no call for {self.name} within {within:g} s") from None

    def take(self, incoming: IncomingCall) -> SessionListener:
        """A call came in for this phone."""
        call = PhoneCall(self._phones.host, incoming.caller_number, self.codecs)
        call.attach(incoming)
        self.calls.append(call)
        self._arrivals.put_nowait(call)
        self.on_ring(call)
        return Listening(call)

    async def close(self) -> None:
        """Hang up and unregister."""
        for call in self.calls:
            call.hang_up()
        if self.registration is not None:
            await self.registration.remove()


class Phones:
    """Any number of phones on one socket. Use :func:`phones`."""

    def __init__(
        self,
        host: str = "127.0.0.1",
        port: int = 0,
        *,
        transport: str = "udp",
        accounts: Accounts | None = None,
        on_message: Callable[[Request | Response], None] | None = None,
    ) -> None:
        """``accounts``: who may call them, by digest; everybody may without."""
        self.host = host
        self._changes = Changes()
        self._on_message = on_message
        self._phones: dict[str, Softphone] = {}
        self.line = PhoneLine(
            Listen(transport, host, port), self._take, accounts=accounts, on_message=self._heard
        )

    @property
    def address(self) -> str:
        listen = self.line.addresses[0]
        by = "" if listen.transport == "udp" else f";transport={listen.transport}"
        host = f"[{listen.host}]" if ":" in listen.host else listen.host
        return f"{host}:{listen.port}{by}"

    async def start(self) -> None:
        """Raises OSError."""
        await self.line.start()

    def add(self, name: str, *, codecs: Sequence[str] = CODECS) -> Softphone:
        phone = self._phones[name] = Softphone(self, name, codecs=codecs)
        return phone

    async def close(self) -> None:
        """Hang up everything, unregister, wait a little for the goodbyes, close."""
        try:
            await asyncio.gather(*(phone.close() for phone in self._phones.values()))
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(FAREWELL):
                    await self._changes.until(lambda: not self.line.statistics.dialogs_open)
        finally:
            await self.line.close()

    def _take(self, incoming: IncomingCall) -> SessionListener:
        phone = self._phones.get(incoming.request.request_uri.user or "")
        if phone is None:
            incoming.refuse(404)
            return DEAF
        return phone.take(incoming)

    def _heard(self, message: Request | Response) -> None:
        self._changes.happened()
        if self._on_message is not None:
            self._on_message(message)


@contextlib.asynccontextmanager
async def phones(
    *names: str,
    registrar: str | None = None,
    passwords: str | Mapping[str, str] | None = None,
    host: str = "127.0.0.1",
    port: int = 0,
    transport: str = "udp",
) -> AsyncIterator[tuple[Softphone, ...]]:
    """
    Softphones that share a socket, one a name; registered if a registrar (``sip:host:port``) is
    given. ``passwords`` is one for all of them or one a name.

    At the end everything is hung up and unregistered.
    """
    together = Phones(host, port, transport=transport)
    await together.start()
    try:
        made = tuple(together.add(name) for name in names)
        if registrar is not None:
            for phone in made:
                password = (
                    passwords if isinstance(passwords, str) else (passwords or {}).get(phone.name)
                )
                await phone.register(registrar, password)
        yield made
    finally:
        await together.close()
