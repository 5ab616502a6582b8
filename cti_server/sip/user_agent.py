"""The edge of the signalling layer: sockets and timers around the UAC and UAS cores."""

import asyncio
import secrets
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

import structlog

from ..clock import Clock, SystemClock
from .authentication import USUAL_ALGORITHMS, Accounts, FailureGuard, Identification, NoAccounts
from .core import Core, CoreSettings
from .dialog_request import Credentials
from .digest import Nonces
from .doors import CallDoor, OnCall, OnRecording, RecordingDoor
from .errors import SipParseError
from .invite_session import InviteSession
from .limits import DEFAULT_LIMITS, Limits
from .message import Request, Response
from .network import LoopNetwork, OpenTransport, usual_transports
from .outgoing_call import CallPlan, OutgoingCall
from .overload import Overload, smoothed
from .registration import Binding, Registrar
from .sdp import Sdp
from .session import SessionListener
from .tcp import DEFAULT_TCP_LIMITS, TcpLimits
from .transport import Flow, Listen
from .trunks import Trunk, TrunkTable
from .uas_core import OnRefused, UasCore

log = structlog.get_logger(__name__)

BEAT = 0.1  # seconds between two looks at the loop's lag and at expired registrations
QUIET = 1.0  # seconds between two log lines about messages that can't be read


@dataclass(slots=True)
class Statistics:
    """What the layer did since it started, and what it holds now."""

    received: Counter[str] = field(default_factory=Counter)
    """By method, or by status class ("2xx")."""
    sent: Counter[str] = field(default_factory=Counter)
    malformed: int = 0
    retransmissions: int = 0
    overload_refused: int = 0
    strangers_ignored: int = 0
    transactions_open: int = 0
    dialogs_open: int = 0
    calls_open: int = 0
    bindings: int = 0
    timers: int = 0
    loop_lag: float = 0.0
    """Seconds."""


