"""One leg in a media worker: its sockets, who speaks to it, and what is known of it."""

import random
import socket
import struct
import time
from collections.abc import Callable
from contextlib import suppress
from ipaddress import ip_address
from typing import Final

from . import rtcp
from .capture import Channel
from .digits import DigitSequence, Pressed
from .g711 import SILENCE, translation
from .incoming import Incoming
from .latch import Address, Latch
from .playout import Playout
from .ports import PortRange
from .protocol import Codec, LegQuality, SetRemote
from .quality import mean_opinion, rating
from .rtp import CLOCK_RATE, HEADER_SIZE
from .sender import RtpSender

SILENT_AFTER: Final = (3.0, 30.0)  # seconds without a packet: one-way audio, and still
RESUMED_WITHIN: Final = 1.0  # seconds since the latest packet
CNAME: Final = "hotline"

_SO_MEMINFO = 55
_MEMINFO = struct.Struct("9I")
_DROPPED = 8  # index of SK_MEMINFO_DROPS


class PlayInProgress:
    """A play of this leg; ``playout`` is None while its files are being read."""

    __slots__ = ("barge_in", "begun", "codec", "number", "playout")

    def __init__(self, number: int, codec: Codec, *, barge_in: bool) -> None:
        self.number = number
        self.codec = codec  # of the files as they were asked for
        self.barge_in = barge_in
        self.playout: Playout | None = None
        self.begun = False

    def load(self, files: list[bytes], *, repeat: bool) -> None:
        self.playout = Playout(files, repeat=repeat, silence=SILENCE[self.codec])


