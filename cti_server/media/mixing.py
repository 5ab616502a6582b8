"""
What can't be relayed: decoded, mixed and encoded, for all legs of a worker once in a tick.

A leg that is listened to is tapped, not diverted: its own relay goes on as it was.
"""

from collections.abc import Callable, Sequence
from itertools import groupby

import numpy as np

from .codecs import clock_rate, encode_frames, make_decoder
from .frame_source import SILENCE, FrameSource, Samples
from .g711 import is_law, law
from .incoming import Arrival
from .leg import Leg
from .mixer import Frames, Mixer
from .packetiser import Packetiser
from .packets import guarded
from .play import PlayInProgress
from .protocol import Codec, LegCodec
from .rtp import CLOCK_RATE, COMFORT_NOISE, TICK_SAMPLES

OnEnded = Callable[[Leg, PlayInProgress], None]


class _Heard:
    """A leg that is listened to."""

    def __init__(self, leg: Leg, codec: LegCodec, payload_type: int) -> None:
        self.leg = leg
        self.frame: Samples = SILENCE
        self._codec = codec
        self._payload_type = payload_type
        self._arrivals: list[Arrival | None] = []
        self._source = FrameSource(codec, expected_jitter=2 * leg.incoming.jitter)
        leg.decoded_through(self._source.buffer)
        leg.incoming.listen_in(self._arrivals)

    def pull(self, now: float) -> None:
        self.frame = SILENCE
        source, arrivals = self._source, self._arrivals[:]
        self._arrivals.clear()
        for arrival in arrivals:
            if arrival is None:
                source.restart()
                continue
            payload_type, seq, timestamp, payload, at = arrival
            if payload_type == self._payload_type:
                source.put(seq, timestamp, payload, at)
            elif payload_type == COMFORT_NOISE:
                source.put_noise(seq, timestamp, payload, at)
            else:
                source.skip(seq)
        frame = source.frame(now)
        if not self.leg.incoming.muted:
            self.frame = frame

    def understands(self, leg: Leg) -> bool:
        """Whether the leg still speaks as it did."""
        remote = leg.remote
        return remote is not None and (remote.codec, remote.payload_type) == (
            self._codec,
            self._payload_type,
        )

    def close(self) -> None:
        self.leg.incoming.listen_in(None)


class _Played:
    """A play that one leg gets, by itself or over what it hears."""

    def __init__(self, leg: Leg, play: PlayInProgress, codec: Codec) -> None:
        self.leg = leg
        self.play = play
        self.frame: Samples = SILENCE
        self.ended = False
        self._codec = codec
        self._decoder = make_decoder(codec)

    def pull(self, now: float) -> None:
        self.frame = SILENCE
        payload = self.play.next(self._codec)
        self.ended = payload is None
        if payload is not None and (samples := self._decoder.decode(payload)) is not None:
            self.frame = samples
            self.leg.record_play(samples, now, over=self.play.over)


_Source = _Heard | _Played


class _Ear:
    """A leg that is mixed for; ``shape`` is what decides on what it gets."""

    def __init__(self, leg: Leg, codec: LegCodec, ptime_ms: int, shape: tuple[object, ...]) -> None:
        self.leg = leg
        self.codec = codec
        self.shape = shape
        # The ordinary case, 20 ms of G.711, is encoded for all of them at once.
        self.law = law(codec) if is_law(codec) and ptime_ms == 20 else None
        self._packetiser = Packetiser(codec, ptime_ms)
        self._size = self._packetiser.ticks * CLOCK_RATE // clock_rate(codec)
        self._held = 0  # samples that wait for a packet to be full
        self._begun = False

    def send(self, payload: bytes, now: float) -> None:
        self._begin(now)
        self.leg.sender.send_audio(payload)

    def send_frame(self, frame: Samples, now: float) -> None:
        self._begin(now)
        self._held = (self._held + len(frame)) % self._size
        ticks = self._packetiser.ticks
        for payload in self._packetiser.put(frame):
            self.leg.sender.send_payload(payload, ticks)

    def finish(self, now: float) -> None:
        """All that was played to it has ended: what is left goes out, filled up with silence."""
        while self._held:
            self.send_frame(SILENCE, now)

    def _begin(self, now: float) -> None:
        if not self._begun:
            self._begun = True
            self.leg.sender.resume(now)


