"""Offer and answer for one audio stream of G.711 with telephone-events (RFC 3264, 4733, 3551)."""

import ipaddress
from dataclasses import dataclass, replace

from .errors import NoCommonCodec, SdpError
from .sdp import Attribute, MediaDescription, Origin, Sdp

__all__ = [
    "AudioAgreement",
    "LocalMedia",
    "NoCommonCodec",
    "SdpError",
    "answer_offer",
    "make_offer",
    "read_answer",
]

_STATIC_PAYLOADS = {"PCMU": 0, "PCMA": 8}
_STATIC_CODECS = {str(payload): codec for codec, payload in _STATIC_PAYLOADS.items()}
_OUR_EVENT_PAYLOAD = 101
_EVENTS = "0-15"
_PROTOCOLS = ("RTP/AVP", "RTP/AVPF")
_HELD_HOSTS = ("0.0.0.0", "::")  # noqa: S104 - hold of RFC 2543, nothing is bound
_MIRRORED = {
    "sendrecv": "sendrecv",
    "sendonly": "recvonly",
    "recvonly": "sendonly",
    "inactive": "inactive",
}


@dataclass(frozen=True, slots=True)
class LocalMedia:
    """Our end of the stream. Who changes the description counts ``version`` up."""

    host: str
    port: int
    session_id: int
    version: int = 1
    codecs: tuple[str, ...] = ("PCMU", "PCMA")
    telephone_event: bool = True


@dataclass(frozen=True, slots=True)
class AudioAgreement:
    """What both sides settled on, seen from our side."""

    host: str
    port: int
    codec: str
    payload_type: int
    dtmf_payload_type: int | None
    direction: str
    """What we do: "sendrecv", "sendonly", "recvonly" or "inactive"."""
    ptime: int | None = None
    """Milliseconds a packet that the other side asks for."""


@dataclass(frozen=True, slots=True)
class _Match:
    """What of an m= line can be used."""

    codec: str
    payload: int
    event_payload: int | None


def make_offer(local: LocalMedia, direction: str = "sendrecv", *, after: Sdp | None = None) -> Sdp:
    """
    Offer all our codecs, the preferred one first.

    Within a session ``after`` is our last description: its m= lines keep their places, what was
    refused stays refused (RFC 3264 §8), and events keep their payload type.
    """
    payloads = [(codec, _STATIC_PAYLOADS[codec]) for codec in local.codecs]
    lines = after.media if after is not None else ()
    at = next((i for i, media in enumerate(lines) if _is_live_audio(media)), None)
    events = _OUR_EVENT_PAYLOAD if at is None else _events_of(_codecs(lines[at]))
    ours = _audio(
        local,
        payloads,
        (events or _OUR_EVENT_PAYLOAD) if local.telephone_event else None,
        direction,
    )
    if at is None:
        return _describe(local, (*map(_refused, lines), ours))
    return _describe(local, tuple(ours if i == at else _refused(m) for i, m in enumerate(lines)))


def answer_offer(offer: Sdp, local: LocalMedia) -> tuple[Sdp, AudioAgreement]:
    """
    Take the first audio stream that fits, by the offerer's preference; refuse all the others.

    Raises NoCommonCodec if none fits.
    """
    for at, media in enumerate(offer.media):
        match = _match(media, local.codecs)
        if match is None or not _reachable(offer.host_of(media), local.host):
            continue
        direction = _our_direction(offer, media)
        events = match.event_payload if local.telephone_event else None
        ours = _audio(local, [(match.codec, match.payload)], events, direction)
        answered = tuple(
            replace(ours, protocol=media.protocol) if i == at else _refused(m)
            for i, m in enumerate(offer.media)
        )
        return _describe(local, answered), _agree(offer, media, match, events, direction)
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
        if not (_is_live_audio(ours) and _is_live_audio(theirs)):
            continue
        offered = tuple(name for name in _codecs(ours).values() if name in _STATIC_PAYLOADS)
        match = _match(theirs, offered)
        if match is None or not _reachable(answer.host_of(theirs), offer.host_of(ours) or ""):
            continue
        direction = _narrowed(_our_direction(answer, theirs), offer.direction_of(ours))
        events = match.event_payload if _events_of(_codecs(ours)) is not None else None
        return _agree(answer, theirs, match, events, direction)
    raise NoCommonCodec("the audio stream was refused")


def _match(media: MediaDescription, codecs: tuple[str, ...]) -> _Match | None:
    """The first codec of theirs that is ours as well; None if the stream cannot be used."""
    if not _is_live_audio(media) or media.protocol.upper() not in _PROTOCOLS:
        return None
    names = _codecs(media)
    for payload, codec in names.items():
        if codec in codecs:
            return _Match(codec, int(payload), _events_of(names))
    return None


def _codecs(media: MediaDescription) -> dict[str, str]:
    """Payload types and names in the order of preference; only those of 8 kHz and one channel."""
    rtpmaps = media.rtpmaps()
    names: dict[str, str] = {}
    for payload in media.formats:
        if _is_payload(payload):
            name, _, rate = rtpmaps.get(payload, "").upper().partition("/")
            if rate in ("8000", "8000/1"):
                names[payload] = name
            elif not name and payload in _STATIC_CODECS:
                names[payload] = _STATIC_CODECS[payload]
    return names


def _events_of(names: dict[str, str]) -> int | None:
    """The payload type of events at the codec's own clock (RFC 4733 §2.1: 8000 here)."""
    for payload, name in names.items():
        if name == "TELEPHONE-EVENT":
            return int(payload)
    return None


def _reachable(host: str | None, from_host: str) -> bool:
    """Whether packets can go there: an address of our own family. Names are not looked up."""
    if host is None:
        return False
    try:
        return ipaddress.ip_address(host).version == ipaddress.ip_address(from_host).version
    except ValueError:
        return False


def _is_live_audio(media: MediaDescription) -> bool:
    return media.kind == "audio" and not media.rejected


def _is_payload(text: str) -> bool:
    return text.isdigit() and text.isascii() and len(text) <= 3 and int(text) <= 127


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
    theirs: Sdp, media: MediaDescription, match: _Match, events: int | None, direction: str
) -> AudioAgreement:
    host = theirs.host_of(media) or ""
    return AudioAgreement(
        host, media.port, match.codec, match.payload, events, direction, media.ptime
    )


def _describe(local: LocalMedia, media: tuple[MediaDescription, ...]) -> Sdp:
    origin = Origin("-", str(local.session_id), str(local.version), local.host)
    return Sdp(origin, host=local.host, media=media)


def _audio(
    local: LocalMedia, payloads: list[tuple[str, int]], events: int | None, direction: str
) -> MediaDescription:
    attributes: list[Attribute] = [
        ("rtpmap", f"{payload} {codec}/8000") for codec, payload in payloads
    ]
    formats = [str(payload) for _, payload in payloads]
    if events is not None:
        formats.append(str(events))
        attributes += [
            ("rtpmap", f"{events} telephone-event/8000"),
            ("fmtp", f"{events} {_EVENTS}"),
        ]
    attributes += [("ptime", "20"), (direction, None)]
    return MediaDescription(
        "audio", local.port, formats=tuple(formats), attributes=tuple(attributes)
    )


def _refused(media: MediaDescription) -> MediaDescription:
    """The same line with port 0 (RFC 3264 §6); one format has to stay."""
    return MediaDescription(media.kind, 0, media.protocol, media.formats[:1])
