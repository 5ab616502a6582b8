"""One leg in a media worker: its stream in, its stream out, and who speaks to it."""

import random
import time
from collections.abc import Callable

from .capture import Channel
from .digits import DigitSequence, Pressed
from .g711 import SILENCE, translation
from .incoming import Incoming
from .packets import PacketLoop
from .playout import Playout
from .ports import PortRange
from .protocol import Codec, LegQuality, SetRemote
from .quality import mean_opinion, rating
from .rtcp_session import RtcpSession
from .rtp_port import RtpPort
from .sender import RtpSender
from .silence import SilenceWatch


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
    """One party's media. Its :class:`~.rtp_port.RtpPort` knows the sockets."""

    def __init__(
        self,
        name: str,
        ports: PortRange,
        loop: PacketLoop,
        slot: int,
        now: float,
        chance: random.Random,
    ) -> None:
        self.name = name
        self.slot = slot
        self.remote: SetRemote | None = None
        self.sender = RtpSender(chance)
        self.incoming = Incoming(self._key, self._muxed_rtcp)
        self.rtcp = RtcpSession(self.incoming, self.sender, now, chance)
        self.transport = RtpPort(
            name, ports, loop, self.incoming, self.sender, self.rtcp.receive, self.wire
        )
        self.digits = DigitSequence()
        self.play: PlayInProgress | None = None
        self.bridged: Leg | None = None
        self.on_digit: Callable[[Leg, Pressed], None] | None = None
        self.on_barge_in: Callable[[Leg], None] | None = None
        self._silence = SilenceWatch(now)

    def set_remote(self, remote: SetRemote, now: float) -> None:
        """Take over what the other side's SDP says."""
        old = self.remote
        moved = old is None or (old.host, old.port) != (remote.host, remote.port)
        self.remote = remote
        self._silence.expect(now)
        self.incoming.speaks(remote.codec, remote.payload_type, remote.dtmf_payload_type)
        self.sender.speaks(remote.payload_type, remote.dtmf_payload_type)
        self.transport.set_remote(remote, moved=moved, now=now)
        self._rewire()

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

    def _rewire(self) -> None:
        """After a change of codec or direction."""
        if self.bridged is not None:
            self.bridged.incoming.stop_relay()
            self.incoming.stop_relay()
            self.wire()
            self.bridged.wire()

    def bridge(self, other: "Leg") -> None:
        self.bridged, other.bridged = other, self
        self.rtcp.relayed_from, other.rtcp.relayed_from = other.incoming, self.incoming
        self.wire()
        other.wire()

    def unbridge(self) -> None:
        if (other := self.bridged) is not None:
            self.incoming.stop_relay()
            other.incoming.stop_relay()
            self.bridged = other.bridged = None
            self.rtcp.relayed_from = other.rtcp.relayed_from = None

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

    # --- what is known of it -------------------------------------------------------------------

    @property
    def channel(self) -> Channel | None:
        return self.incoming.channel

    def silence(self, now: float) -> float | None:
        """Seconds without a packet when that is to be told, at 3 s and at 30 s; else None."""
        if self.remote is None or self.remote.direction not in ("sendrecv", "recvonly"):
            return None
        announced = self.incoming.comfort_noise
        return self._silence.silent(self.incoming.heard, now, announced=announced)

    def resumed(self, now: float) -> bool:
        """Whether packets come again after a silence that was told; true once."""
        return self._silence.resumed(self.incoming.heard, now)

    def report(self, now: float) -> None:
        """Send an RTCP report, if it is time for one."""
        if self.rtcp.due(now) and self.transport.reachable:
            self.transport.send_rtcp(self.rtcp.report(now))

    def quality(self) -> LegQuality:
        incoming, view = self.incoming, self.rtcp.view
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
            packets_rejected=incoming.rejected + self.transport.strangers,
            jitter_ms=round(1000 * incoming.jitter, 3),
            round_trip_ms=None if trip is None else round(trip, 3),
            remote_loss=view.loss,
            mos=opinion,
        )

    def _muxed_rtcp(self, data: bytes) -> None:
        self.rtcp.receive(data, time.monotonic())

    def close(self, now: float) -> LegQuality:
        """Say goodbye, and give the port back."""
        if self.transport.reachable:
            self.transport.send_rtcp(self.rtcp.report(now, goodbye=True))
        self.unbridge()
        self.play = self.on_digit = self.on_barge_in = None
        self.incoming.capture(None)
        self.transport.close()
        return self.quality()
