"""
A browser's side of a peer connection: in control of ICE, DTLS client, one remote address. No IO.

It shares STUN, DTLS and SRTP with the server, so it proves what the server does with them; that
they are right is proved by browsers and by aiortc.
"""

import enum
import random
from dataclasses import dataclass
from typing import Final

from cti_server.media.web import stun
from cti_server.media.web.dtls import Dtls, DtlsState, Fingerprint, Identity
from cti_server.media.web.peer import Credentials
from cti_server.media.web.srtp import Srtp

FIRST_CHECK_GAP: Final = 0.05  # seconds to the second check, then doubling, as Chromium does it
CONSENT_GAP: Final = 2.5  # between checks of a connection that works
RETRY_GAP: Final = 0.5  # between those of one that does not answer
DISCONNECTED_AFTER: Final = 5.0  # without an answer
FAILED_AFTER: Final = 30.0  # RFC 7675 §5.1
_REMEMBERED = 32  # checks whose answers may still come
_PRIORITY = (110 << 24) + (65535 << 8) + 255  # as of a peer-reflexive candidate (RFC 8445 §7.1.1)


class ClientState(enum.Enum):
    """As a browser's ``connectionState`` has it."""

    NEW = "new"
    CONNECTING = "connecting"
    CONNECTED = "connected"
    DISCONNECTED = "disconnected"
    FAILED = "failed"
    CLOSED = "closed"  # by either side


@dataclass(frozen=True, slots=True)
class RemotePeer:
    """What the answer said about the other side."""

    credentials: Credentials
    fingerprint: Fingerprint


class WebPeer:
    """Each method returns the datagrams to be sent; RTP and RTCP go through :attr:`srtp`."""

    def __init__(self, identity: Identity, chance: random.Random) -> None:
        self.state = ClientState.NEW
        self.credentials = Credentials.generate(chance)
        self.deadline: float | None = None
        self.mapped: stun.Address | None = None
        """Where the server says that we are."""
        self._identity = identity
        self._chance = chance
        self._remote: RemotePeer | None = None
        self._dtls: Dtls | None = None
        self._checks: dict[bytes, float] = {}
        self._gap = FIRST_CHECK_GAP
        self._check_at = 0.0
        self._answered_at: float | None = None

    @property
    def fingerprint(self) -> Fingerprint:
        return self._identity.fingerprint

    @property
    def srtp(self) -> Srtp | None:
        return self._dtls.srtp if self._dtls is not None else None

    def renew(self) -> None:
        """New credentials of ours, for the offer of an ICE restart."""
        self.credentials = Credentials.generate(self._chance)

    def connect(self, remote: RemotePeer, now: float) -> list[bytes]:
        """Begin, or begin ICE anew with other credentials; DTLS and SRTP go on."""
        self._remote = remote
        self._checks.clear()
        self._gap = FIRST_CHECK_GAP
        if self._dtls is None:
            self._dtls = Dtls(self._identity, remote.fingerprint, client=True)
            self.state = ClientState.CONNECTING
        elif self.state is ClientState.FAILED and self.srtp is not None:
            self.state = ClientState.DISCONNECTED
        self._answered_at = None
        return self._check(now)

    def receive(self, datagram: bytes, now: float) -> list[bytes]:
        """Take in what is no media."""
        if self._dtls is None or self._remote is None:
            return []
        if stun.is_stun(datagram):
            return self._take_answer(datagram, self._remote, now)
        sent = self._dtls.receive(datagram, now)
        self._follow(self._dtls)
        self._arm()
        return sent

    def handle_timer(self, now: float) -> list[bytes]:
        """Do what is due."""
        if self.deadline is None or now < self.deadline or self._dtls is None:
            return []
        sent = self._dtls.handle_timer(now)
        if now >= self._check_at:
            self._look(now)
            if self.deadline is not None:
                sent = sent + self._check(now)
        self._arm()
        return sent

    def close(self) -> list[bytes]:
        """Say goodbye, as a page that is left does."""
        self._end(ClientState.CLOSED)
        return self._dtls.close() if self._dtls is not None else []

    def _check(self, now: float) -> list[bytes]:
        if self._remote is None:
            return []
        transaction = self._chance.randbytes(12)
        self._checks[transaction] = now
        while len(self._checks) > _REMEMBERED:
            del self._checks[next(iter(self._checks))]
        self._check_at = now + self._next_gap()
        self._arm()
        name = f"{self._remote.credentials.ufrag}:{self.credentials.ufrag}"
        attributes = [
            (stun.Attribute.USERNAME, name.encode()),
            (stun.Attribute.PRIORITY, _PRIORITY.to_bytes(4, "big")),
            (stun.Attribute.ICE_CONTROLLING, bytes(8)),
            (stun.Attribute.USE_CANDIDATE, b""),
        ]
        password = self._remote.credentials.pwd
        return [stun.compose(stun.Kind.REQUEST, transaction, attributes, password)]

    def _next_gap(self) -> float:
        """Until the next one, should this not be answered."""
        if self._answered_at is not None:
            return RETRY_GAP
        gap, self._gap = self._gap, min(2 * self._gap, RETRY_GAP)
        return gap

    def _take_answer(self, datagram: bytes, remote: RemotePeer, now: float) -> list[bytes]:
        message = stun.parse(datagram)
        if message is None or message.kind is not stun.Kind.SUCCESS:
            return []
        if message.transaction not in self._checks or not message.authentic(remote.credentials.pwd):
            return []
        del self._checks[message.transaction]
        self.mapped = message.mapped_address
        self._answered_at = now
        self._check_at = now + CONSENT_GAP
        if self.state is ClientState.DISCONNECTED:
            self.state = ClientState.CONNECTED
        sent = []
        if self._dtls is not None and self.state is ClientState.CONNECTING:
            sent = self._dtls.start(now) if self._dtls.deadline is None else []
        self._arm()
        return sent

    def _follow(self, dtls: Dtls) -> None:
        if dtls.state is DtlsState.ESTABLISHED and self.state is ClientState.CONNECTING:
            self.state = ClientState.CONNECTED
        elif dtls.state is DtlsState.FAILED:
            self._end(ClientState.FAILED)
        elif dtls.state is DtlsState.CLOSED:
            self._end(ClientState.CLOSED)

    def _look(self, now: float) -> None:
        if self._answered_at is None:
            return
        silent = now - self._answered_at
        if silent >= FAILED_AFTER:
            self._end(ClientState.FAILED)
        elif silent >= DISCONNECTED_AFTER and self.state is ClientState.CONNECTED:
            self.state = ClientState.DISCONNECTED

    def _arm(self) -> None:
        if self.state in (ClientState.FAILED, ClientState.CLOSED):
            return
        resend = self._dtls.deadline if self._dtls is not None else None
        self.deadline = self._check_at if resend is None else min(resend, self._check_at)

    def _end(self, state: ClientState) -> None:
        self.state = state
        self.deadline = None
