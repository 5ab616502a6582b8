"""
One browser's peer connection: ICE-lite (RFC 8445 §2.5), DTLS as server, SRTP, consent. No IO.

The browser is in control: it checks our one address, and nominates. We answer, and learn from its
checks where it is. Each method takes the time and returns what to do.
"""

import enum
import random
import string
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, NamedTuple

from . import stun
from .datagrams import Lane
from .dtls import Dtls, DtlsState, Fingerprint, Identity
from .srtp import Srtp

INTERRUPTED_AFTER: Final = 3.0  # seconds without anything valid, from a browser that speaks
# The same, from one that only listens: it may say no more than a check every 4.5 s (Firefox).
LISTENER_INTERRUPTED_AFTER: Final = 6.0
_SPEAKS_WITHIN = 2.0  # seconds from its latest audio to whatever came last
GONE_AFTER: Final = 30.0  # seconds, as RFC 7675 §5.1 has it
# A path that is silent for so long is left for one on which media comes. Browsers that do not
# nominate again after their address has changed under way (a NAT that forgot) are followed so.
STRAY_AFTER: Final = 1.0
QUIET_AFTER: Final = 5.0  # the same, for one on which checks come; they come every 2.5 to 4.5 s
_GENERATIONS = 4  # credentials that are valid side by side
_ICE_CHARACTERS = string.ascii_letters + string.digits  # and "+/", which need care elsewhere


class TcpAddress(NamedTuple):
    """The far end of an ICE-TCP connection; the number tells it from a later one."""

    host: str
    port: int
    connection: int


Address = tuple[str, int] | TcpAddress


@dataclass(frozen=True, slots=True)
class Credentials:
    """What the browser has to know to be let in (RFC 8445 §5.3)."""

    ufrag: str
    pwd: str

    @classmethod
    def generate(cls, chance: random.Random) -> "Credentials":
        """With 47 bits of name and 142 of password; the RFC asks for 24 and 128."""
        letters = chance.choices(_ICE_CHARACTERS, k=32)
        return cls("".join(letters[:8]), "".join(letters[8:]))


class PeerState(enum.Enum):
    """As :class:`~..protocol.PeerChanged` tells it; NEW is not told."""

    NEW = "new"
    CONNECTED = "connected"
    INTERRUPTED = "interrupted"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class Send:
    """Put this datagram on the wire."""

    data: bytes
    address: Address


@dataclass(frozen=True, slots=True)
class PathSelected:
    """What is said to this peer goes to :attr:`Peer.path` from now on, nowhere if that is None."""

    peer: "Peer"


@dataclass(frozen=True, slots=True)
class PeerStateChanged:
    """From "connected" on :attr:`Peer.srtp` is there. After "gone" nothing comes any more."""

    peer: "Peer"
    state: PeerState
    reason: str = ""


Effect = Send | PathSelected | PeerStateChanged


OnMedia = Callable[[bytes, float], None]  # what came, unprotected, and when


def _ignore(packet: bytes, now: float) -> None:
    """Before there is anybody to hear it."""


class Path:
    """An address from which this peer has proved to be reachable, by a check."""

    __slots__ = ("address", "heard_at", "peer")

    def __init__(self, peer: "Peer", address: Address, now: float) -> None:
        self.peer = peer
        self.address = address
        self.heard_at = now

    def unprotect(self, packet: bytes, now: float) -> bytes | None:
        """The RTP in a datagram that came on this path; None if there is none to be had."""
        peer = self.peer
        if peer.srtp is None or (plain := peer.srtp.unprotect(packet)) is None:
            return None
        self.hear(now)
        return plain

    def hear(self, now: float) -> None:
        """Audio has come on this path."""
        peer = self.peer
        self.heard_at = peer.spoke_at = now
        if peer.path is not self or peer.interrupted:
            peer.notice(self, now)

    def unprotect_rtcp(self, packet: bytes, now: float) -> bytes | None:
        peer = self.peer
        if peer.srtp is None or (plain := peer.srtp.unprotect_rtcp(packet)) is None:
            return None
        self.heard_at = peer.checked_at = now
        if peer.path is not self or peer.interrupted:
            peer.notice(self, now)
        return plain


