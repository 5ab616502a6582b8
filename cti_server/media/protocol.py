"""
What the control process and a media worker say to one another.

Frames on the worker's unix socket: a four-byte big-endian length, then one msgpack map. The
control process sends :data:`Command`, the worker sends :data:`Report`. A leg is one RTP stream
pair on one port; its id is chosen by the control process.
"""

from typing import Literal

import msgspec

Codec = Literal["PCMU", "PCMA"]  # relayed, played and captured as they are
LegCodec = Literal["PCMU", "PCMA", "G722", "OPUS"]  # the others are decoded
LegTransport = Literal["rtp", "web"]  # a port of its own; or a browser, on the worker's one
PeerState = Literal["connected", "interrupted", "gone"]
Direction = Literal["sendrecv", "sendonly", "recvonly", "inactive"]


class _Message(msgspec.Struct, frozen=True, kw_only=True, tag_field="type"):
    pass


# --- commands ---------------------------------------------------------------------------------


class OpenLeg(_Message, frozen=True, tag="open_leg"):
    """Take a port for this leg; answered by :class:`LegOpened` or :class:`LegRefused`."""

    leg: str
    transport: LegTransport = "rtp"


class SetRemote(_Message, frozen=True, tag="set_remote"):
    """
    Where the other side says it is and what it speaks (from its SDP).

    RTP is sent to ``host:port`` until its packets come; then to where these come from (symmetric
    RTP, RFC 4961). Another host has to prove itself before it is believed, see :mod:`.latch`. A
    later SetRemote with another address starts learning anew.
    ``dtmf_payload_type`` is the telephone-event number that we send with, None where the offer has
    none; ``dtmf_received_as`` the one that they send with, where that is another (an offer and its
    answer may number differently, RFC 3264 §6.1), and ``dtmf_clock_rate`` the clock of their
    durations: 48000 beside Opus, if they know of that. ``ptime_ms`` is the length of the packets
    that they want. ``direction`` is ours: "sendonly" means that we send and the other side does
    not. ``tones``: listen for keys in the audio although there is telephone-event.
    ``comfort_noise``: they know payload type 13 (RFC 3389), so a relay passes it on to them.
    """

    leg: str
    host: str
    port: int
    codec: LegCodec
    payload_type: int
    dtmf_payload_type: int | None
    direction: Direction = "sendrecv"
    dtmf_received_as: int | None = None
    ptime_ms: int = 20
    tones: bool = False
    dtmf_clock_rate: int = 8000
    comfort_noise: bool = False


class OpenPeer(_Message, frozen=True, tag="open_peer"):
    """
    Expect a peer connection of a browser with that certificate; answered by :class:`PeerOpened`.

    A leg may have several: after a reload, from another tab. Of those that are connected the newest
    one, whose number is the highest, has the audio, and the older ones are dropped. ``fingerprint``
    is as SDP has it, ``sha-256 AB:…``; the rest as in :class:`SetRemote`. Events are of 8 kHz.
    """

    leg: str
    peer: int
    fingerprint: str
    codec: LegCodec
    payload_type: int
    dtmf_payload_type: int | None
    dtmf_received_as: int | None = None
    ptime_ms: int = 20


class RestartIce(_Message, frozen=True, tag="restart_ice"):
    """
    New credentials for a peer that goes on otherwise; answered by :class:`PeerOpened`.

    The old ones are good until the new ones are used.
    """

    leg: str
    peer: int


class CloseLeg(_Message, frozen=True, tag="close_leg"):
    """Give the port back; nobody hears it any more; answered by LegClosed."""

    leg: str


class Play(_Message, frozen=True, tag="play"):
    """
    Send these files one after another, paced at 20 ms.

    Files hold raw 8 kHz G.711 mu-law; a leg of another codec gets them in its own. A play replaces
    what the leg hears, or with ``over`` is mixed over that; it ends the leg's current one of the
    same kind. ``repeat`` starts over after the last file. ``barge_in``: the first digit stops it.
    Answered by :class:`PlayEnded`, always once.
    """

    leg: str
    play: int
    files: list[str]
    repeat: bool = False
    barge_in: bool = False
    over: bool = False


class StopPlay(_Message, frozen=True, tag="stop_play"):
    leg: str
    play: int


