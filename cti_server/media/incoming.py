"""
One leg's incoming RTP: what becomes of each packet.

A packet of plain audio in its place is dealt with by the packet loop, which knows the attributes
here; all others come to :meth:`Incoming.receive`. What arrives goes to the capture, to the digit
detector, to who mixes it, and on to the one leg that it is relayed to.
"""

from collections.abc import Callable
from typing import Final

from .capture import Channel
from .codecs import clock_rate, duration
from .digits import EVENT, DigitDetector, Pressed, reclocked
from .g711 import SILENT, is_law, law, translation
from .protocol import LegCodec
from .reception import Place, Reception
from .rtcp import is_rtcp
from .rtp import (
    CLOCK_RATE,
    COMFORT_NOISE,
    HEADER,
    HEADER_SIZE,
    MARKER,
    PACKET_LIMIT,
    TICK_SAMPLES,
    VERSION,
    payload_bounds,
)
from .sender import RtpSender
from .timeline import Timeline

NEVER: Final = -1  # no packet has this head: every one takes the long way

OnKey = Callable[[list[Pressed], bool], None]  # what ended, and whether a key went down
OnRtcp = Callable[[bytes], None]
OnHeard = Callable[[], None]
Arrival = tuple[int, int, int, bytes, float]  # payload type, sequence, timestamp, payload, time


