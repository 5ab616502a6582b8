"""User agents on one simulated wire: in virtual time, with losses that a test chooses."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cti_server.sip.authentication import USUAL_ALGORITHMS, Accounts
from cti_server.sip.core import CoreSettings
from cti_server.sip.errors import SipParseError
from cti_server.sip.incoming_call import IncomingCall
from cti_server.sip.limits import Limits
from cti_server.sip.message import Request, Response, parse
from cti_server.sip.offer_answer import LocalMedia, answer_offer, make_offer
from cti_server.sip.outgoing_call import OutgoingCall
from cti_server.sip.overload import Overload
from cti_server.sip.recording_call import RecordingCall, RecordingListener
from cti_server.sip.registration import Registrar
from cti_server.sip.sdp import Sdp
from cti_server.sip.session import Ended, SessionListener
from cti_server.sip.transport import Flow, Listen, Receiver, Transport
from cti_server.sip.trunks import Trunk
from cti_server.sip.user_agent import UserAgent

EPOCH = datetime(2026, 1, 1, tzinfo=UTC)
DELAY = 0.01  # seconds on the way

ALICE_MEDIA = LocalMedia(host="10.0.0.1", port=20000, session_id=1)
BOB_MEDIA = LocalMedia(host="10.0.0.2", port=20002, session_id=2)
OFFER = make_offer(ALICE_MEDIA)


class LoopClock:
    """The wall clock of a test: it goes with the virtual time."""

    def now(self) -> datetime:
        return EPOCH + timedelta(seconds=asyncio.get_running_loop().time())


@dataclass(frozen=True, slots=True)
class Sent:
    """One message on the wire, lost or not."""

    at: float
    sender: str
    message: Request | Response
    lost: bool

    @property
    def name(self) -> str:
        """ "INVITE", or "180 INVITE" for a response to one."""
        if isinstance(self.message, Request):
            return self.message.method
        return f"{self.message.status} {self.message.cseq.method}"


class Wire:
    """Carries messages between the transports that are plugged in, and remembers them."""

    def __init__(self, lose: Callable[[int, str, str], bool] = lambda *_: False) -> None:
        """``lose`` is asked with the message's number on the wire, its sender and its name."""
        self.sent: list[Sent] = []
        self._lose = lose
        self._plugs: dict[tuple[str, int], tuple[Receiver, str]] = {}

    def plug(self, address: tuple[str, int], receiver: Receiver, name: str) -> None:
        self._plugs[address] = (receiver, name)

    def unplug(self, address: tuple[str, int]) -> None:
        self._plugs.pop(address, None)

    def carry(self, data: bytes, origin: tuple[str, int], to: tuple[str, int]) -> None:
        loop = asyncio.get_running_loop()
        try:
            parse(data)
        except SipParseError:
            return  # an answer to something that was not quite SIP
        sent = Sent(loop.time(), origin[0], parse(data), lost=False)
        lost = self._lose(len(self.sent), origin[0], sent.name)
        self.sent.append(Sent(sent.at, sent.sender, sent.message, lost))
        if not lost:
            at = sent.at + DELAY + len(self.sent) * 1e-9  # in the order in which they were sent
            loop.call_at(at, self._deliver, data, origin, to)

    def _deliver(self, data: bytes, origin: tuple[str, int], to: tuple[str, int]) -> None:
        if to not in self._plugs:
            return
        receiver, transport = self._plugs[to]
        flow = Flow(transport, *origin, to)
        try:
            message = parse(data)
        except SipParseError as error:
            receiver.rejected(error, flow)
        else:
            receiver.received(message, flow)

    def names(self, sender: str | None = None) -> list[str]:
        """What was sent, in order; by one side only if asked."""
        return [each.name for each in self.sent if sender in (None, each.sender)]

    def of(self, name: str) -> list[Sent]:
        return [each for each in self.sent if each.name == name]

    def opener(self, name: str = "udp") -> "OpenPlug":
        return OpenPlug(self, name)