class Mixing:
    """Who is mixed for, and who is listened to therefore. ``on_ended`` is told of plays."""

    def __init__(self, on_ended: OnEnded) -> None:
        self._on_ended = on_ended
        self._ears: dict[Leg, _Ear] = {}
        self._hears: dict[Leg, Sequence[Leg]] = {}
        self._heard: dict[Leg, _Heard] = {}
        self._plan: _Plan | None = None

    def arrange(self, leg: Leg, sources: Sequence[Leg] | None) -> None:
        """Mix these for the leg, and its plays, from now on; None: it is not mixed for."""
        if sources is None or leg.remote is None:
            leg.mixed = False
            if self._ears.pop(leg, None) is not None:
                del self._hears[leg]
                self._plan = None
            return
        leg.mixed = True
        remote = leg.remote
        streams = tuple(
            (one, one.remote.codec, one.remote.payload_type) for one in sources if one.remote
        )
        shape = (remote.codec, remote.ptime_ms, streams, tuple(leg.plays))
        ear = self._ears.get(leg)
        if ear is None or ear.shape[:2] != shape[:2]:
            self._ears[leg] = _Ear(leg, remote.codec, remote.ptime_ms, shape)
        elif ear.shape == shape:
            return
        else:
            ear.shape = shape
        self._hears[leg] = sources
        self._plan = None

    def tick(self, now: float) -> None:
        """20 ms of everything, due at ``now``."""
        if self._plan is None:
            self._plan = self._new_plan()
        if self._plan.ears:
            for play in self._plan.carry_out(now):
                self._on_ended(play.leg, play.play)

    def _new_plan(self) -> "_Plan":
        self._tap()
        ears = sorted(self._ears.values(), key=lambda ear: ear.law or "")
        return _Plan([(ear, self._sources(ear)) for ear in ears])

    def _sources(self, ear: _Ear) -> "list[_Source]":
        leg = ear.leg
        heard: list[_Source] = [self._heard[one] for one in self._hears[leg] if one in self._heard]
        return heard + [_Played(leg, play, law(ear.codec)) for play in leg.plays]

    def _tap(self) -> None:
        """Listen in on those that somebody is to hear, and on nobody else."""
        wanted = {leg: None for heard in self._hears.values() for leg in heard}
        for leg, heard in list(self._heard.items()):
            if leg not in wanted or not heard.understands(leg):
                heard.close()
                del self._heard[leg]
        for leg in wanted:
            if leg not in self._heard and leg.remote is not None:
                self._heard[leg] = _Heard(leg, leg.remote.codec, leg.remote.payload_type)


class _Plan:
    """One arrangement of sources and ears, until something changes."""

    def __init__(self, arrangement: list[tuple[_Ear, list[_Source]]]) -> None:
        self.ears = [ear for ear, _ in arrangement]
        self._heard = [heard for _, heard in arrangement]
        sources = dict.fromkeys(source for _, heard in arrangement for source in heard)
        names = {source: f"source {number}" for number, source in enumerate(sources)}
        self._mixer = Mixer(
            {
                f"ear {number}": [names[source] for source in heard]
                for number, (_, heard) in enumerate(arrangement)
            }
        )
        self._sources = list(sources)  # in the mixer's order: that of their first mention
        self._frames = np.zeros((len(sources), TICK_SAMPLES), np.int16)

    def carry_out(self, now: float) -> list[_Played]:
        """Send everybody their 20 ms; returns the plays that have come to their end."""
        frames = self._frames
        for row, source in enumerate(self._sources):
            guarded(source.pull, now)
            frames[row] = source.frame
        mixed = self._mixer.mix(frames)
        ended = {one for one in self._sources if isinstance(one, _Played) and one.ended}
        # Who heard nothing else gets no more than what is left.
        lasting = [row for row, heard in enumerate(self._heard) if not ended.issuperset(heard)]
        self._send([self.ears[row] for row in lasting], mixed[lasting], now)
        for row in {*range(len(self.ears))}.difference(lasting):
            guarded(self.ears[row].finish, now)
        return list(ended)

    def _send(self, ears: list[_Ear], mixed: Frames, now: float) -> None:
        at = 0
        for codec, group in groupby(ears, key=lambda ear: ear.law):
            alike = list(group)
            frames = mixed[at : at + len(alike)]
            at += len(alike)
            if codec is None:
                for ear, frame in zip(alike, frames, strict=True):
                    guarded(ear.send_frame, frame, now)
            else:
                for ear, payload in zip(alike, encode_frames(frames, codec), strict=True):
                    guarded(ear.send, payload, now)
