"""
What a browser offers and what it is answered (RFC 8829), for one stream of audio. Pure.

Only the grammar of SDP is shared with SIP. The answer leaves out what would only cost: header
extensions, RTCP feedback, comfort noise, and a=ssrc, since a declared SSRC must never change.
"""

from dataclasses import dataclass
from typing import Final, Literal

from ...sip.sdp import MediaDescription, Origin, Sdp, SdpError, format_address
from ..errors import MediaError
from .dtls import Fingerprint

WebCodec = Literal["PCMU", "PCMA", "OPUS"]
Direction = Literal["sendrecv", "sendonly", "recvonly", "inactive"]

_ENCODINGS: Final[dict[WebCodec, str]] = {
    "PCMU": "pcmu/8000",
    "PCMA": "pcma/8000",
    "OPUS": "opus/48000/2",
}
_STATIC: Final[dict[WebCodec, str]] = {"PCMU": "0", "PCMA": "8"}
_EVENTS: Final = "telephone-event/8000"  # Chromium offers it with 48000 as well
_MIRRORED: Final[dict[str, Direction]] = {
    "sendrecv": "sendrecv",
    "sendonly": "recvonly",
    "recvonly": "sendonly",
    "inactive": "inactive",
}
# RFC 8445 §5.1.2.1 and RFC 6544 §4.2: a host candidate, and one over TCP, passive.
_UDP_PRIORITY: Final = (126 << 24) + (65535 << 8) + 255
_TCP_PRIORITY: Final = (90 << 24) + ((4 << 13) + 8191 << 8) + 255

OUR_CODECS: Final[tuple[WebCodec, ...]] = ("PCMU", "PCMA")


class OfferRefused(MediaError):
    """This offer can't become a call; the message says why, for whoever made it."""


@dataclass(frozen=True, slots=True)
class Format:
    """A codec, and the number that both sides send it with."""

    codec: WebCodec
    payload_type: int