class Plug:
    """A transport whose socket is the wire."""

    def __init__(self, wire: Wire, name: str, address: tuple[str, int], receiver: Receiver) -> None:
        self._wire = wire
        self._name = name
        self._address = address
        wire.plug(address, receiver, name)

    @property
    def name(self) -> str:
        return self._name

    @property
    def address(self) -> tuple[str, int]:
        return self._address

    def send(self, data: bytes, flow: Flow) -> None:
        self._wire.carry(data, self._address, (flow.host, flow.port))

    def has(self, flow: Flow) -> bool:
        return flow.transport == self._name

    async def close(self) -> None:
        self._wire.unplug(self._address)


class OpenPlug:
    """Opens plugs instead of sockets."""

    def __init__(self, wire: Wire, name: str) -> None:
        self._wire = wire
        self._name = name

    async def __call__(self, listen: Listen, receiver: Receiver, limits: Limits) -> Transport:
        return Plug(self._wire, self._name, (listen.host, listen.port), receiver)


class Ear:
    """A session listener that writes down what it hears."""

    def __init__(self, media: LocalMedia = BOB_MEDIA) -> None:
        self.heard: list[tuple[object, ...]] = []
        self.at: list[float] = []
        self.media = media
        self.accepts_offers = True
        self.call: IncomingCall | None = None

    @property
    def what(self) -> list[object]:
        return [each[0] for each in self.heard]

    def _hear(self, *heard: object) -> None:
        self.heard.append(heard)
        self.at.append(asyncio.get_running_loop().time())

    def ringing(self, status: int, early_media: Sdp | None) -> None:
        self._hear("ringing", status, early_media)

    def answered(self, remote: Sdp) -> None:
        self._hear("answered", remote)

    def failed(self, status: int, reason: str) -> None:
        self._hear("failed", status)

    def cancelled(self) -> None:
        self._hear("cancelled")

    def confirmed(self) -> None:
        self._hear("confirmed")

    def offered(self, offer: Sdp) -> Sdp | None:
        self._hear("offered", offer)
        return answer_offer(offer, self.media)[0] if self.accepts_offers else None

    def digit_received(self, digit: str, duration_ms: int) -> None:
        self._hear("digit", digit, duration_ms)

    def ended(self, ended: Ended) -> None:
        self._hear("ended", ended.cause)


class Station:
    """A user agent on the wire, and what it heard of calls that came in."""

    def __init__(
        self,
        wire: Wire,
        host: str,
        *,
        transport: str = "udp",
        settings: CoreSettings | None = None,
        trunks: Sequence[Trunk] = (Trunk("peers", ("10.0.0.0/8",)),),
        accounts: Accounts | None = None,
        registrar: Registrar | None = None,
        overload: Overload | None = None,
        algorithms: Sequence[str] = USUAL_ALGORITHMS,
        answering: Callable[[IncomingCall], None] = lambda call: None,
        recorded: Sequence[Trunk] = (),
        recording: Callable[[RecordingCall], RecordingListener] | None = None,
    ) -> None:
        self.host = host
        self.transport = transport
        self.ears: list[Ear] = []
        self.calls: list[IncomingCall] = []
        self.refused: list[tuple[str, str]] = []
        self._answering = answering
        self.agent = UserAgent(
            listen=[Listen(transport, host, 5060)],
            realm="hotline.test",
            trunks=trunks,
            accounts=accounts,
            registrar=registrar,
            overload=overload,
            algorithms=algorithms,
            on_call=self._on_call,
            on_refused=lambda trunk, cause: self.refused.append((trunk, cause)),
            clock=LoopClock(),
            recorded=recorded,
            on_recording=recording,
            settings=settings or CoreSettings(ping_interval=None),
            transports={transport: wire.opener(transport)},
        )

    def _on_call(self, call: IncomingCall) -> SessionListener:
        ear = Ear()
        ear.call = call
        self.calls.append(call)
        self.ears.append(ear)
        self._answering(call)
        return ear

    @property
    def ear(self) -> Ear:
        return self.ears[-1]

    @property
    def incoming(self) -> IncomingCall:
        return self.calls[-1]

    def call(
        self,
        host: str,
        ear: Ear,
        *,
        offer: Sdp = OFFER,
        credentials: tuple[str, str] | None = None,
        from_uri: str | None = None,
    ) -> OutgoingCall:
        suffix = "" if self.transport == "udp" else f";transport={self.transport}"
        return self.agent.call(
            f"sip:hotline@{host}{suffix}",
            offer=offer,
            listener=ear,
            from_uri=from_uri or f"sip:caller@{self.host}",
            credentials=credentials,
        )

    def left_behind(self) -> dict[str, int]:
        """Whatever a finished call should not leave."""
        figures = self.agent.statistics
        held = {
            "transactions": figures.transactions_open,
            "dialogs": figures.dialogs_open,
            "calls": figures.calls_open,
            "timers": figures.timers,
        }
        return {name: count for name, count in held.items() if count}


