"""
Offer and answer for one audio stream with telephone-events (RFC 3264, 4733, 3551, 7587).

G.711 is relayed from leg to leg as it comes; what has to be decoded for that is the second choice.
"""

import ipaddress
from dataclasses import dataclass, replace

from .audio_payloads import CODECS, PayloadTypes, offered_payloads
from .errors import NoCommonCodec, SdpError
from .sdp import Attribute, MediaDescription, Origin, Sdp

__all__ = [
    "AudioAgreement",
    "LocalMedia",
    "NoCommonCodec",
    "SdpError",
    "answer_offer",
    "describe",
    "is_live_audio",
    "is_reachable",
    "is_rtp",
    "make_offer",
    "read_answer",
    "refused",
]

_PROTOCOLS = ("RTP/AVP", "RTP/AVPF")
_HELD_HOSTS = ("0.0.0.0", "::")  # noqa: S104 - hold of RFC 2543, nothing is bound
_MIRRORED = {
    "sendrecv": "sendrecv",
    "sendonly": "recvonly",
    "recvonly": "sendonly",
    "inactive": "inactive",
}
_OUR_PTIME = 20  # milliseconds a packet
_SHORTEST_PTIME, _LONGEST_PTIME = 10, 60  # what is sent and understood here
_EXTENDED_REPORTS: Attribute = ("rtcp-xr", "rcvr-rtt=all voip-metrics")
"""What is asked of the other side's RTCP (RFC 3611 §5.1): many send none unasked."""


@dataclass(frozen=True, slots=True)
class LocalMedia:
    """Our end of the stream. Who changes the description counts ``version`` up."""

    host: str
    port: int
    session_id: int
    version: int = 1
    codecs: tuple[str, ...] = ("PCMU", "PCMA")
    """Of these the offerer's favourite is taken, and they are offered in this order."""
    fallback: tuple[str, ...] = ()
    """Taken where none of ``codecs`` is offered, and offered after them."""
    telephone_event: bool = True
    comfort_noise: bool = False
    """Whether it is offered, and taken from those who offer it, that silence comes as comfort noise
    (RFC 3389)."""


@dataclass(frozen=True, slots=True)
class AudioAgreement:
    """What both sides settled on, seen from our side."""

    host: str
    port: int
    codec: str
    """"PCMU", "PCMA", "G722" or "OPUS"."""
    payload_type: int
    dtmf_payload_type: int | None
    """The number of telephone-events that we send: that of their description."""
    direction: str
    """What we do: "sendrecv", "sendonly", "recvonly" or "inactive"."""
    ptime: int | None = None
    """Milliseconds a packet that the other side asks for, within its maxptime."""
    dtmf_received_as: int | None = None
    """The number of telephone-events that they send: that of our description."""
    dtmf_clock_rate: int = 8000
    comfort_noise: bool = False

    @property
    def ptime_ms(self) -> int:
        """Milliseconds of audio in the packets that we make for them."""
        return min(max(self.ptime or _OUR_PTIME, _SHORTEST_PTIME), _LONGEST_PTIME)


@dataclass(frozen=True, slots=True)
class _Match:
    """What of an m= line can be used."""

    codec: str
    payloads: PayloadTypes


def make_offer(local: LocalMedia, direction: str = "sendrecv", *, after: Sdp | None = None) -> Sdp:
    """
    Offer all our codecs, the preferred one first.

    Within a session ``after`` is our last description: its m= lines keep their places, what was
    refused stays refused (RFC 3264 §8), and what has a payload type keeps it.
    """
    lines = after.media if after is not None else ()
    at = next((i for i, media in enumerate(lines) if is_live_audio(media)), None)
    payloads = offered_payloads(
        (*local.codecs, *local.fallback),
        PayloadTypes({}, {}) if at is None else PayloadTypes.of(lines[at]),
        events=local.telephone_event,
        noise=local.comfort_noise,
    )
    ours = _audio(local, payloads, direction)
    if at is None:
        return _describe(local, (*map(refused, lines), ours))
    return _describe(local, tuple(ours if i == at else refused(m) for i, m in enumerate(lines)))


def answer_offer(offer: Sdp, local: LocalMedia) -> tuple[Sdp, AudioAgreement]:
    """
    Take the first audio stream that fits, by the offerer's preference; refuse all the others.

    Raises NoCommonCodec if none fits.
    """
    for at, media in enumerate(offer.media):
        match = _match(media, local)
        if match is None or not is_reachable(offer.host_of(media), local.host):
            continue
        direction = _our_direction(offer, media)
        payloads = _answered(match, local)
        reports = _asks_for_reports(offer, media)
        ours = _audio(local, payloads, direction, reports=reports)
        answered = tuple(
            replace(ours, protocol=media.protocol) if i == at else refused(m)
            for i, m in enumerate(offer.media)
        )
        return _describe(local, answered), _agree(offer, media, match, payloads, direction)
    raise NoCommonCodec("no audio stream with a codec of ours")


