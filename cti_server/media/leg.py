"""One leg in a media worker: its stream in, its stream out, and who speaks to it."""

import random
import time
from collections.abc import Callable
from typing import Final

from .capture import Channel
from .codecs import clock_rate
from .digits import DigitSequence, Pressed
from .frame_source import Samples
from .g711 import decode, is_law, law
from .incoming import Incoming
from .jitter_buffer import JitterBuffer
from .packets import guarded
from .play import PlayInProgress
from .playout import Playout
from .protocol import SetRemote
from .quality import Playing, account
from .rtcp_session import EVERY, Interval, RtcpSession
from .sender import RtpSender
from .silence import SilenceWatch
from .transport import Transport
from .worker_reports import LegQuality

CALM: Final = 1.0  # seconds: what has to be seen sooner ends a calm by itself


class Leg:
    """One party's media; ``transport`` is the way to it."""

    def __init__(
        self,
        name: str,
        slot: int,
        now: float,
        chance: random.Random,
        make_transport: "Callable[[Leg], Transport]",
        reports: Interval = EVERY,
    ) -> None:
        """Raises NoPortFree."""
        self.name = name
        self.slot = slot
        self.remote: SetRemote | None = None
        self.sender = RtpSender(chance)
        self.incoming = Incoming(self._key, self._muxed_rtcp)
        self.rtcp = RtcpSession(self.incoming, self.sender, self.quality, now, chance, reports)
        self.transport = make_transport(self)
        self.digits = DigitSequence()
        self.play: PlayInProgress | None = None  # in place of what it hears
        self.over: PlayInProgress | None = None  # over that
        self.steady: Playout | None = None  # nothing but this is to be said, as it is
        self.mixed = False  # what it is sent comes from the mixing
        self.hears: dict[Leg, None] = {}  # in order
        self.heard_by: dict[Leg, None] = {}
        self.on_rewire: Callable[..., None] | None = None
        self.on_digit: Callable[[Leg, Pressed], None] | None = None
        self.on_barge_in: Callable[[Leg], None] | None = None
        self._silence = SilenceWatch(now)
        self._calm_until = now  # unless it falls silent
        self._reports_seen = 0
        self._buffer: JitterBuffer | None = None  # the latest one, if it was ever decoded
        self._discarded = 0  # by those before

    def set_remote(self, remote: SetRemote, now: float) -> None:
        """Take over what the other side's SDP says."""
        old = self.remote
        moved = old is None or (old.host, old.port) != (remote.host, remote.port)
        self.remote = remote
        self._silence.expect(now)
        self._calm_until = now
        # Some phones send with the number of their own offer, whatever the answer said.
        self.incoming.speaks(
            remote.codec,
            remote.payload_type,
            remote.dtmf_payload_type,
            remote.dtmf_received_as,
            events_clock_rate=remote.dtmf_clock_rate,
        )
        self.sender.speaks(
            remote.payload_type,
            remote.dtmf_payload_type,
            clock_rate(remote.codec),
            remote.dtmf_clock_rate,
        )
        self.sender.comfort_noise = remote.comfort_noise
        self.transport.set_remote(remote, moved=moved, now=now)
        self.rewire(anew=True)

    # --- who speaks ----------------------------------------------------------------------------

    @property
    def attentive(self) -> bool:
        """Whether what others say can be sent here: we may send, and say nothing ourselves."""
        return self.sender.send is not None and self.play is None and not self.digits

    @property
    def plays(self) -> list[PlayInProgress]:
        """What is ready to be played to it."""
        return [play for play in (self.play, self.over) if play is not None and play.loaded]

    @property
    def plain(self) -> bool:
        """Whether it takes packets of a prompt as they are."""
        remote = self.remote
        return remote is not None and is_law(remote.codec) and remote.ptime_ms == 20

    @property
    def speaking(self) -> bool:
        """Whether there is something of our own to send at each tick."""
        return bool(self.digits) or (self.play is not None and self.play.loaded)

    def speak(self, now: float) -> PlayInProgress | None:
        """Send what is due at this tick; returns a play that has come to its end."""
        if self.digits:
            self._send_digit(now)
            return None
        play = self.play
        if play is None or not play.loaded or self.remote is None:
            return None
        if self.mixed or not self.plain:
            return None
        if not play.begun:
            play.begun = True
            self.sender.begin(now)
        codec = law(self.remote.codec)
        payload = play.next(codec)
        if payload is None:
            return play
        self.sender.send_audio(payload)
        if any(channel.told for channel in self.channels):
            self.record_play(decode(payload, codec), now, over=False)
        else:
            self.steady = play.in_law(codec)
        return None

    def record_play(self, samples: Samples, now: float, *, over: bool) -> None:
        """
        Who listens to a recording hears what this party was told, on the other side of it.

        Of a conversation only what was said ``over`` it.
        """
        if self.incoming.masked:
            return
        for channel in self.channels:
            if channel.other is not None and (over or channel.told):
                channel.other.lay_over(samples, now)

    def _send_digit(self, now: float) -> None:
        sender, packet = self.sender, self.digits.next()
        if packet is None:
            sender.pass_time()
        else:
            if packet.marker:
                sender.begin(now)
            sender.send_event(packet.payload, packet.age, marker=packet.marker)
        sender.marker_due = True

    def rewire(self, *, anew: bool = False) -> None:
        """See to it that it hears whom it should, and is heard."""
        self.steady = None
        if self.on_rewire is not None:
            self.on_rewire([self], anew=anew)

    def _key(self, pressed: list[Pressed], down: bool) -> None:
        self._calm_until = 0.0  # its end may be lost
        if down and self.on_barge_in is not None:
            self.on_barge_in(self)
        if self.on_digit is not None:
            for key in pressed:
                self.on_digit(self, key)

    # --- what is known of it -------------------------------------------------------------------

    @property
    def channels(self) -> tuple[Channel, ...]:
        """Its side of each capture that it is in."""
        return self.incoming.channels

    def calm(self, now: float) -> bool:
        """Whether nothing can be due of it. That is so for nearly every leg, and quickly found."""
        return now < self._calm_until and now - self.incoming.heard < CALM

    def looked_at(self, now: float) -> None:
        """All that was due at this time is done."""
        if self.incoming.detector.down or self._silence.told:
            self._calm_until = now
        else:
            self._calm_until = min(now + CALM, self.rtcp.due_at)

    def silence(self, now: float) -> float | None:
        """Seconds without a packet when that is to be told, at 3 s and at 30 s; else None."""
        if self.remote is None or self.remote.direction not in ("sendrecv", "recvonly"):
            return None
        announced = self.incoming.comfort_noise
        return self._silence.silent(self.incoming.heard, now, announced=announced)

    def resumed(self, now: float) -> bool:
        """Whether packets come again after a silence that was told; true once."""
        return self._silence.resumed(self.incoming.heard, now)

    def shows_life(self) -> bool:
        """Whether a report has come while it is silent, since this was last asked."""
        news = self.rtcp.received != self._reports_seen
        self._reports_seen = self.rtcp.received
        return news and self._silence.told

    def report(self, now: float) -> None:
        """Send an RTCP report, if it is time for one."""
        if self.rtcp.due(now) and self.transport.reachable:
            self.transport.send_rtcp(self.rtcp.report(now))

    def quality(self) -> LegQuality:
        return account(
            self.incoming,
            self.rtcp.view,
            codec=self.remote.codec if self.remote is not None else "PCMU",
            sent=self.sender.sent,
            rejected=self.incoming.rejected + self.transport.strangers,
            packet_ms=self.incoming.packet_ms,
            playing=self._playing(),
        )

    def decoded_through(self, buffer: JitterBuffer) -> None:
        """From now on somebody hears it through this one."""
        self._discarded = self._playing().discarded
        self._buffer = buffer

    def _playing(self) -> Playing:
        if (buffer := self._buffer) is None:
            return Playing()
        discarded = self._discarded + buffer.late + buffer.dropped
        return Playing(discarded, 1000 * buffer.target)

    def _muxed_rtcp(self, data: bytes) -> None:
        self.rtcp.receive(data, time.monotonic())

    def close(self, now: float) -> LegQuality:
        """Say goodbye, and give the port back, even if something here fails."""
        guarded(self._say_goodbye, now)
        self.play = self.over = None
        self.on_rewire = self.on_digit = self.on_barge_in = None
        self.incoming.stop_captures()
        self.transport.close()
        return self.quality()

    def _say_goodbye(self, now: float) -> None:
        if self.transport.reachable:
            self.transport.send_rtcp(self.rtcp.report(now, goodbye=True))