def ring_and_answer(call: IncomingCall) -> None:
    """The usual callee."""
    call.ring()
    accept(call)


def accept(call: IncomingCall) -> None:
    if call.offer is None:
        call.answer(make_offer(BOB_MEDIA))
    else:
        call.answer(answer_offer(call.offer, BOB_MEDIA)[0])


@asynccontextmanager
async def stations(*each: Station) -> AsyncIterator[None]:
    """Start them; at the end wait until all must be over, and see that nothing is left."""
    for station in each:
        await station.agent.start()
    try:
        yield
        await asyncio.sleep(200)
        assert [station.left_behind() for station in each] == [{} for _ in each]
    finally:
        for station in each:
            await station.agent.close()


class Peer:
    """Somebody who writes each message by hand."""

    HOST = "10.0.0.9"

    def __init__(self, wire: Wire, station: Station) -> None:
        self._wire = wire
        self._station = station
        self._branch = 0
        wire.plug((self.HOST, 5060), self, "udp")

    def received(self, message: object, flow: object) -> None: ...
    def rejected(self, error: object, flow: object) -> None: ...
    def failed(self, flow: object) -> None: ...

    @property
    def remote_tag(self) -> str:
        ours = [
            sent.message.to.tag
            for sent in self._wire.sent
            if sent.name.endswith(" INVITE") and sent.message.sip_call_id == "peer-call"
        ]
        return next((tag for tag in ours if tag), "")

    def request(self, method: str, *, number: int = 1, body: bytes = b"", **extra: str) -> Request:
        self._branch += 1
        tag = f";tag={self.remote_tag}" if self.remote_tag else ""
        request = Request(method, "sip:hotline@10.0.0.2")
        for name, value in {
            "Via": f"SIP/2.0/UDP {self.HOST}:5060;branch=z9hG4bKpeer{self._branch}",
            "Max-Forwards": "70",
            "From": f"<sip:peer@{self.HOST}>;tag=peer",
            "To": f"<sip:hotline@10.0.0.2>{tag}",
            "Call-ID": "peer-call",
            "CSeq": f"{number} {method}",
            "Contact": f"<sip:peer@{self.HOST}:5060>",
            **({"Content-Type": "application/sdp"} if body else {}),
        }.items():
            request.headers.add(name, value)
        for name, value in extra.items():
            request.headers.set(name.replace("_", "-"), value)
        request.body = body
        return request

    def ack(self, body: bytes, number: int = 1) -> Request:
        return self.request("ACK", number=number, body=body)

    def send(self, request: Request) -> None:
        self._wire.carry(bytes(request), (self.HOST, 5060), (self._station.host, 5060))

    async def call(self) -> None:
        """A confirmed call with the station."""
        self.send(self.request("INVITE", body=bytes(OFFER)))
        await asyncio.sleep(0.1)
        self.send(self.ack(b""))
        await asyncio.sleep(0.1)

    async def bye(self, number: int) -> None:
        self.send(self.request("BYE", number=number))
        await asyncio.sleep(0.1)
