"""
What the control process tells a media worker, and the words for it.

Frames on the worker's unix socket: a four-byte big-endian length, then one msgpack map. The
control process sends :data:`Command`, the worker sends :data:`.worker_reports.Report`. A leg is one
RTP stream pair on one port; its id is chosen by the control process.
"""

from typing import Literal

import msgspec

Codec = Literal["PCMU", "PCMA"]  # relayed, played and captured as they are
LegCodec = Literal["PCMU", "PCMA", "G722", "OPUS"]  # the others are decoded
LegTransport = Literal["rtp", "web"]  # a port of its own; or a browser, on the worker's one
Direction = Literal["sendrecv", "sendonly", "recvonly", "inactive"]


class Message(msgspec.Struct, frozen=True, kw_only=True, tag_field="type"):
    """What is said either way."""


class OpenLeg(Message, frozen=True, tag="open_leg"):
    """Take a port for this leg; answered by ``LegOpened`` or ``LegRefused``."""

    leg: str
    transport: LegTransport = "rtp"


class SetRemote(Message, frozen=True, tag="set_remote"):
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


class OpenPeer(Message, frozen=True, tag="open_peer"):
    """
    Expect a peer connection of a browser with that certificate; answered by ``PeerOpened``.

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


class RestartIce(Message, frozen=True, tag="restart_ice"):
    """
    New credentials for a peer that goes on otherwise; answered by ``PeerOpened``.

    The old ones are good until the new ones are used.
    """

    leg: str
    peer: int


class CloseLeg(Message, frozen=True, tag="close_leg"):
    """Give the port back; nobody hears it any more; answered by LegClosed."""

    leg: str


class Play(Message, frozen=True, tag="play"):
    """
    Send these files one after another, paced at 20 ms.

    Files hold raw 8 kHz G.711 mu-law; a leg of another codec gets them in its own. A play replaces
    what the leg hears, or with ``over`` is mixed over that; it ends the leg's current one of the
    same kind. ``repeat`` starts over after the last file. ``barge_in``: the first digit stops it.
    ``private`` files are personal: the worker keeps nothing of them when they have been played.
    Answered by ``PlayEnded``, always once.
    """

    leg: str
    play: int
    files: list[str]
    repeat: bool = False
    barge_in: bool = False
    over: bool = False
    private: bool = False


class StopPlay(Message, frozen=True, tag="stop_play"):
    leg: str
    play: int


class SendDigits(Message, frozen=True, tag="send_digits"):
    """Send RFC 4733 events: each ``duration_ms`` long, ``gap_ms`` between them."""

    leg: str
    digits: str
    duration_ms: int = 100
    gap_ms: int = 80


class Connect(Message, frozen=True, tag="connect"):
    """
    From now on each of these legs hears exactly those; other legs go on as they are.

    One source in a common codec, with nothing mixed over it, is relayed; everything else is decoded
    and mixed, for as long as it has to be. Plays that replace what a leg hears end on those that
    are to hear somebody. A leg that is not there (any more) is not heard, and hears nobody.
    """

    hears: dict[str, list[str]]


class Mute(Message, frozen=True, tag="mute"):
    """What this leg says is silence for those who hear it and for its captures; keys still pass."""

    leg: str
    on: bool


class Mask(Message, frozen=True, tag="mask"):
    """The captures of this leg are silence, while something is said that must not be recorded."""

    leg: str
    on: bool


class Listen(Message, frozen=True, tag="listen"):
    """
    Wait for this leg to say something; answered by ``SpeechBegun`` and then ``SpeechEnded``.

    Its beginning stops a play with ``barge_in``, as a key does; ``silence_ms`` without speech end
    it, and ``longest_ms`` do in any case. A leg is listened to once at a time: a later one takes
    the place of an earlier one, which is not answered any more. What is masked is not heard.
    """

    leg: str
    listening: int
    silence_ms: int = 800
    longest_ms: int = 8000


class StopListening(Message, frozen=True, tag="stop_listening"):
    """Forget what was said, unless it is told already."""

    leg: str
    listening: int


class StartCapture(Message, frozen=True, tag="start_capture"):
    """
    Write what each of the two legs sends to ``folder`` (see :mod:`recording.capture`).

    Both files start at the same moment, so equal positions are equal times. One of the two may be
    left out: nothing of what it sends is written. ``speech``: what of the first one's is speech is
    told by ``CaptureHeard`` as it grows. ``told``: there is a caller alone, and what the caller is
    played is written as the other side.
    """

    capture: str
    folder: str
    caller: str | None
    agent: str | None = None
    speech: bool = False
    told: bool = False


class StopCapture(Message, frozen=True, tag="stop_capture"):
    """Close the files; answered by ``CaptureClosed``. Closing both legs does the same."""

    capture: str


class GetStatistics(Message, frozen=True, tag="get_statistics"):
    """Answered by ``WorkerStatistics``."""


class WatchLevels(Message, frozen=True, tag="watch_levels"):
    """
    Tell by ``LevelsHeard`` how loud every leg is, for so many seconds from now on; zero: no more.

    Said again in time, it goes on. Whoever says it for the first time is told of every leg.
    """

    seconds: float


class Shutdown(Message, frozen=True, tag="shutdown"):
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
    | Listen
    | StopListening
    | StartCapture
    | StopCapture
    | GetStatistics
    | WatchLevels
    | Shutdown
)