class UserAgent:
    """All of SIP for one server process."""

    def __init__(
        self,
        *,
        listen: Sequence[Listen],
        realm: str,
        on_call: OnCall,
        trunks: Sequence[Trunk] = (),
        accounts: Accounts | None = None,
        registrar: Registrar | None = None,
        overload: Overload | None = None,
        server_name: str = "Hotline",
        settings: CoreSettings | None = None,
        limits: Limits = DEFAULT_LIMITS,
        tcp_limits: TcpLimits = DEFAULT_TCP_LIMITS,
        clock: Clock | None = None,
        nonces: Nonces | None = None,
        guard: FailureGuard | None = None,
        domains: Sequence[str] = (),
        algorithms: Sequence[str] = USUAL_ALGORITHMS,
        transports: Mapping[str, OpenTransport] | None = None,
        on_refused: OnRefused = lambda trunk, cause: None,
        recorded: Sequence[Trunk] = (),
        on_recording: OnRecording | None = None,
    ) -> None:
        """
        ``domains`` are further names by which phones may know us, besides the realm and addresses.
        ``algorithms`` are the digests that phones are challenged with: "MD5", "SHA-256" or both.
        ``limits`` bound each message, ``tcp_limits`` the connections. ``transports`` replace UDP
        and TCP (and ``tcp_limits``) altogether. Those ``recorded`` are PBXs that may send us
        recording sessions, known as trunks are; they are for ``on_recording``.

        Raises BadTrunkAddress.
        """
        self._listen = listen
        self._limits = limits
        self._kinds = usual_transports(tcp_limits) if transports is None else transports
        self._clock: Clock = clock or SystemClock()
        self._settings = settings or CoreSettings(server_name=server_name)
        self._on_refused = on_refused
        self._overload = overload or Overload()
        # Not "or": who is still empty counts as false.
        self._registrar = Registrar() if registrar is None else registrar
        identified_by = partial(
            Identification,
            realm=realm,
            nonces=nonces or Nonces(secrets.token_bytes(32)),
            guard=FailureGuard() if guard is None else guard,
            registrar=self._registrar,
            algorithms=algorithms,
            domains=[*domains, *(each.host for each in listen)]
            + [each.advertised for each in listen if each.advertised],
        )
        phones = NoAccounts() if accounts is None else accounts
        self._calls = CallDoor(
            identified_by(trunks=TrunkTable(trunks), accounts=phones), self._overload, on_call
        )
        clients = identified_by(trunks=TrunkTable(recorded), accounts=NoAccounts())
        self._recordings = (
            None
            if on_recording is None
            else RecordingDoor(clients, self._overload.alike(), on_recording)
        )
        self._statistics = Statistics()
        self._started = asyncio.Event()
        self._network: LoopNetwork | None = None
        self._core: Core | None = None
        self._uas: UasCore | None = None
        self._beat: asyncio.TimerHandle | None = None
        self._complained_at = float("-inf")

    async def start(self) -> None:
        """Open all sockets. Raises OSError."""
        self._network = LoopNetwork(self, self._run_due)
        self._core = Core(self._network, self._settings)
        self._uas = UasCore(
            self._core,
            calls=self._calls,
            registrar=self._registrar,
            on_refused=self._on_refused,
            utc_now=self._clock.now,
            recordings=self._recordings,
        )
        await self._network.open(self._listen, self._limits, self._kinds)
        self._next_beat(self._network.time())
        self._started.set()

    async def started(self) -> None:
        """Until calls can be placed: for what is due as soon as the server is there."""
        await self._started.wait()

    async def close(self) -> None:
        """Close all sockets. Calls that still stand are not told; drain and hang up first."""
        if self._beat is not None:
            self._beat.cancel()
        if self._network is not None:
            await self._network.close()

    @property
    def addresses(self) -> list[Listen]:
        """Where we listen: as asked for, with the real ports."""
        transports = self._running[0].transports
        return [
            Listen(real.name, *real.address, advertised=asked.advertised)
            for real, asked in zip(transports, self._listen, strict=True)
        ]

    @property
    def core(self) -> Core:
        """What requests are sent with that belong to no call."""
        return self._running[1]

    @property
    def sessions(self) -> list[InviteSession]:
        """The calls that are not over yet, in both directions."""
        return [one for one in self._running[1].sessions if isinstance(one, InviteSession)]

    @property
    def draining(self) -> bool:
        """While true every new call, and every OPTIONS outside a dialog, gets a 503."""
        return self._running[2].load.draining

    @draining.setter
    def draining(self, draining: bool) -> None:
        self._running[2].load.draining = draining

    @property
    def statistics(self) -> Statistics:
        """The figures as they are now; the counters go on counting."""
        _, core, uas = self._running
        figures = self._statistics
        figures.sent = core.transactions.sent
        figures.retransmissions = core.transactions.retransmissions
        figures.overload_refused = self._overload.refused
        figures.strangers_ignored = uas.strangers_ignored
        figures.transactions_open = len(core.transactions)
        figures.dialogs_open = core.dialogs_open
        figures.calls_open = len(core.sessions)
        figures.bindings = len(self._registrar)
        figures.timers = len(core.deadlines)
        figures.loop_lag = uas.load.loop_lag
        return figures

    def call(
        self,
        target: str,
        *,
        offer: Sdp,
        listener: SessionListener,
        from_uri: str,
        from_display: str | None = None,
        headers: Sequence[tuple[str, str]] = (),
        credentials: tuple[str, str] | None = None,
        flow: Flow | None = None,
        max_forwards: int = 70,
    ) -> OutgoingCall:
        """
        Place a call; the listener hears of it only after this returned.

        ``flow`` is the flow of a binding, used if the phone is behind a NAT or on a connection. A
        challenge is answered once with ``credentials`` (user
        and password), a redirection is not followed, of several forks the first 2xx wins.
        """
        plan = CallPlan(
            target=target,
            offer=offer,
            from_uri=from_uri,
            from_display=from_display,
            headers=headers,
            credentials=None if credentials is None else Credentials(*credentials),
            flow=flow,
            max_forwards=max_forwards,
        )
        call = OutgoingCall(self._running[1], plan, listener)
        call.start()
        return call

    def registered(self, aor: str) -> list[Binding]:
        """The phones of an account, the latest registration first. Takes "user" or a URI."""
        user = aor.partition(":")[2] or aor
        return self._registrar.bindings(user.partition("@")[0], self._clock.now())

    def received(self, message: Request | Response, flow: Flow) -> None:
        """One of the three nets: whatever goes wrong with one message ends with that message."""
        _, core, uas = self._running
        counts = self._statistics.received
        try:
            if isinstance(message, Request):
                counts[message.method if message.method in _COUNTED else "other"] += 1
                uas.receive(message, flow)
            else:
                counts[f"{message.status // 100}xx"] += 1
                core.transactions.receive_response(message)
        except SipParseError as error:
            self._complain(error, flow)
            if isinstance(message, Request):
                uas.bad_request(message, error, flow)
        except Exception:
            log.exception("sip.message_failed", source=flow.host)
            if isinstance(message, Request):
                uas.rescue()

    def rejected(self, error: SipParseError, flow: Flow) -> None:
        self._complain(error, flow)
        self._running[2].reject(error, flow)

    def failed(self, flow: Flow) -> None:
        self._running[1].transactions.flow_failed(flow)

    def _complain(self, error: SipParseError, flow: Flow) -> None:
        """Count what is malformed; log at most one such message a second."""
        self._statistics.malformed += 1
        now = self._running[0].time()
        if now >= self._complained_at + QUIET:
            self._complained_at = now
            log.info(
                "sip.message_malformed",
                source=flow.host,
                status=error.status,
                reason=error.reason,
                count=self._statistics.malformed,
            )

    def _run_due(self, now: float) -> float | None:
        deadlines = self._running[1].deadlines
        deadlines.run_due(now)
        return deadlines.next

    def _next_beat(self, due: float) -> None:
        """Measure how late the loop runs; drop registrations that have expired."""
        network, _, uas = self._running
        lag = max(0.0, network.time() - due)
        uas.load.loop_lag = smoothed(uas.load.loop_lag, lag)
        expiry = self._registrar.deadline
        if expiry is not None and expiry <= (now := self._clock.now()):
            self._registrar.handle_timer(now)
        following = network.time() + BEAT
        self._beat = asyncio.get_running_loop().call_at(following, self._next_beat, following)

    @property
    def _running(self) -> tuple[LoopNetwork, Core, UasCore]:
        if self._network is None or self._core is None or self._uas is None:
            raise RuntimeError("the user agent was not started")
        return self._network, self._core, self._uas


_COUNTED = frozenset(
    {"INVITE", "ACK", "BYE", "CANCEL", "OPTIONS", "REGISTER", "INFO", "UPDATE", "REFER", "NOTIFY"}
)