def read_answer(offer: Sdp, answer: Sdp) -> AudioAgreement:
    """
    What our own offer came to. Raises SdpError if the answer does not fit it, NoCommonCodec if it
    refuses the audio.
    """
    if len(answer.media) != len(offer.media):
        raise SdpError("the answer has not as many media as the offer")
    for ours, theirs in zip(offer.media, answer.media, strict=True):
        if ours.kind != theirs.kind:
            raise SdpError("the answer's media are in another order than the offer's")
        if not (is_live_audio(ours) and is_live_audio(theirs)):
            continue
        offered, answered = PayloadTypes.of(ours), PayloadTypes.of(theirs)
        codec = answered.first(offered.codecs)
        if codec is None or not is_rtp(theirs):
            continue
        if not is_reachable(answer.host_of(theirs), offer.host_of(ours) or ""):
            continue
        direction = _narrowed(_our_direction(answer, theirs), offer.direction_of(ours))
        return _agree(answer, theirs, _Match(codec, answered), offered, direction)
    raise NoCommonCodec("the audio stream was refused")


def _match(media: MediaDescription, local: LocalMedia) -> _Match | None:
    """The codec of theirs that suits us best; None if the stream cannot be used."""
    if not is_live_audio(media) or not is_rtp(media):
        return None
    payloads = PayloadTypes.of(media)
    codec = payloads.first(local.codecs) or payloads.first(local.fallback)
    return None if codec is None else _Match(codec, payloads)


def _answered(match: _Match, local: LocalMedia) -> PayloadTypes:
    """Of what they offered, by their own numbers: one codec, and the events that go with it."""
    theirs = match.payloads
    events = theirs.events_for(match.codec) if local.telephone_event else None
    return PayloadTypes(
        {match.codec: theirs.codecs[match.codec]},
        {} if events is None else {events[1]: events[0]},
        theirs.noise if local.comfort_noise and _knows_noise(match.codec) else None,
    )


def _knows_noise(codec: str) -> bool:
    """Whether the codec's clock is that of comfort noise; Opus has its own (RFC 7587 §3.1.3)."""
    return CODECS[codec].clock_rate == 8000


def is_reachable(host: str | None, from_host: str) -> bool:
    """Whether packets can go there: an address of our own family. Names are not looked up."""
    if host is None:
        return False
    try:
        return ipaddress.ip_address(host).version == ipaddress.ip_address(from_host).version
    except ValueError:
        return False


def is_live_audio(media: MediaDescription) -> bool:
    return media.kind == "audio" and not media.rejected


def is_rtp(media: MediaDescription) -> bool:
    return media.protocol.upper() in _PROTOCOLS


def _our_direction(theirs: Sdp, media: MediaDescription) -> str:
    """The mirror of theirs; an address of zeros is the hold of RFC 2543 (RFC 3264 §8.4)."""
    direction = _MIRRORED[theirs.direction_of(media)]
    if theirs.host_of(media) in _HELD_HOSTS:
        return _narrowed(direction, "recvonly")
    return direction


def _narrowed(direction: str, limit: str) -> str:
    sends = direction in ("sendrecv", "sendonly") and limit in ("sendrecv", "sendonly")
    receives = direction in ("sendrecv", "recvonly") and limit in ("sendrecv", "recvonly")
    if sends:
        return "sendrecv" if receives else "sendonly"
    return "recvonly" if receives else "inactive"


def _agree(
    theirs: Sdp, media: MediaDescription, match: _Match, ours: PayloadTypes, direction: str
) -> AudioAgreement:
    """Each side sends by the numbers of the other's description (RFC 3264 §6.1)."""
    events = match.payloads.events_for(match.codec)
    received_as = None if events is None else ours.events.get(events[1])
    sent = events if received_as is not None else None
    return AudioAgreement(
        host=theirs.host_of(media) or "",
        port=media.port,
        codec=match.codec,
        payload_type=match.payloads.codecs[match.codec],
        dtmf_payload_type=None if sent is None else sent[0],
        direction=direction,
        ptime=_ptime(media),
        dtmf_received_as=received_as,
        dtmf_clock_rate=8000 if sent is None else sent[1],
        comfort_noise=None not in (match.payloads.noise, ours.noise) and _knows_noise(match.codec),
    )


def _ptime(media: MediaDescription) -> int | None:
    """What they ask for, and no more than they can take (RFC 8866 §6.4, §6.5)."""
    asked, most = media.ptime, media.maxptime
    if most is not None and most < (asked or _OUR_PTIME):
        return most
    return asked


def describe(host: str, session_id: int, version: int, media: tuple[MediaDescription, ...]) -> Sdp:
    """A description of ours."""
    return Sdp(Origin("-", str(session_id), str(version), host), host=host, media=media)


def _describe(local: LocalMedia, media: tuple[MediaDescription, ...]) -> Sdp:
    return describe(local.host, local.session_id, local.version, media)


def _asks_for_reports(theirs: Sdp, media: MediaDescription) -> bool:
    """Whether they know extended reports, said for the session or for this stream."""
    name, _ = _EXTENDED_REPORTS
    return media.attribute(name) is not None or any(known == name for known, _ in theirs.attributes)


def _audio(
    local: LocalMedia, payloads: PayloadTypes, direction: str, *, reports: bool = True
) -> MediaDescription:
    attributes: list[Attribute] = [
        *payloads.attributes(),
        ("ptime", str(_OUR_PTIME)),
        ("maxptime", str(_LONGEST_PTIME)),
        *([_EXTENDED_REPORTS] if reports else []),
        (direction, None),
    ]
    return MediaDescription(
        "audio", local.port, formats=payloads.formats, attributes=tuple(attributes)
    )


def refused(media: MediaDescription) -> MediaDescription:
    """The same line with port 0 (RFC 3264 §6); one format has to stay."""
    return MediaDescription(media.kind, 0, media.protocol, media.formats[:1])