class Leg:
    """
    A port, its stream in and its stream out.

    Its :class:`~.latch.Latch` tells from the first packets where the other side really is. From
    then on a second socket on the port is connected there: the kernel gives it that address's
    packets only, and sending needs no look-up. Others' packets end at the first socket, the
    listener. Once nobody else can be learned any more, nobody reads that one, and the kernel counts
    there what comes.
    """

    def __init__(
        self, name: str, ports: PortRange, slot: int, now: float, chance: random.Random
    ) -> None:
        self.name = name
        self.slot = slot
        self.port, self.listener, self.rtcp_socket = ports.take()
        self.connected: socket.socket | None = None
        self.listening = False  # whether the listener is read
        self.latch = Latch()
        self.remote: SetRemote | None = None
        self.address: Address | None = None  # where we send
        self.sender = RtpSender(chance)
        self.incoming = Incoming(self._key, self._muxed_rtcp)
        self.digits = DigitSequence()
        self.play: PlayInProgress | None = None
        self.bridged: Leg | None = None
        self.on_digit: Callable[[Leg, Pressed], None] | None = None
        self.on_barge_in: Callable[[Leg], None] | None = None
        self._ports = ports
        self._chance = chance
        self._view = rtcp.RemoteView()
        self._rtcp_address: Address | None = None
        self._strangers = 0
        self._dropped = 0  # by the kernel, before there was anybody to tell apart
        self._expecting_since = now
        self._silences_told = 0
        self._report_at = now + rtcp.INTERVAL * (0.25 + chance.random() / 2)

    # --- the address ---------------------------------------------------------------------------

    def set_remote(self, remote: SetRemote, now: float) -> bool:
        """Take over what the other side's SDP says; True if the address must be learned anew."""
        old = self.remote
        moved = old is None or (old.host, old.port) != (remote.host, remote.port)
        self.remote = remote
        self._expecting_since = now
        self._silences_told = 0
        self.incoming.speaks(remote.codec, remote.payload_type, remote.dtmf_payload_type)
        self.sender.speaks(remote.payload_type, remote.dtmf_payload_type)
        if moved:
            self.latch.expect(_canonical(remote.host), remote.port, now)
            self.address = _usable(remote.host, remote.port, self.listener.family)
            self._rtcp_address = None
        self._set_send()
        return moved

    def learn(self, address: Address) -> None:
        """Connect to where the other side was found; raises OSError."""
        self._leave()
        self.address, self._rtcp_address = address, None
        self._set_send()
        connected = self._ports.bind(self.port, beside=self.listener)
        try:
            connected.connect(address)
        except OSError:
            connected.close()
            raise
        self.connected = connected
        self._set_send()

    def unlearn(self) -> None:
        """Listen to anybody again."""
        if self.connected is not None:
            self._count_strangers()
            self._leave()
            self._set_send()

    def _leave(self) -> None:
        """Whoever was learned before is a stranger from now on."""
        if self.connected is None:
            self._dropped = _dropped(self.listener)
            return
        self._strangers += _waiting(self.connected)
        self.connected.close()
        self.connected = None
        self.incoming.expect_another()

    def reject(self) -> None:
        """Count a packet from a stranger."""
        self._strangers += 1

    def _set_send(self) -> None:
        """Where packets go, if anywhere."""
        if self.remote is None or self.remote.direction in ("recvonly", "inactive"):
            self.sender.lead_to(None)
        elif self.connected is not None:
            self.sender.lead_to(self.connected.send, self.connected.fileno())
        elif self.address is not None:
            address, sendto = self.address, self.listener.sendto
            self.sender.lead_to(lambda data: sendto(data, address))
        else:
            self.sender.lead_to(None)

    # --- who speaks ----------------------------------------------------------------------------

    @property
    def speaking(self) -> bool:
        """Whether this leg has something of its own to send at each tick."""
        return bool(self.digits) or (self.play is not None and self.play.playout is not None)

    def wire(self) -> None:
        """Let the bridged leg be heard here, unless something else is being sent."""
        if (other := self.bridged) is None:
            return
        wanted = self.sender.send is not None and self.play is None and not self.digits
        if not wanted:
            other.incoming.stop_relay()
        elif other.incoming.to is not self.sender and self.remote is not None:
            other.incoming.relay(self.sender, self.remote.codec)

    def rewire(self) -> None:
        """After a change of codec or direction."""
        if self.bridged is not None:
            self.bridged.incoming.stop_relay()
            self.incoming.stop_relay()
            self.wire()
            self.bridged.wire()

    def bridge(self, other: "Leg") -> None:
        self.bridged, other.bridged = other, self
        self.wire()
        other.wire()

    def unbridge(self) -> None:
        if (other := self.bridged) is not None:
            self.incoming.stop_relay()
            other.incoming.stop_relay()
            self.bridged = other.bridged = None

    def speak(self, now: float) -> PlayInProgress | None:
        """Send what is due at this tick; returns a play that has come to its end."""
        sender = self.sender
        if self.digits:
            packet = self.digits.next()
            if packet is None:
                sender.pass_time()
            else:
                if packet.marker:
                    sender.begin(now)
                sender.send_event(packet.payload, packet.age, marker=packet.marker)
            sender.marker_due = True
            return None
        play = self.play
        if play is None or play.playout is None:
            return None
        if not play.begun:
            play.begun = True
            sender.begin(now)
        payload = play.playout.next()
        if payload is None:
            return play
        if self.remote is not None and play.codec != self.remote.codec:
            # The other side has changed its codec in the middle of it.
            payload = payload.translate(translation(play.codec, self.remote.codec))
        sender.send_audio(payload)
        return None

    def _key(self, pressed: list[Pressed], down: bool) -> None:
        if down and self.play is not None and self.play.barge_in and self.on_barge_in is not None:
            self.on_barge_in(self)
        if self.on_digit is not None:
            for key in pressed:
                self.on_digit(self, key)

    # --- captures ------------------------------------------------------------------------------

    @property
    def channel(self) -> Channel | None:
        return self.incoming.channel

    # --- what is known of it -------------------------------------------------------------------

    def silence(self, now: float) -> float | None:
        """Seconds without a packet when that is to be told, at 3 s and at 30 s; else None."""
        told = self._silences_told
        if told >= len(SILENT_AFTER) or not self._should_send():
            return None
        seconds = now - max(self.incoming.heard, self._expecting_since)
        # Comfort noise announces silence: no packets for 3 s are no one-way audio then.
        if self.incoming.comfort_noise and told == 0:
            told = 1
        if seconds < SILENT_AFTER[told]:
            return None
        self._silences_told = told + 1
        return seconds

    def resumed(self, now: float) -> bool:
        """Whether packets come again after a silence that was told; true once."""
        if self._silences_told == 0 or now - self.incoming.heard >= RESUMED_WITHIN:
            return False
        self._silences_told = 0
        return True

    def _should_send(self) -> bool:
        return self.remote is not None and self.remote.direction in ("sendrecv", "recvonly")

    def quality(self) -> LegQuality:
        incoming, view = self.incoming, self._view
        trip = None if view.round_trip is None else 1000 * view.round_trip
        opinion = None
        if incoming.expected:
            loss = incoming.lost / incoming.expected
            opinion = round(mean_opinion(rating(loss, trip or 0.0, 1000 * incoming.jitter)), 2)
        return LegQuality(
            packets_received=incoming.received + incoming.copies,
            packets_sent=self.sender.sent,
            packets_lost=incoming.lost,
            packets_out_of_order=incoming.out_of_order,
            packets_rejected=incoming.rejected + self._strangers,
            jitter_ms=round(1000 * incoming.jitter, 3),
            round_trip_ms=None if trip is None else round(trip, 3),
            remote_loss=view.loss,
            mos=opinion,
        )

    def _count_strangers(self) -> None:
        """Add those who wait, or were dropped, at the socket that nobody reads; read them away."""
        self._strangers += _dropped(self.listener) - self._dropped + _waiting(self.listener)

    # --- RTCP ----------------------------------------------------------------------------------

    def receive_rtcp(self, data: bytes, address: Address | None, now: float) -> None:
        """``address`` is None where it is known already (RTCP on the RTP port)."""
        if address is not None and (self.address is None or address[0] != self.address[0]):
            self.reject()
            return
        ntp = rtcp.ntp_time(time.time())
        reports = rtcp.parse(data)
        if reports and address is not None:
            self._rtcp_address = address
        for report in reports:
            self._view.receive(
                report,
                ours=self.sender.ssrc,
                first=self.sender.first,
                sent=self.sender.sent,
                ntp=ntp,
                now=now,
            )

    def _muxed_rtcp(self, data: bytes) -> None:
        self.receive_rtcp(data, None, time.monotonic())

    def report(self, now: float) -> None:
        """Send a report, if it is time for one (about every 5 s, RFC 3550 §6.2)."""
        if now >= self._report_at:
            self._report_at = now + rtcp.INTERVAL * (0.5 + self._chance.random())
            self._send_report(now)

    def _send_report(self, now: float, *, goodbye: bool = False) -> None:
        if self.address is None:
            return
        address = self._rtcp_address or (self.address[0], self.address[1] + 1)
        report = rtcp.Report(self.sender.ssrc, self._sender_info(now), self._reception_blocks(now))
        with suppress(OSError, OverflowError):
            self.rtcp_socket.sendto(rtcp.compose(report, CNAME, goodbye=goodbye), address)

    def _sender_info(self, now: float) -> rtcp.SenderInfo | None:
        if self.sender.sent == 0:
            return None
        timestamp = self.sender.timestamp_at(now)
        if self.bridged is not None:
            source = self.bridged.incoming
            if (relayed := source.relayed_timestamp) is not None:
                timestamp = relayed + round((now - source.heard) * CLOCK_RATE)
        return rtcp.SenderInfo(
            ntp=rtcp.ntp_time(time.time()),
            timestamp=timestamp & 0xFFFFFFFF,
            packets=self.sender.sent,
            octets=self.sender.octets - HEADER_SIZE * self.sender.sent,
        )

    def _reception_blocks(self, now: float) -> tuple[rtcp.ReceptionBlock, ...]:
        incoming = self.incoming
        if incoming.ssrc < 0:
            return ()
        last_report, delay = self._view.last_report(now)
        return (
            rtcp.ReceptionBlock(
                ssrc=incoming.ssrc,
                fraction_lost=min(255, int(256 * incoming.fraction_lost())),
                lost=incoming.current_lost,
                highest=incoming.highest,
                jitter=int(incoming.jitter * CLOCK_RATE),
                last_report=last_report,
                delay=delay,
            ),
        )

    def close(self, now: float) -> LegQuality:
        """Say goodbye, and give the port back."""
        self._send_report(now, goodbye=True)
        if self.connected is not None:
            self._count_strangers()
        quality = self.quality()
        self.unbridge()
        self.play = self.on_digit = self.on_barge_in = None
        self.sender.lead_to(None)
        self.incoming.capture(None)
        for one in (self.listener, self.connected, self.rtcp_socket):
            if one is not None:
                one.close()
        self._ports.give_back(self.port)
        return quality


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
