"""What a media worker reports: answers to :mod:`.protocol`, and what happens by itself."""

from typing import Literal

import msgspec

from .protocol import Codec, Message

PeerState = Literal["connected", "interrupted", "gone"]


class LegQuality(msgspec.Struct, frozen=True, kw_only=True):
    """
    The worker's account of one leg. None is "not known"; fractions are 0 to 1.

    Loss counts what the sequence numbers show as missing; bursts and gaps are those of RFC 3611
    §4.7.2, ratings and opinions the E-model's (ITU-T G.107).
    """

    packets_received: int = 0
    packets_sent: int = 0
    packets_lost: int = 0
    packets_out_of_order: int = 0
    packets_doubled: int = 0
    packets_discarded: int = 0  # too late for our jitter buffer
    packets_rejected: int = 0  # from strangers, malformed, or of an unknown payload type
    loss: float | None = None  # fraction
    jitter_ms: float = 0.0  # interarrival jitter, RFC 3550 §6.4.1
    burst_density: float | None = None  # fraction lost or discarded within bursts
    burst_ms: float | None = None  # mean length of a burst; 0 if there was none
    gap_density: float | None = None
    gap_ms: float | None = None
    burst_ratio: float | None = None  # BurstR of G.107; 1 where losses are spread by chance
    round_trip_ms: float | None = None  # from RTCP
    rating: float | None = None  # R, 0 to 93.2
    mos: float | None = None
    remote_loss: float | None = None  # fraction of what we sent, by RTCP
    remote_jitter_ms: float | None = None
    remote_discarded: float | None = None  # fraction that came too late there, by RTCP XR
    remote_burst_density: float | None = None
    remote_gap_density: float | None = None
    remote_rating: float | None = None  # the other side's own, by RTCP XR, or else ours of theirs
    remote_mos: float | None = None


class LegOpened(Message, frozen=True, tag="leg_opened"):
    leg: str
    port: int


class PeerOpened(Message, frozen=True, tag="peer_opened"):
    """What the browser is to be told: who we are, and where. ``tcp_port``: ICE-TCP, passive."""

    leg: str
    peer: int
    ufrag: str
    pwd: str
    fingerprint: str
    host: str
    udp_port: int
    tcp_port: int | None


class PeerChanged(Message, frozen=True, tag="peer_changed"):
    """
    "interrupted": nothing came from it for 3 s; "connected" if it comes again.

    "gone" is the last of a peer: it closed, nothing came for 30 s, a newer one is connected
    (the reason is "replaced" then), or it could not be opened at all.
    """

    leg: str
    peer: int
    state: PeerState
    reason: str = ""


class LegRefused(Message, frozen=True, tag="leg_refused"):
    """No port is free, or the id is taken."""

    leg: str
    reason: str


class LegClosed(Message, frozen=True, tag="leg_closed"):
    leg: str
    quality: LegQuality


class PlayEnded(Message, frozen=True, tag="play_ended"):
    leg: str
    play: int
    outcome: Literal["finished", "interrupted", "stopped", "failed"]


class Digit(Message, frozen=True, tag="digit"):
    """A key was pressed and released (0-9 * # A-D); by an event, or ``heard`` in the audio."""

    leg: str
    digit: str
    duration_ms: int
    heard: bool = False


class RtpSilent(Message, frozen=True, tag="rtp_silent"):
    """Nothing came from this leg for ``seconds``, although something should have."""

    leg: str
    seconds: float


class RtpResumed(Message, frozen=True, tag="rtp_resumed"):
    leg: str


class RtcpHeard(Message, frozen=True, tag="rtcp_heard"):
    """A report came from a leg that is silent: somebody is there, who says nothing."""

    leg: str


class CaptureHeard(Message, frozen=True, tag="capture_heard"):
    """
    How far a message has got, in seconds since it began; about once a second and at its end.

    ``spoken``: so much of it is speech; ``spoken_until``: where the latest of that ended.
    """

    capture: str
    seconds: float
    spoken: float
    spoken_until: float


class SpeechBegun(Message, frozen=True, tag="speech_begun"):
    leg: str
    listening: int


class SpeechEnded(Message, frozen=True, tag="speech_ended"):
    """What was said, in G.711 and with a little silence around; it is kept nowhere else."""

    leg: str
    listening: int
    codec: Codec
    audio: bytes


class CaptureClosed(Message, frozen=True, tag="capture_closed"):
    capture: str
    samples: int  # of the longer channel


class CaptureFailed(Message, frozen=True, tag="capture_failed"):
    """``cut_short``: the worker died, and what it wrote until then is in the files."""

    capture: str
    reason: str
    cut_short: bool = False


class WorkerStatistics(Message, frozen=True, tag="worker_statistics"):
    legs: int
    captures: int
    late_ticks: int
    packets_received: int
    packets_sent: int
    cpu_seconds: float


class LegLevel(msgspec.Struct, frozen=True, array_like=True):
    """
    How loud a leg is, in dBFS: the mean power of 0.2 s against the largest sample.

    A sine that is as loud as can be has -3; ``SILENT`` is what has none. None: in a codec that
    would have to be decoded for it.
    """

    said: int | None
    heard: int | None


class LegAccount(msgspec.Struct, frozen=True, array_like=True):
    """How a leg has been so far; as in :class:`LegQuality`."""

    loss: float | None
    jitter_ms: float
    mos: float | None


class LevelsHeard(Message, frozen=True, tag="levels_heard"):
    """Five times a second while somebody watches; only what is another than was told before."""

    levels: dict[str, LegLevel]
    accounts: dict[str, LegAccount]


Report = (
    LegOpened
    | PeerOpened
    | PeerChanged
    | LegRefused
    | LegClosed
    | PlayEnded
    | Digit
    | RtpSilent
    | RtcpHeard
    | RtpResumed
    | CaptureHeard
    | SpeechBegun
    | SpeechEnded
    | CaptureClosed
    | CaptureFailed
    | WorkerStatistics
    | LevelsHeard
)