class SendDigits(_Message, frozen=True, tag="send_digits"):
    """Send RFC 4733 events: each ``duration_ms`` long, ``gap_ms`` between them."""

    leg: str
    digits: str
    duration_ms: int = 100
    gap_ms: int = 80


class Connect(_Message, frozen=True, tag="connect"):
    """
    From now on each of these legs hears exactly those; other legs go on as they are.

    One source in a common codec, with nothing mixed over it, is relayed; everything else is decoded
    and mixed, for as long as it has to be. Plays that replace what a leg hears end on those that
    are to hear somebody. A leg that is not there (any more) is not heard, and hears nobody.
    """

    hears: dict[str, list[str]]


class Mute(_Message, frozen=True, tag="mute"):
    """What this leg says is silence for those who hear it and for its captures; keys still pass."""

    leg: str
    on: bool


class Mask(_Message, frozen=True, tag="mask"):
    """The captures of this leg are silence, while something is said that must not be recorded."""

    leg: str
    on: bool


class StartCapture(_Message, frozen=True, tag="start_capture"):
    """
    Write what each of the two legs sends to ``folder`` (see :mod:`recording.capture`).

    Both files start at the same moment, so equal positions are equal times.
    """

    capture: str
    folder: str
    caller: str
    agent: str


class StopCapture(_Message, frozen=True, tag="stop_capture"):
    """Close the files; answered by :class:`CaptureClosed`. Closing both legs does the same."""

    capture: str


class GetStatistics(_Message, frozen=True, tag="get_statistics"):
    """Answered by :class:`WorkerStatistics`."""


class Shutdown(_Message, frozen=True, tag="shutdown"):
    """Close everything and exit with code 0."""


Command = (
    OpenLeg
    | SetRemote
    | OpenPeer
    | RestartIce
    | CloseLeg
    | Play
    | StopPlay
    | SendDigits
    | Connect
    | Mute
    | Mask
    | StartCapture
    | StopCapture
    | GetStatistics
    | Shutdown
)


# --- reports ----------------------------------------------------------------------------------


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


class LegOpened(_Message, frozen=True, tag="leg_opened"):
    leg: str
    port: int


class PeerOpened(_Message, frozen=True, tag="peer_opened"):
    """What the browser is to be told: who we are, and where. ``tcp_port``: ICE-TCP, passive."""

    leg: str
    peer: int
    ufrag: str
    pwd: str
    fingerprint: str
    host: str
    udp_port: int
    tcp_port: int | None


class PeerChanged(_Message, frozen=True, tag="peer_changed"):
    """
    "interrupted": nothing came from it for 3 s; "connected" if it comes again.

    "gone" is the last of a peer: it closed, nothing came for 30 s, a newer one is connected
    (the reason is "replaced" then), or it could not be opened at all.
    """

    leg: str
    peer: int
    state: PeerState
    reason: str = ""


class LegRefused(_Message, frozen=True, tag="leg_refused"):
    """No port is free, or the id is taken."""

    leg: str
    reason: str


class LegClosed(_Message, frozen=True, tag="leg_closed"):
    leg: str
    quality: LegQuality


class PlayEnded(_Message, frozen=True, tag="play_ended"):
    leg: str
    play: int
    outcome: Literal["finished", "interrupted", "stopped", "failed"]


class Digit(_Message, frozen=True, tag="digit"):
    """A key was pressed and released (0-9 * # A-D); by an event, or ``heard`` in the audio."""

    leg: str
    digit: str
    duration_ms: int
    heard: bool = False


class RtpSilent(_Message, frozen=True, tag="rtp_silent"):
    """Nothing came from this leg for ``seconds``, although something should have."""

    leg: str
    seconds: float


class RtpResumed(_Message, frozen=True, tag="rtp_resumed"):
    leg: str


class RtcpHeard(_Message, frozen=True, tag="rtcp_heard"):
    """A report came from a leg that is silent: somebody is there, who says nothing."""

    leg: str


class CaptureClosed(_Message, frozen=True, tag="capture_closed"):
    capture: str
    samples: int  # of the longer channel


class CaptureFailed(_Message, frozen=True, tag="capture_failed"):
    capture: str
    reason: str


class WorkerStatistics(_Message, frozen=True, tag="worker_statistics"):
    legs: int
    captures: int
    late_ticks: int
    packets_received: int
    packets_sent: int
    cpu_seconds: float


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
    | CaptureClosed
    | CaptureFailed
    | WorkerStatistics
)