@dataclass(frozen=True, slots=True)
class BrowserOffer:
    """The one audio stream that is taken up, of all that was offered."""

    sdp: Sdp
    index: int
    """Which of the m= lines it is."""
    fingerprint: str
    ufrag: str
    format: Format
    dtmf_payload_type: int | None
    """Of telephone-event/8000, for both directions; None if it was not offered."""
    direction: Direction
    """Ours: "sendonly" where the browser only listens."""

    @property
    def audio(self) -> MediaDescription:
        return self.sdp.media[self.index]


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a peer is awaited, and how it gets in: what PeerOpened says."""

    ufrag: str
    pwd: str
    fingerprint: str
    host: str
    udp_port: int
    tcp_port: int | None


def read_offer(text: str, codecs: tuple[WebCodec, ...] = OUR_CODECS) -> BrowserOffer:
    """Choose what is taken up, by our order of codecs; raises OfferRefused."""
    try:
        sdp = Sdp.parse(text.encode(errors="replace"))
    except SdpError as error:
        raise OfferRefused(f"no session description: {error}") from error
    chosen = next(
        (
            (index, format)
            for index, media in enumerate(sdp.media)
            if _is_usable(media) and (format := _choose(media, codecs)) is not None
        ),
        None,
    )
    if chosen is None:
        raise OfferRefused(f"no audio with DTLS-SRTP and any of {', '.join(codecs)} is offered")
    index, format = chosen
    media = sdp.media[index]
    if _attribute(sdp, media, "setup") in ("passive", "holdconn"):
        raise OfferRefused("the browser has to begin the DTLS handshake")
    return BrowserOffer(
        sdp,
        index,
        _fingerprint(sdp, media),
        _needed(sdp, media, "ice-ufrag"),
        format,
        _events(media),
        _MIRRORED[sdp.direction_of(media)],
    )


def build_answer(offer: BrowserOffer, endpoint: Endpoint, session_id: int, version: int) -> str:
    """
    The answer to it: the audio taken up, all else refused (RFC 3264 §6).

    ``session_id`` is that of the peer connection, ``version`` grows with each answer to it.
    """
    sections = [
        _accepted(offer, endpoint) if index == offer.index else _refused(media)
        for index, media in enumerate(offer.sdp.media)
    ]
    attributes: list[tuple[str, str | None]] = [("ice-lite", None)]
    if (group := _bundle(offer)) is not None:
        attributes.append(("group", group))
    origin = Origin("-", str(session_id), str(version), endpoint.host)
    answer = Sdp(origin, attributes=tuple(attributes), media=tuple(sections))
    return bytes(answer).decode()


# --- the offer ------------------------------------------------------------------------------------


def _is_usable(media: MediaDescription) -> bool:
    return (
        media.kind == "audio"
        and not media.rejected
        and media.protocol.upper().endswith(("TLS/RTP/SAVPF", "TLS/RTP/SAVP"))
        and media.attribute("rtcp-mux") is not None
    )


def _choose(media: MediaDescription, codecs: tuple[WebCodec, ...]) -> Format | None:
    maps = _encodings(media)
    for codec in codecs:
        for payload in media.formats:
            name = maps.get(payload)
            static = name is None and _STATIC.get(codec) == payload
            if (static or name == _ENCODINGS[codec]) and (number := _number(payload)) is not None:
                return Format(codec, number)
    return None


def _events(media: MediaDescription) -> int | None:
    maps = _encodings(media)
    for payload in media.formats:
        if maps.get(payload) == _EVENTS:
            return _number(payload)
    return None


def _encodings(media: MediaDescription) -> dict[str, str]:
    """By payload type; one channel goes without saying, though Firefox says it."""
    maps = media.rtpmaps().items()
    return {payload: name.lower().removesuffix("/1") for payload, name in maps}


def _number(payload: str) -> int | None:
    """A payload type that can be told from RTCP on the same port (RFC 5761 §4)."""
    if not (payload.isdigit() and payload.isascii()) or len(payload) > 3:
        return None
    number = int(payload)
    return number if number < 64 or 96 <= number < 128 else None


def _fingerprint(sdp: Sdp, media: MediaDescription) -> str:
    """The first that is of a strong hash (RFC 8122 §5 allows several)."""
    offered = [value for name, value in media.attributes if name == "fingerprint"]
    offered = offered or [value for name, value in sdp.attributes if name == "fingerprint"]
    for value in offered:
        if (fingerprint := Fingerprint.parse(value or "")) is not None:
            return str(fingerprint)
    raise OfferRefused("no usable a=fingerprint")


def _attribute(sdp: Sdp, media: MediaDescription, name: str) -> str | None:
    """Of the media, or else of the session."""
    if (value := media.attribute(name)) is not None:
        return value
    return next((value or "" for known, value in sdp.attributes if known == name), None)


def _needed(sdp: Sdp, media: MediaDescription, name: str) -> str:
    value = _attribute(sdp, media, name)
    if not value:
        raise OfferRefused(f"no a={name}")
    return value


# --- the answer -----------------------------------------------------------------------------------


def _accepted(offer: BrowserOffer, endpoint: Endpoint) -> MediaDescription:
    number = str(offer.format.payload_type)
    formats = [number]
    attributes = [*_mid(offer.audio), *_transport(endpoint), (offer.direction, None)]
    encoding = _ENCODINGS[offer.format.codec]
    name, _, rest = encoding.partition("/")
    written = f"{name if offer.format.codec == 'OPUS' else name.upper()}/{rest}"
    attributes.append(("rtpmap", f"{number} {written}"))
    if offer.dtmf_payload_type is not None:
        events = str(offer.dtmf_payload_type)
        formats.append(events)
        attributes += [("rtpmap", f"{events} {_EVENTS}"), ("fmtp", f"{events} 0-15")]
    attributes += [("ptime", "20"), *_candidates(endpoint)]
    return MediaDescription(
        offer.audio.kind,
        endpoint.udp_port,
        offer.audio.protocol,
        tuple(formats),
        endpoint.host,
        tuple(attributes),
    )


def _refused(media: MediaDescription) -> MediaDescription:
    attributes = (*_mid(media), ("inactive", None))
    return MediaDescription(media.kind, 0, media.protocol, media.formats, None, attributes)


def _mid(media: MediaDescription) -> list[tuple[str, str | None]]:
    mid = media.attribute("mid")
    return [("mid", mid)] if mid else []


def _bundle(offer: BrowserOffer) -> str | None:
    """The group of what is accepted, if it was in one (RFC 9143 §7.3)."""
    mid = offer.audio.attribute("mid")
    for name, value in offer.sdp.attributes:
        words = (value or "").split() if name == "group" else []
        if words[:1] == ["BUNDLE"] and mid in words[1:]:
            return f"BUNDLE {mid}"
    return None


def _transport(endpoint: Endpoint) -> list[tuple[str, str | None]]:
    return [
        ("ice-ufrag", endpoint.ufrag),
        ("ice-pwd", endpoint.pwd),
        ("fingerprint", endpoint.fingerprint),
        ("setup", "passive"),
        ("rtcp-mux", None),
    ]


def _candidates(endpoint: Endpoint) -> list[tuple[str, str | None]]:
    host = format_address(endpoint.host).rpartition(" ")[2]
    lines = [f"1 1 udp {_UDP_PRIORITY} {host} {endpoint.udp_port} typ host"]
    if endpoint.tcp_port is not None:
        tcp = f"2 1 tcp {_TCP_PRIORITY} {host} {endpoint.tcp_port} typ host tcptype passive"
        lines.append(tcp)
    return [*(("candidate", line) for line in lines), ("end-of-candidates", None)]