class Peer:
    """
    One peer connection. Its paths and names are kept by :class:`~.peers.Peers`.

    ``path`` is where to send, None while that is not known. ``srtp`` protects what is sent. A new
    peer has to get a stream of its own, with a first sequence number below 32768: see
    :class:`~.srtp.Srtp`.
    """

    def __init__(
        self, identity: Identity, fingerprint: Fingerprint, credentials: Credentials, now: float
    ) -> None:
        self.state = PeerState.NEW
        self.path: Path | None = None
        self.srtp: Srtp | None = None
        self.interrupted = False
        self.checked_at = now  # when a check came, or anything else that is valid but no audio
        self.spoke_at = float("-inf")  # when audio came
        self.on_rtp: OnMedia = _ignore
        self.on_rtcp: OnMedia = _ignore
        self.lane: Lane | None = None  # the short way of RTP that comes by UDP
        self.credentials = [credentials]  # the ones in use, and newer ones that may come into use
        self._dtls = Dtls(identity, fingerprint, client=False)
        self._stray: Path | None = None
        self._look_at = now + GONE_AFTER

    @property
    def deadline(self) -> float:
        """When to call :meth:`handle_timer`."""
        resend = self._dtls.deadline
        if resend is None or self.path is None:
            return self._look_at
        return min(resend, self._look_at)

    def restart(self, credentials: Credentials) -> list[Credentials]:
        """
        Let the browser in by these as well; DTLS and SRTP go on (RFC 8445 §2.4, RFC 8842 §5.5).

        Returns those that are valid no more. The ones in use are, until newer ones come into use.
        """
        in_use, *waiting = self.credentials
        dropped = waiting[: 2 - _GENERATIONS]
        self.credentials = [in_use, *waiting[2 - _GENERATIONS :], credentials]
        return dropped

    def knows(self, message: stun.Message, ufrag: str) -> bool:
        """Whether this comes from somebody who has our password."""
        return any(
            known.ufrag == ufrag and message.authentic(known.pwd) for known in self.credentials
        )

    def check(self, message: stun.Message, ufrag: str, path: Path, now: float) -> list[Effect]:
        """Answer an authentic check that came on this path; the first by new credentials counts."""
        if message.method != stun.BINDING or message.kind is not stun.Kind.REQUEST:
            return []
        used = next(one for one in self.credentials if one.ufrag == ufrag)
        path.heard_at = self.checked_at = now
        source = (path.address[0], path.address[1])
        if message.unknown:
            refusal = stun.refusal(message, 420, "Unknown Attribute", used.pwd)
            return [Send(refusal, path.address)]
        if message.attribute(stun.Attribute.ICE_CONTROLLED) is not None:
            # We are lite and never in control (RFC 8445 §6.1.1); this makes the other side change.
            refusal = stun.refusal(message, 487, "Role Conflict", used.pwd)
            return [Send(refusal, path.address)]
        effects: list[Effect] = [Send(stun.success(message, source, used.pwd), path.address)]
        renewed = used is not self.credentials[0]
        if renewed:
            del self.credentials[: self.credentials.index(used)]
        nominated = message.attribute(stun.Attribute.USE_CANDIDATE) is not None
        if renewed or nominated or self._is_quiet(QUIET_AFTER, now):
            effects += self._select(path)
        return effects + self._look(now)

    def receive_dtls(self, datagram: bytes, path: Path, now: float) -> list[Effect]:
        """Take in a datagram of the handshake, or what comes after it."""
        effects: list[Effect] = [
            Send(answer, path.address) for answer in self._dtls.receive(datagram, now)
        ]
        match self._dtls.state:
            case DtlsState.ESTABLISHED if self.srtp is None:
                self.srtp = self._dtls.srtp
                self.checked_at = self.spoke_at = path.heard_at = now  # it is about to speak
                effects += self._enter(PeerState.CONNECTED, now + INTERRUPTED_AFTER)
            case DtlsState.FAILED:
                effects += self._enter(PeerState.GONE, now, f"DTLS: {self._dtls.failure}")
            case DtlsState.CLOSED:
                effects += self._enter(PeerState.GONE, now, "closed")
        return effects

    def handle_timer(self, now: float) -> list[Effect]:
        """Do what is due."""
        effects: list[Effect] = []
        if self.path is not None:
            address = self.path.address
            effects += [Send(datagram, address) for datagram in self._dtls.handle_timer(now)]
        if self._stray is not None and self._is_quiet(STRAY_AFTER, now):
            effects += self._select(self._stray)
        self._stray = None
        return effects + self._look(now)

    def close(self) -> list[Effect]:
        """Say goodbye; nothing is told about it."""
        goodbye = self._dtls.close()
        self.state = PeerState.GONE
        return [Send(datagram, self.path.address) for datagram in goodbye] if self.path else []

    def notice(self, path: Path, now: float) -> None:
        """Media came on a path that is not the selected one, or after an interruption."""
        self._stray = path if path is not self.path else None
        self._look_at = now

    def lose(self, path: Path) -> None:
        """That path is no more."""
        if self._stray is path:
            self._stray = None
        if self.path is path:
            self.path = None

    def _is_quiet(self, seconds: float, now: float) -> bool:
        return self.path is None or now >= self.path.heard_at + seconds

    def _select(self, path: Path) -> list[Effect]:
        if path is self.path:
            return []
        self.path = path
        return [PathSelected(self)]

    def _look(self, now: float) -> list[Effect]:
        """Whether it is still there."""
        heard_at = max(self.checked_at, self.spoke_at)
        speaks = self.spoke_at >= heard_at - _SPEAKS_WITHIN
        interrupted_at = heard_at + (INTERRUPTED_AFTER if speaks else LISTENER_INTERRUPTED_AFTER)
        gone_at = heard_at + GONE_AFTER
        match self.state:
            case PeerState.CONNECTED if now >= interrupted_at:
                return self._enter(PeerState.INTERRUPTED, gone_at)
            case PeerState.CONNECTED:
                # A listener may begin to speak in between, and has less patience shown then.
                self._look_at = min(interrupted_at, now + INTERRUPTED_AFTER)
            case PeerState.INTERRUPTED if now < interrupted_at:
                return self._enter(PeerState.CONNECTED, interrupted_at)
            case PeerState.INTERRUPTED if now < gone_at:
                self._look_at = gone_at
            case PeerState.NEW if now < self._look_at:
                pass
            case PeerState.NEW | PeerState.INTERRUPTED:
                return self._enter(PeerState.GONE, now, "timeout")
        return []

    def _enter(self, state: PeerState, look_at: float, reason: str = "") -> list[Effect]:
        self._look_at = look_at
        if state is self.state:
            return []
        self.state = state
        self.interrupted = state is PeerState.INTERRUPTED
        return [PeerStateChanged(self, state, reason)]
