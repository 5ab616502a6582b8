"""
The sockets of :class:`~.peers.Peers`: one UDP port, and TCP on the same number. The only IO here.

It is driven by an epoll loop that it does not know: what it wants from it is :class:`Watcher`.
"""

import socket
from collections.abc import Callable
from contextlib import suppress
from typing import Final, Protocol

from ..packets import StreamIn
from .datagrams import Lane, SharedSocket
from .dtls import Fingerprint
from .ice_tcp import PROVEN_WITHIN, Framing, FramingBroken
from .peer import Effect, PathSelected, Peer, PeerStateChanged, Send, TcpAddress
from .peers import Peers

PEERS_EVERY: Final = (
    0.1  # seconds between looks at what is due of the peers: half a second, or more
)
LOOK_EVERY: Final = 1.0  # seconds between looks at the TCP connections
MOST_CONNECTIONS: Final = 1024
MOST_STRANGERS: Final = 64  # TCP connections that have not proved anything yet
_DATAGRAM = 2048
# Octets; all browsers' packets wait in one socket while we don't run, or the kernel does not. Above
# net.core.rmem_max and wmem_max only the privileged get it (socket(7)).
_BUFFER = 1 << 22
_SO_SNDBUFFORCE = 32
_SO_RCVBUFFORCE = 33
_BIND_TRIES = 20

Clock = Callable[[], float]
OnChange = Callable[[PathSelected | PeerStateChanged], None]
SendPacket = Callable[[bytes | bytearray | memoryview], int]


class Watcher(Protocol):
    """What is asked of the loop; :class:`~..packets.PacketLoop` has it."""

    def watch(self, fd: int, ready: Callable[[], None]) -> None: ...
    def watch_writable(self, fd: int, wanted: bool) -> None: ...
    def forget(self, fd: int) -> None: ...


class _Connection:
    """One ICE-TCP connection."""

    __slots__ = ("address", "framing", "needed_at", "socket", "waiting")

    def __init__(self, accepted: socket.socket, address: TcpAddress, now: float) -> None:
        self.socket = accepted
        self.address = address
        self.framing = Framing()
        self.needed_at = now  # when it was a path of a peer, or opened
        self.waiting = False  # for the socket to take more


