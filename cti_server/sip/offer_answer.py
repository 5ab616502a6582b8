"""Offer and answer for one audio stream of G.711 with telephone-events (RFC 3264, 4733, 3551)."""

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


def make_offer(local: LocalMedia, direction: str = "sendrecv") -> Sdp:
    """Offer all our codecs, the preferred one first."""
    payloads = [(codec, _STATIC_PAYLOADS[codec]) for codec in local.codecs]
    events = _OUR_EVENT_PAYLOAD if local.telephone_event else None
    return _describe(local, (_audio(local, payloads, events, direction),))


def answer_offer(offer: Sdp, local: LocalMedia) -> tuple[Sdp, AudioAgreement]:
    """
    Take the first audio stream that fits, by the offerer's preference; refuse all the others.

    Raises NoCommonCodec if none fits.
    """
    for at, media in enumerate(offer.media):
        match = _match(media, local.codecs)
        if match is None or not offer.host_of(media):
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
        if ours.kind != "audio" or ours.rejected or theirs.rejected:
            continue
        match = _match(theirs, _codecs_of(ours))
        if match is None or not answer.host_of(theirs):
            continue
        direction = _narrowed(_our_direction(answer, theirs), offer.direction_of(ours))
        events = match.event_payload if _match_events(ours) is not None else None
        return _agree(answer, theirs, match, events, direction)
    raise NoCommonCodec("the audio stream was refused")


def _match(media: MediaDescription, codecs: tuple[str, ...]) -> _Match | None:
    """The first codec of theirs that is ours as well; None if the stream cannot be used."""
    if media.kind != "audio" or media.rejected or media.protocol.upper() not in _PROTOCOLS:
        return None
    for payload in media.formats:
        codec = _codec(media, payload)
        if codec in codecs:
            return _Match(codec, int(payload), _match_events(media))
    return None


def _codec(media: MediaDescription, payload: str) -> str:
    """Its name in capitals, "" if it is none at 8 kHz with one channel."""
    if not _is_payload(payload):
        return ""
    rtpmap = media.rtpmap(payload)
    if rtpmap is None:
        return _STATIC_CODECS.get(payload, "")
    name, _, rate = rtpmap.upper().partition("/")
    return name if rate in ("8000", "8000/1") else ""


def _match_events(media: MediaDescription) -> int | None:
    """The payload type of the events at the codec's own clock (RFC 4733 §2.1: 8000 here)."""
    for payload in media.formats:
        if _codec(media, payload) == "TELEPHONE-EVENT":
            return int(payload)
    return None


def _codecs_of(media: MediaDescription) -> tuple[str, ...]:
    return tuple(
        codec for payload in media.formats if (codec := _codec(media, payload)) in _STATIC_PAYLOADS
    )


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