class Incoming(Reception):
    """
    The stream from one leg, and where it goes.

    ``head`` is the first word of a packet that the loop may deal with by itself. A relay keeps the
    sequence and the time line of what it passes on, moved by ``sequence_shift`` and
    ``timestamp_shift``, so loss and order on the way here look the same to the other side.

    ``tap``, where it is a list, gets every packet, for whoever mixes the stream; None in it says
    that another stream begins.

    While nobody hears it, not even a recording, its packets may be read late. Whoever does that has
    ``on_heard`` called before that changes.

    ``channels`` are those of all captures that the leg is in. The loop knows of one only, by
    ``line`` and ``channel``; with more of them every packet takes the long way.
    """

    __slots__ = (
        "_anchored", "_codec", "_events", "_events_clock_rate", "_floor", "_known", "_listened_to",
        "_masked", "_metered", "_muted", "_on_key", "_on_rtcp", "_overheard", "_payload_type",
        "_samples", "_to_codec",
        "channels", "comfort_noise", "detector", "key_relayed", "on_heard", "rejected",
        "reports_here",
    )  # fmt: skip

    channel: Channel | None
    line: Timeline | None
    to: RtpSender | None
    tap: list[Arrival | None] | None

    def __init__(self, on_key: OnKey, on_rtcp: OnRtcp) -> None:
        super().__init__()
        self.head = NEVER
        self.rejected = 0
        self.channels: tuple[Channel, ...] = ()
        self.comfort_noise = False  # the latest packet said: silence from here
        self.detector = DigitDetector()
        self.on_heard: OnHeard | None = None
        self.reports_here = False  # RTCP comes between the packets
        self.key_relayed = False  # something of the key that is down
        self._on_key = on_key
        self._on_rtcp = on_rtcp
        self._codec: LegCodec = "PCMU"
        self._to_codec: LegCodec = "PCMU"
        self._muted = self._masked = False
        self._overheard: list[Arrival | None] | None = None
        self._listened_to = False  # for keys in the audio
        self._metered: list[Arrival | None] | None = None
        self._payload_type = 0
        self._events: tuple[int | None, ...] = ()
        self._events_clock_rate = CLOCK_RATE  # of their durations
        self._known: frozenset[int | None] = frozenset()
        self._anchored = False  # whether the shifts are valid
        self._floor = 0  # late packets below this number are not relayed
        self._samples = TICK_SAMPLES  # in a packet of this sender

    def speaks(
        self,
        codec: LegCodec,
        payload_type: int,
        *events: int | None,
        events_clock_rate: int = CLOCK_RATE,
    ) -> None:
        """What the other side was told to send; ``events`` are numbers of telephone-event."""
        self._codec, self._payload_type = codec, payload_type
        if (rate := clock_rate(codec)) != self.clock_rate:
            self.stop_relay()  # with the numbers of the old clock
            self.change_clock(rate)
            self._samples = rate // 50  # until a packet tells
        self._events = tuple(one for one in events if one not in (None, payload_type))
        self._events_clock_rate = events_clock_rate
        self._known = frozenset({payload_type, COMFORT_NOISE, *self._events})
        for channel in self.channels:
            channel.speaks(codec)
        self._choose_way()

    def capture(self, channel: Channel) -> None:
        """Write to this channel, too, from now on."""
        channel.speaks(self._codec)
        channel.silent = self._muted or self._masked
        self._write_to(*self.channels, channel)

    def stop_capture(self, channel: Channel) -> None:
        """Write to this channel no more; the others go on."""
        self._write_to(*(one for one in self.channels if one is not channel))

    def stop_captures(self) -> None:
        self._write_to()

    @property
    def unheard(self) -> bool:
        """Whether what it says is for nobody, but keys; reports have to be read when they come."""
        silent = self.to is None and self.tap is None and not self.channels
        return silent and not self.reports_here

    def _attend(self) -> None:
        """Its packets are to be read as they come from now on."""
        if (on_heard := self.on_heard) is not None:
            self.on_heard = None
            on_heard()

    def _write_to(self, *channels: Channel) -> None:
        if channels:
            self._attend()
        self.channels = channels
        self.channel = channels[0] if len(channels) == 1 else None
        self.line = self.channel.line if self.channel is not None else None
        self._choose_way()

    def mute(self, on: bool) -> None:
        """Silence in place of what comes, for those who hear it and in the capture."""
        self._muted = on
        self._change_table()
        self._hush()

    def mask(self, on: bool) -> None:
        """Silence in place of what comes, in the capture."""
        self._masked = on
        self._hush()

    def strike(self, timestamp: int, samples: int) -> None:
        """A key sounded in this stretch, which is not to be heard in a recording."""
        for channel in self.channels:
            channel.strike(timestamp, samples)

    @property
    def muted(self) -> bool:
        return self._muted

    @property
    def masked(self) -> bool:
        return self._masked

    def relay(self, to: RtpSender, codec: LegCodec) -> None:
        """Pass everything on to another leg, which speaks ``codec``: the same, or the other law."""
        self.stop_relay()
        self._attend()
        self.to, self._to_codec = to, codec
        self._change_table()
        self._choose_way()

    def listen_in(self, tap: list[Arrival | None] | None) -> None:
        """Hand every packet to who mixes this stream, too, or to nobody."""
        if tap is not None:
            self._attend()
        self.tap = tap if tap is not None else self._overheard
        self._choose_way()

    def overhear(self, on: bool) -> None:
        """Keep what comes for :meth:`overheard`, or not."""
        self._listened_to = on
        self._keep()

    def overheard(self) -> list[Arrival | None]:
        """What came since this was last asked, once in a tick and before the mixing takes it."""
        kept = self._overheard or []
        arrivals = kept + (self.tap or [] if self.tap is not kept else [])
        kept.clear()
        if self._metered is not None:
            self._metered += arrivals
        return arrivals

    def meter(self, on: bool) -> None:
        """Keep what comes for :meth:`metered`, or not."""
        self._metered = [] if on else None
        self._keep()

    @property
    def mixed(self) -> bool:
        """Whether what comes is taken away at each tick, so that the meter has to be before it."""
        return self.tap is not self._overheard

    def gather(self) -> None:
        """Have the meter keep what came, unless :meth:`overheard` was asked and did so."""
        if not self._listened_to:
            self.overheard()

    def metered(self) -> list[Arrival | None]:
        """What came since this was last asked."""
        if not self.mixed:  # else it is gathered at each tick
            self.gather()
        if not (arrivals := self._metered):
            return []
        self._metered = []
        return arrivals

    def _keep(self) -> None:
        on = self._listened_to or self._metered is not None
        if on:
            self._attend()
        if on is (self._overheard is not None):
            return
        mixed = self.mixed
        self._overheard = [] if on else None
        if not mixed:
            self.tap = self._overheard
        self._choose_way()

    def stop_relay(self) -> None:
        """The other leg's numbers go on where the relay left them."""
        if self.to is not None and self._anchored:
            self._settle(self.to, self.next, self.timestamp, self.heard)
        self.to = self.table = None
        self._anchored = False
        self._choose_way()

    @property
    def relayed_timestamp(self) -> int | None:
        """The outgoing timestamp of what was relayed last, at time ``heard``."""
        return self.timestamp + self.timestamp_shift if self._anchored else None

    @property
    def packet_ms(self) -> float:
        """How much audio there is in one of its packets."""
        return 1000 * self._samples / self.clock_rate

    def handle_timer(self, now: float) -> None:
        """Give up on keys whose end was lost."""
        if pressed := self.detector.handle_timer(now):
            self._tell(pressed)

    def accepts(self, packet: bytearray, size: int) -> bool:
        """Whether this is RTP of a payload type that the other side may send."""
        return self._bounds(packet, size) is not None

    def _bounds(self, packet: bytearray, size: int) -> tuple[int, int] | None:
        if size > PACKET_LIMIT or packet[1] & 0x7F not in self._known:
            return None
        return payload_bounds(packet, size)

    def receive(self, packet: bytearray, size: int, now: float) -> bool:
        """Take in any packet; False if it was no RTP of this leg's, and was counted as such."""
        bounds = self._bounds(packet, size)
        head, seq, timestamp, ssrc = HEADER.unpack_from(packet)
        payload_type = head & 0x7F
        if bounds is None:
            if is_rtcp(packet, size):
                self._receive_report(bytes(packet[:size]))
            else:
                self.rejected += 1
            return False
        payload = bytes(packet[bounds[0] : bounds[1]])
        before = self.next, self.timestamp, self.heard
        is_event = payload_type in self._events
        reached = timestamp
        if is_event and len(payload) >= EVENT.size:
            passed = EVENT.unpack_from(payload)[2] * self.clock_rate // self._events_clock_rate
            reached = (timestamp + passed) & 0xFFFFFFFF
        place = self.place(seq, reached, ssrc, now, timed=payload_type == self._payload_type)
        if place is Place.COPY or place is Place.UNPROVEN:
            return True
        if place is Place.FIRST:
            self._begin(before)
            if self.tap is not None:
                self.tap.append(None)
        quiet = payload_type == COMFORT_NOISE
        if self.comfort_noise is not quiet and place is not Place.LATE:
            self.comfort_noise = quiet
            self._choose_way()
        if self.tap is not None:
            self.tap.append((payload_type, seq, timestamp, payload, now))
        if is_event:
            self._receive_event(payload, timestamp, now, marker=bool(head & MARKER))
        elif not quiet:
            self._samples = duration(self._codec, payload)
            self.size = HEADER_SIZE + len(payload)
            for channel in self.channels:
                channel.place(timestamp, payload, now)
        if self.to is not None:
            self._pass_on(self.to, place, head, seq, timestamp, payload, now)
        return True

    def _receive_report(self, data: bytes) -> None:
        self.reports_here = True
        if self.on_heard is None:
            self._on_rtcp(data)
        else:
            self._attend()  # and this one is passed over: it would show a longer way than there is

    def _begin(self, before: tuple[int, int, float]) -> None:
        """Another stream of the same leg; a key that was down in the old one is up."""
        if pressed := self.detector.break_off(self.ssrc):
            self._tell(pressed)
        for channel in self.channels:
            channel.line.restart()
        if self.to is not None and self._anchored:
            self._settle(self.to, *before)
            self._anchored = False

    def _receive_event(self, payload: bytes, timestamp: int, now: float, *, marker: bool) -> None:
        payload = reclocked(payload, self._events_clock_rate, CLOCK_RATE)
        timestamp //= self.clock_rate // CLOCK_RATE
        if self.channels and len(payload) >= EVENT.size:
            # A key is not to be heard in a recording, should the sender let it sound as well.
            samples = EVENT.unpack_from(payload)[2]
            for channel in self.channels:
                channel.mute(timestamp, samples, now)
        was_down = self.detector.down
        pressed = self.detector.receive(payload, timestamp, now, marker=marker)
        self._tell(pressed, down=not was_down and (self.detector.down or bool(pressed)))

    def _tell(self, pressed: list[Pressed], *, down: bool = False) -> None:
        self._on_key(pressed, down)
        if pressed:
            self.key_relayed = False

    def _pass_on(
        self,
        to: RtpSender,
        place: Place,
        head: int,
        seq: int,
        timestamp: int,
        payload: bytes,
        now: float,
    ) -> None:
        """The long way of relaying one packet."""
        out = self._outgoing_type(to, head & 0x7F)
        if out is None:
            if place is not Place.LATE:
                # No hole in what the other side gets: the numbers close up.
                self.sequence_shift -= 1
                self._floor = self.next
            return
        marker = head & MARKER
        if not self._anchored:
            if place is Place.LATE:
                return  # those that came before it were not relayed either
            self._anchor(to, seq, now)
            marker = MARKER if out != COMFORT_NOISE else 0
        if place is Place.LATE and self.next - ((self.next - seq) & 0xFFFF) < self._floor:
            return
        if self.table is not None and head & 0x7F == self._payload_type:
            payload = payload.translate(self.table)
        elif head & 0x7F in self._events:
            self.key_relayed = self.detector.down
            payload = reclocked(payload, self._events_clock_rate, to.dtmf_clock_rate)
        packet = HEADER.pack(
            VERSION | marker | out,
            (seq + self.sequence_shift) & 0xFFFF,
            (timestamp + self.timestamp_shift) & 0xFFFFFFFF,
            to.ssrc,
        )
        if to.send is None:
            return
        try:
            to.send(packet + payload)
        except OSError:
            return  # nobody is there any more, or not yet: RTP goes on regardless
        to.sent += 1
        to.octets += len(packet) + len(payload)

    def _outgoing_type(self, to: RtpSender, payload_type: int) -> int | None:
        """The payload type on the other leg; None for what it has none for."""
        if payload_type == self._payload_type:
            return to.head & 0x7F
        if payload_type == COMFORT_NOISE:
            return COMFORT_NOISE if to.comfort_noise and not self._muted else None
        return to.dtmf_payload_type if payload_type in self._events else None

    def _anchor(self, to: RtpSender, seq: int, now: float) -> None:
        """
        Fix how this stream's numbers become those of the other leg's.

        An event has the time of its beginning, maybe long ago: what counts is how far it has got.
        """
        to.resume(now)
        self.sequence_shift = to.sequence - seq
        self.timestamp_shift = to.timestamp - self.timestamp
        self._floor = self.next - 1
        self._anchored = True
        to.marker_due = False
        self._choose_way()

    def _settle(self, to: RtpSender, following: int, timestamp: int, heard: float) -> None:
        to.settle(
            following + self.sequence_shift,
            timestamp + self.timestamp_shift + self._samples,
            heard + self._samples / self.clock_rate,
        )

    def _choose_way(self) -> None:
        """Whether the loop may deal with this stream's plain packets by itself."""
        plain = (self.to is None or self._anchored) and not self.comfort_noise
        if self.channels and (self.channel is None or not self.channel.plain):
            plain = False
        if self.clock_rate != CLOCK_RATE:
            plain = False
        self.head = VERSION | self._payload_type if plain and self._known else NEVER

    def _change_table(self) -> None:
        """From what comes to what the relay sends."""
        self.table = None
        if self.to is not None and is_law(self._to_codec):
            to = law(self._to_codec)
            self.table = SILENT[to] if self._muted else translation(law(self._codec), to)

    def _hush(self) -> None:
        for channel in self.channels:
            channel.silent = self._muted or self._masked
        self._choose_way()
