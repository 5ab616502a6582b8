"""A leg's own UDP port: its sockets, whom it hears there, and where its packets go."""

import socket
import struct
import time
from collections.abc import Callable
from contextlib import suppress
from ipaddress import ip_address
from typing import Final

import structlog

from .incoming import Incoming
from .latch import Address, Latch, Verdict
from .packets import PacketLoop
from .ports import PortRange
from .protocol import SetRemote
from .rtcp import is_rtcp
from .rtp import HEADER
from .sender import RtpSender
from .visits import Visits

log = structlog.get_logger()

_SO_MEMINFO: Final = 55
_MEMINFO: Final = struct.Struct("9I")
_DROPPED: Final = 8  # index of SK_MEMINFO_DROPS

OnRtcp = Callable[[bytes, float], bool]  # whether it was understood


class RtpPort:
    """
    The sockets of one leg, and its :class:`~.latch.Latch`.

    The latch tells from the first packets where the other side really is. From then on a second
    socket on the port is connected there: the kernel gives it that address's packets only, and
    sending needs no look-up. Others' packets end at the first socket, the listener. Once nobody
    else can be learned any more, nobody reads that one, and the kernel counts there what comes.

    ``on_learned`` is called when packets go another way than before.
    """

    def __init__(
        self,
        leg_id: str,
        ports: PortRange,
        loop: PacketLoop,
        visits: Visits,
        incoming: Incoming,
        sender: RtpSender,
        on_rtcp: OnRtcp,
        on_learned: Callable[[], None],
    ) -> None:
        self.port, self._listener, self._rtcp_socket = ports.take()
        self._connected: socket.socket | None = None
        self._listening = False  # whether the listener is read
        self._latch = Latch()
        self._expected = False  # whether anybody may come
        self._may_send = False
        self._address: Address | None = None  # where we send
        self._rtcp_address: Address | None = None
        self._strangers = 0
        self._dropped = 0  # by the kernel, before there was anybody to tell apart
        self._leg_id = leg_id
        self._ports = ports
        self._loop = loop
        self._visits = visits
        self._incoming = incoming
        self._sender = sender
        self._on_rtcp = on_rtcp
        self._on_learned = on_learned

    def open(self) -> None:
        """Read what comes."""
        self._listen()
        self._loop.watch(self._rtcp_socket.fileno(), self._hear_rtcp)

    def set_remote(self, remote: SetRemote, *, moved: bool, now: float) -> None:
        """Take over what the SDP says; ``moved``: it names another address than before."""
        self._expected = True
        self._may_send = remote.direction not in ("recvonly", "inactive")
        if moved:
            self._latch.expect(_canonical(remote.host), remote.port, now)
            self._address = _usable(remote.host, remote.port, self._listener.family)
            self._rtcp_address = None
        self._set_send()
        if moved and self._connected is not None:
            self._forget(self._connected)
            self._strangers_counted()
            self._leave()
            self._set_send()
            self._listen()

    def settle(self, now: float) -> None:
        """
        Read no more than has to be.

        That is not what strangers send, once nobody else can be learned any more, and only now and
        then what nobody hears.
        """
        connected, incoming = self._connected, self._incoming
        if connected is None or incoming.on_heard is not None:
            return
        if self._listening:
            if self._latch.settled(now):
                self._stop_listening()
        elif incoming.unheard and self._visits.begin(connected.fileno(), incoming):
            incoming.on_heard = self._attend

    def _attend(self) -> None:
        """Somebody is to hear it: read it as it comes."""
        if self._connected is not None:
            self._visits.end(self._connected.fileno())

    def _forget(self, connected: socket.socket) -> None:
        self._incoming.on_heard = None
        self._visits.end(connected.fileno())  # what waits there is no stranger's
        self._loop.forget(connected.fileno())

    def send_rtcp(self, data: bytes) -> None:
        """To where the other side's reports came from, or else to the next port (§11)."""
        if self._address is None:
            return
        address = self._rtcp_address or (self._address[0], self._address[1] + 1)
        with suppress(OSError, OverflowError):
            self._rtcp_socket.sendto(data, address)

    @property
    def reachable(self) -> bool:
        return self._address is not None

    @property
    def strangers(self) -> int:
        """Packets from others than the leg's other side."""
        return self._strangers

    def close(self) -> None:
        """Give the port back, whatever state it is in; once."""
        if self._listener.fileno() < 0:
            return
        if self._connected is not None:
            self._strangers_counted()
        self._sender.lead_to(None)
        self._incoming.on_heard = None
        for one in (self._listener, self._connected, self._rtcp_socket):
            if one is not None:
                with suppress(OSError, ValueError):  # not watched, or not any more
                    self._visits.end(one.fileno())
                    self._loop.forget(one.fileno())
                one.close()
        self._ports.give_back(self.port)

    # --- whom it hears -------------------------------------------------------------------------

    def _listen(self) -> None:
        """Read what comes to the port from anybody."""
        if not self._listening:
            self._listening = True
            self._loop.watch(self._listener.fileno(), self._hear)

    def _stop_listening(self) -> None:
        if self._listening:
            self._listening = False
            self._loop.forget(self._listener.fileno())

    def _hear(self) -> None:
        """A packet that may be from anybody; the latch judges."""
        buffer, now, incoming = self._loop.buffer, time.monotonic(), self._incoming
        try:
            size, (host, port, *_) = self._listener.recvfrom_into(buffer)
        except OSError:
            return
        source = (host, port)
        if not self._expected or self._latch.shuns(source, now):
            self._strangers += 1
        elif is_rtcp(buffer, size):
            self._receive_rtcp(bytes(buffer[:size]), source, now)
        elif not incoming.accepts(buffer, size):
            self._strangers += 1
        else:
            _, seq, _, ssrc = HEADER.unpack_from(buffer)
            verdict = self._latch.receive(source, seq, ssrc, now)
            if verdict is Verdict.REFUSED:
                self._strangers += 1
                return
            if verdict is Verdict.LEARNED:
                self._learn(source)
            incoming.receive(buffer, size, now)
            if verdict is Verdict.LEARNED and self._connected is not None:
                self._switch_to(self._connected, source, now)

    def _learn(self, source: Address) -> None:
        if self._connected is not None:
            log.warning("media.stranger_dropped", leg_id=self._leg_id)
            self._forget(self._connected)
        try:
            self._connect(source)
        except OSError as error:
            # Out of file descriptors, say: then it is heard and spoken to by the listener.
            log.error("media.leg_not_connected", leg_id=self._leg_id, error=str(error))  # noqa: TRY400
        self._on_learned()

    def _connect(self, address: Address) -> None:
        """To where the other side was found; raises OSError."""
        self._leave()
        self._address, self._rtcp_address = address, None
        self._set_send()
        connected = self._ports.bind(self.port, beside=self._listener)
        try:
            connected.connect(address)
        except OSError:
            connected.close()
            raise
        self._connected = connected
        self._set_send()

    def _leave(self) -> None:
        """Whoever was learned before is a stranger from now on."""
        if self._connected is None:
            self._dropped = _dropped(self._listener)
            return
        self._strangers += _waiting(self._connected)
        self._connected.close()
        self._connected = None
        self._incoming.expect_another()

    def _switch_to(self, connected: socket.socket, source: Address, now: float) -> None:
        """Read the connected socket from now on, and the listener while somebody may come yet."""
        settled = self._latch.settled(now)
        # What came to either socket before the new one was connected may be from anybody.
        for one in (self._listener, connected) if settled else (connected,):
            with suppress(OSError):
                while True:
                    size, (host, port, *_) = one.recvfrom_into(self._loop.buffer)
                    if (host, port) == source:
                        self._incoming.receive(self._loop.buffer, size, now)
                    else:
                        self._strangers += 1
        self._loop.watch_stream(connected.fileno(), self._incoming)
        if settled:
            self._stop_listening()

    def _strangers_counted(self) -> None:
        """Add those who wait, or were dropped, at the socket that nobody reads; read them away."""
        self._strangers += _dropped(self._listener) - self._dropped + _waiting(self._listener)

    # --- where packets go ----------------------------------------------------------------------

    def _set_send(self) -> None:
        if not self._may_send:
            self._sender.lead_to(None)
        elif self._connected is not None:
            self._sender.lead_to(self._connected.send, self._connected.fileno())
        elif self._address is not None:
            address, sendto = self._address, self._listener.sendto
            self._sender.lead_to(lambda data: sendto(data, address))
        else:
            self._sender.lead_to(None)

    # --- RTCP ----------------------------------------------------------------------------------

    def _hear_rtcp(self) -> None:
        with suppress(OSError):
            data, source = self._rtcp_socket.recvfrom(2048)
            self._receive_rtcp(data, source[:2], time.monotonic())

    def _receive_rtcp(self, data: bytes, source: Address, now: float) -> None:
        if self._address is None or source[0] != self._address[0]:
            self._strangers += 1
            return
        if self._on_rtcp(data, now):
            self._rtcp_address = source


def _canonical(host: str) -> str | None:
    """As the kernel writes it; None for a name."""
    try:
        return str(ip_address(host))
    except ValueError:
        return None


def _usable(host: str, port: int, family: int) -> Address | None:
    """An address that can be sent to; names are not looked up here, and 0.0.0.0 means hold."""
    try:
        address = ip_address(host)
    except ValueError:
        return None
    version = 6 if family == socket.AF_INET6 else 4
    if address.version != version or address.is_unspecified or not 0 < port < 0x10000:
        return None
    return host, port


def _dropped(listener: socket.socket) -> int:
    """How many datagrams the kernel dropped because nobody read this socket."""
    info = listener.getsockopt(socket.SOL_SOCKET, _SO_MEMINFO, _MEMINFO.size)
    return int(_MEMINFO.unpack(info)[_DROPPED]) if len(info) == _MEMINFO.size else 0


def _waiting(listener: socket.socket) -> int:
    """Read away what waits there; how many they were."""
    count = 0
    with suppress(BlockingIOError):
        while True:
            listener.recv(1)
            count += 1
    return count