class WebPort:
    """
    All browsers' packets of one process.

    Media goes to :attr:`Peer.on_rtp` and :attr:`Peer.on_rtcp`, what happens to a peer goes to
    ``on_change``; after each of these ask :meth:`sender` anew. Call :meth:`handle_timer` at
    every tick.
    """

    def __init__(
        self,
        loop: Watcher,
        peers: Peers,
        on_change: OnChange,
        clock: Clock,
        *,
        host: str,
        port: int = 0,
        tcp: bool = True,
        proven_within: float = PROVEN_WITHIN,
    ) -> None:
        """Raises OSError if the port is taken; 0 is any that is free."""
        self.peers = peers
        self._loop = loop
        self._on_change = on_change
        self._clock = clock
        self._proven_within = proven_within
        self._udp, self._tcp = _bind(host, port, tcp)
        self._shared = SharedSocket(self._udp, peers.paths)
        self.port: int = self._udp.getsockname()[1]
        self._connections: dict[TcpAddress, _Connection] = {}
        self._count = 0
        self._peers_at = 0.0
        self._look_at = 0.0
        self._accepting = self._tcp is not None
        loop.watch(self._udp.fileno(), self._readable)
        if self._tcp is not None:
            loop.watch(self._tcp.fileno(), self._accept)

    @property
    def tcp_port(self) -> int | None:
        return self.port if self._tcp is not None else None

    def open(self, fingerprint: Fingerprint) -> Peer:
        """Expect a browser; see :meth:`Peers.open`."""
        return self.peers.open(fingerprint, self._clock())

    def close_peer(self, peer: Peer) -> None:
        """Say goodbye to it; nothing is told about that."""
        self._carry_out(self.peers.close(peer))

    def carry(self, peer: Peer, stream: StreamIn) -> None:
        """A short way for what this peer says by UDP, and is sent; :meth:`flush` has to follow."""
        if peer.srtp is not None:
            peer.lane = self._shared.lane(peer.srtp, stream)

    def way(self, peer: Peer) -> Lane | None:
        """The short way of RTP to this peer now, None if there is none."""
        if (lane := peer.lane) is None or peer.path is None:
            return None
        if isinstance(peer.path.address, TcpAddress):
            return None
        lane.lead_to(peer.path.address)
        return lane

    def flush(self) -> None:
        """Send what went the short way."""
        self._shared.flush()

    def sender(self, peer: Peer) -> SendPacket | None:
        """What protects an RTP packet and sends it to this peer now; None if that can't be."""
        if (lane := self.way(peer)) is not None:
            return lane.send  # in order with the others
        if peer.srtp is None or peer.path is None:
            return None
        protect, address = peer.srtp.protect, peer.path.address
        if isinstance(address, TcpAddress):

            def send(packet: bytes | bytearray | memoryview) -> int:
                protected = protect(packet)
                return self._send_framed(protected, address) if protected is not None else 0

        else:
            sendto = self._udp.sendto

            def send(packet: bytes | bytearray | memoryview) -> int:
                protected = protect(packet)
                return sendto(protected, address) if protected is not None else 0

        return send

    def send_rtcp(self, peer: Peer, packet: bytes) -> None:
        """Send a compound packet, if there is somewhere to send it to."""
        if peer.srtp is None or peer.path is None:
            return
        if (protected := peer.srtp.protect_rtcp(packet)) is not None:
            self._carry_out([Send(protected, peer.path.address)])

    def handle_timer(self, now: float) -> None:
        if now >= self._peers_at:
            self._peers_at = now + PEERS_EVERY
            self._carry_out(self.peers.handle_timer(now))
        if now >= self._look_at:
            self._look_at = now + min(LOOK_EVERY, self._proven_within)
            self._look(now)

    def close(self) -> None:
        for connection in list(self._connections.values()):
            self._close_connection(connection)
        self._loop.forget(self._udp.fileno())
        self._udp.close()
        if self._tcp is not None:
            if self._accepting:
                self._loop.forget(self._tcp.fileno())
            self._tcp.close()

    # --- datagrams -----------------------------------------------------------------------------

    def _readable(self) -> None:
        now = self._clock()
        for datagram, address in self._shared.read(now):
            self._take(datagram, address, now)

    def _take(self, datagram: bytes, address: tuple[str, int] | TcpAddress, now: float) -> None:
        if len(datagram) > 1 and 128 <= datagram[0] < 192:  # RTP or RTCP (RFC 7983 §7)
            if (path := self.peers.paths.get(address)) is None:
                self.peers.dropped += 1
            elif 192 <= datagram[1] <= 223:  # RFC 5761 §4
                if (packet := path.unprotect_rtcp(datagram, now)) is not None:
                    path.peer.on_rtcp(packet, now)
            elif (packet := path.unprotect(datagram, now)) is not None:
                path.peer.on_rtp(packet, now)
        else:
            self._carry_out(self.peers.receive(datagram, address, now))

    def _carry_out(self, effects: list[Effect]) -> None:
        for effect in effects:
            match effect:
                case Send(data, TcpAddress() as address):
                    self._send_framed(data, address)
                case Send(data, address):
                    with suppress(OSError):  # nobody is there any more, or the buffer is full
                        self._udp.sendto(data, address)
                case _:
                    self._on_change(effect)

    # --- connections ---------------------------------------------------------------------------

    def _accept(self) -> None:
        if self._tcp is None:
            return
        try:
            accepted, source = self._tcp.accept()
        except (BlockingIOError, ConnectionAbortedError):
            return  # it has gone again
        except OSError:
            # No file descriptor is left: whoever waits would wake the loop again and again.
            self._loop.forget(self._tcp.fileno())
            self._accepting = False
            return
        if not self._make_room():
            accepted.close()
            return
        accepted.setblocking(False)
        accepted.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._count += 1
        address = TcpAddress(source[0], source[1], self._count)
        connection = self._connections[address] = _Connection(accepted, address, self._clock())
        self._loop.watch(accepted.fileno(), lambda: self._ready(connection))

    def _make_room(self) -> bool:
        """
        Whether one more may connect; of too many strangers the one who waits longest has to go.

        A browser proves itself within a round trip, so it is out before those who never do could
        push it out, unless they come by the thousand a second.
        """
        strangers = [
            one for address, one in self._connections.items() if address not in self.peers.paths
        ]
        if len(strangers) >= MOST_STRANGERS:
            self._close_connection(min(strangers, key=lambda one: one.needed_at))
        return len(self._connections) < MOST_CONNECTIONS

    def _ready(self, connection: _Connection) -> None:
        """It has something for us, or takes something again."""
        if connection.waiting:
            self._write(connection)
        try:
            data = connection.socket.recv(4 * _DATAGRAM)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        now = self._clock()
        try:
            for packet in connection.framing.receive(data):
                self._take(packet, connection.address, now)
        except FramingBroken:
            data = b""
        if not data:
            self._close_connection(connection)

    def _send_framed(self, packet: bytes, address: TcpAddress) -> int:
        connection = self._connections.get(address)
        if connection is None or not connection.framing.send(packet):
            return 0
        if not connection.waiting:
            self._write(connection)
        return len(packet)

    def _write(self, connection: _Connection) -> None:
        framing = connection.framing
        with suppress(OSError):  # a broken connection tells so when it is read
            framing.sent(connection.socket.send(framing.unsent))
        if bool(framing.unsent) is not connection.waiting:
            connection.waiting = bool(framing.unsent)
            self._loop.watch_writable(connection.socket.fileno(), connection.waiting)

    def _look(self, now: float) -> None:
        """Close what is nobody's path any more, or never was; accept again what could not be."""
        for connection in list(self._connections.values()):
            if connection.address in self.peers.paths:
                connection.needed_at = now
            elif now >= connection.needed_at + self._proven_within:
                self._close_connection(connection)
        if self._tcp is not None and not self._accepting:
            self._loop.watch(self._tcp.fileno(), self._accept)
            self._accepting = True

    def _close_connection(self, connection: _Connection) -> None:
        if self._connections.pop(connection.address, None) is None:
            return
        self._loop.forget(connection.socket.fileno())
        connection.socket.close()
        if (path := self.peers.paths.get(connection.address)) is not None:
            was_selected = path.peer.path is path
            self.peers.disconnect(connection.address)
            if was_selected:
                self._on_change(PathSelected(path.peer))


def _bind(host: str, port: int, tcp: bool) -> tuple[socket.socket, socket.socket | None]:
    """Both on the same number; raises OSError."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    for attempt in range(_BIND_TRIES):
        udp = socket.socket(family, socket.SOCK_DGRAM)
        listener = socket.socket(family, socket.SOCK_STREAM) if tcp else None
        try:
            udp.bind((host, port))
            if listener is not None:
                listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                listener.bind((host, udp.getsockname()[1]))
                listener.listen()
                listener.setblocking(False)
        except OSError:
            udp.close()
            if listener is not None:
                listener.close()
            if port or attempt + 1 == _BIND_TRIES:
                raise
        else:
            udp.setblocking(False)
            for option in (socket.SO_RCVBUF, socket.SO_SNDBUF, _SO_RCVBUFFORCE, _SO_SNDBUFFORCE):
                with suppress(PermissionError):
                    udp.setsockopt(socket.SOL_SOCKET, option, _BUFFER)
            return udp, listener
    raise OSError("no port is free for both UDP and TCP")
